"""Runs of `agentsql run` as a source: their records, with the benchmark they were asked from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentsql.errors import TrainingDataError, UsageError
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.questions import Benchmark
from agentsql.evaluation.records import TRACES, Record, read_records
from agentsql.runs.manifest import read_manifest


@dataclass(frozen=True, slots=True)
class QuestionsOf:
    """Where the questions of a run are, as `open_benchmark` takes it, where the run itself does not say or is wrong."""

    questions: Path | None = None
    databases: Path | None = None
    benchmark: str = ""


def is_run(path: Path) -> bool:
    """True for a run's folder, and for its file of records."""
    return (path / TRACES).is_file() or path.name == TRACES


def records_of(run: Path) -> Iterator[Record]:
    """Yield the records of a run.

    Raises:
        TrainingDataError: they cannot be read.
    """
    traces = run / TRACES if run.is_dir() else run
    try:
        yield from read_records(traces)
    except (OSError, ValueError) as exc:
        raise TrainingDataError(f"{traces} cannot be read: {exc}; give the folder of a run of `agentsql run`") from exc


def graph_of(runs: Sequence[Path]) -> str:
    """Give the name of the graph that runs were made with; empty if they do not say.

    Raises:
        UsageError: they were made with different ones.
    """
    told = [(read_manifest(run if run.is_dir() else run.parent) or {}).get("graph") or {} for run in runs]
    names = {str(one["name"]) for one in told if one.get("name")}
    if len(names) > 1:
        raise UsageError(
            f"the runs were made with the graphs {', '.join(sorted(names))}; say by --graph whose prompts to take"
        )
    return names.pop() if names else ""


def benchmark_of_run(run: Path, given: QuestionsOf) -> Benchmark:
    """Read the benchmark that a run was asked from.

    Raises:
        UsageError: nobody says which, or it cannot be read.
    """
    folder = run if run.is_dir() else run.parent
    told = (read_manifest(folder) or {}).get("source") or {}
    questions = given.questions or (Path(told["questions"]) if told.get("questions") else None)
    if questions is None:
        raise UsageError(f"the run in {str(folder)!r} does not say where its questions are; name them by --questions")
    databases = given.databases
    if databases is None and given.questions is None and told.get("databases"):
        databases = Path(told["databases"])
    return open_benchmark(questions, databases, given.benchmark or told.get("benchmark") or "")
