"""The Model Context Protocol: databases as tools, resources and prompts of any chat client, by stdio or over HTTP."""
