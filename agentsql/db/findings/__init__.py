"""What a query that runs shows of being wrong: a function for each kind of finding, each with a measured precision."""
