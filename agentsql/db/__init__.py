"""One SQL database, read-only: its schema, the text a model reads of it, and how a model's SQL is checked and run."""
