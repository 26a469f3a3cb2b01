"""What a graph is made of: one step is one file."""
