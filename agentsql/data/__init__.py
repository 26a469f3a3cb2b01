"""Training data: prepared from benchmarks, mined from runs, or written by a model."""
