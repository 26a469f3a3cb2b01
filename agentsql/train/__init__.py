"""Tunes a small model by a recipe, merges what was tuned, and writes it in the forms that servers read."""
