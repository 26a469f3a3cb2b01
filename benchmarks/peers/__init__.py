"""Asks other text-to-SQL systems the same questions of the same model, and scores them from outside."""
