"""Answers many questions, and goes on where it was interrupted."""
