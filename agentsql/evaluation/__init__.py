"""Benchmarks' own rules for what counts as right."""
