"""Runs and predictions, found with the benchmark they belong to and scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from agentsql.cli.progress import ProgressLine
from agentsql.cli.show import make_console
from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.evaluate import Measures, evaluate
from agentsql.evaluation.predictions import read_predictions
from agentsql.evaluation.questions import Benchmark, Question
from agentsql.evaluation.records import TRACES, Record, read_records
from agentsql.evaluation.saved import FILE, read_evaluation
from agentsql.evaluation.score import Evaluation
from agentsql.evaluation.servers import with_schemas
from agentsql.runs.manifest import questions_hash, read_manifest
from agentsql.runs.shard import part_of, read_shard

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Source:
    """Where a person says that the questions are; a run knows where its own were."""

    questions: Path | None = None
    databases: str = ""
    """A folder, or a URL."""
    benchmark: str = ""


def named_source(questions: Path | None, databases: str, benchmark: str, schemas: str | None) -> Source:
    """Give what a person named; the schemas are those of databases that are named too, as a run's own URL has its."""
    return Source(questions, with_schemas(databases, schemas), benchmark)


def load_run(folder: Path, source: Source, measures: Measures) -> Evaluation:
    """Score a run's folder; questions that it has not answered yet count as wrong.

    Raises:
        UsageError: it is no run's folder, or its questions cannot be found.
    """
    if not (folder / TRACES).is_file():
        raise UsageError(
            f"{str(folder)!r} is no folder of a run: it has no {TRACES}; for a file of SQL use --predictions"
        )
    try:
        records = {record.question_id: record for record in read_records(folder / TRACES)}
    except ValueError as exc:
        raise UsageError(f"{exc}; take the line out, or run again") from exc
    manifest = read_manifest(folder) or {}
    benchmark = _benchmark_of(folder, manifest, source)
    asked = _asked(folder, benchmark, manifest, records)
    with _progress(folder.resolve().name) as say:
        return evaluate(
            benchmark, records, name=folder.resolve().name, questions=asked, run=manifest, measures=measures, say=say
        )


def load_predictions(path: Path, source: Source, measures: Measures) -> Evaluation:
    """Score a file of SQL; every question of the benchmark without a prediction counts as wrong.

    Raises:
        UsageError: a file cannot be read, or the predictions are of other questions.
    """
    if source.questions is None:
        raise UsageError("predictions need their questions: name the benchmark's file by --questions")
    if not path.is_file():
        raise UsageError(f"there is no file of predictions {str(path)!r}")
    benchmark = open_benchmark(source.questions, source.databases or None, source.benchmark)
    records = read_predictions(path, benchmark.questions)
    known = {question.id for question in benchmark.questions}
    other = [name for name in records if name not in known]
    if records and len(other) == len(records):
        raise UsageError(
            f"no prediction of {str(path)!r} is for a question of {source.questions}: it has {_some(other)}"
        )
    if other:
        typer.echo(f"{len(other)} predictions are for no question of {source.questions}: {_some(other)}", err=True)
    with _progress(path.name) as say:
        return evaluate(benchmark, records, name=path.stem, measures=measures, say=say)


def load_evaluation(path: Path, source: Source) -> Evaluation:
    """Read an evaluation that is newer than its run; make it otherwise.

    Raises:
        UsageError: there is neither.
    """
    if path.is_file():
        return read_evaluation(path)
    made, traces = path / FILE, path / TRACES
    is_fresh = made.is_file() and not (traces.is_file() and traces.stat().st_mtime > made.stat().st_mtime)
    if is_fresh and source == Source():
        return read_evaluation(made)
    return load_run(path, source, Measures(explain=False))


def _benchmark_of(folder: Path, manifest: Mapping[str, Any], source: Source) -> Benchmark:
    told = manifest.get("source") or {}
    questions = source.questions or (Path(told["questions"]) if told.get("questions") else None)
    if questions is None:
        raise UsageError(f"the run in {str(folder)!r} does not say where its questions are; name them by --questions")
    databases = source.databases or (told.get("databases") or "" if source.questions is None else "")
    return open_benchmark(questions, databases or None, source.benchmark or told.get("benchmark") or "")


def _asked(
    folder: Path, benchmark: Benchmark, manifest: Mapping[str, Any], records: Mapping[str, Record]
) -> Sequence[Question]:
    """Give the questions that a run was to answer; by its records, where its manifest is of other questions."""
    told = manifest.get("questions") or {}
    if "sha256" in told:
        for questions in _parts(benchmark.questions, int(told["count"]), str(told["shard"])):
            if questions_hash(questions) == told["sha256"]:
                return questions
    answered = [question for question in benchmark.questions if question.id in records]
    if not answered:
        raise UsageError(f"the run in {str(folder)!r} has no question of this file: it has {_some(list(records))}")
    if told:
        count = told.get("count")
        typer.echo(f"{folder} was made of other questions; of its {count} these {len(answered)} are scored", err=True)
    return answered


def _parts(questions: Sequence[Question], count: int, shard: str) -> Iterator[tuple[Question, ...]]:
    """Yield the parts that a run of that many questions may have been of: of all, or of the first so many."""
    part = read_shard(shard)
    limits = range(max(1, (count - 1) * part.of), min(len(questions), (count + 1) * part.of) + 1)
    for limit in dict.fromkeys((len(questions), *limits)):
        found = part_of(questions[:limit], part)
        if len(found) == count:
            yield found


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int], None]]:
    with ProgressLine(make_console(stderr=True)) as progress:
        yield lambda done, total: progress.say(f"{name}: {done:,} of {total:,} questions scored")
