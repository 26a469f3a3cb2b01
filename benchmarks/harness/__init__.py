"""What the accuracy benchmark is made of: questions with their rules, recorded completions, lines and tables."""
