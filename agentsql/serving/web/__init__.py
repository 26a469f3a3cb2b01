"""The web page: a chat for people, of files that are all in this package."""
