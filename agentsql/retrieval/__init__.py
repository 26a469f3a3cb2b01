"""Solved questions: kept in a store, found by similarity, chosen for a prompt."""
