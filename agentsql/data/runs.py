"""Runs of `agentsql run` as a source: their questions, found again in the benchmark they were asked from."""

from __future__ import annotations

from pathlib import Path

from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.questions import Benchmark


def benchmark_of_run(run: Path, benchmark: Path | None, databases: Path | None) -> Benchmark:
    """Read the benchmark of a run.

    Raises:
        UsageError: it is not named, or cannot be read.
    """
    if benchmark is None:
        raise UsageError(
            f"{run} is a run, and says nothing of where its databases lie; name the questions it was asked, "
            "as you did for `agentsql run`, with --benchmark"
        )
    return open_benchmark(benchmark, databases)
