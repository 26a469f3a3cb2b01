"""The routes of agentsql's own HTTP API, one file a concern."""
