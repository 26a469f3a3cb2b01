"""Questions with their SQL, read one by one from the files and folders that training data is made of."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from agentsql.data.runs import benchmark_of_run
from agentsql.errors import TrainingDataError
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.questions import Question
from agentsql.evaluation.records import TRACES, Record, read_records

_QUESTION_KEYS = ("question", "sql_prompt", "question_text", "instruction")
_SCHEMA_KEYS = ("context", "sql_context", "schema", "schema_sql", "create_table")
_SQL_KEYS = ("answer", "sql", "query", "SQL", "output")
_DB_KEYS = ("db_id", "table_id", "db", "domain")
_ID_KEYS = ("question_id", "id")
_HARDNESS_KEYS = ("hardness", "difficulty", "sql_complexity")
_SHOWN_KEYS = 12


@dataclass(frozen=True, slots=True)
class Sample:
    """A question, SQL that answers it, and where that can be run."""

    id: str
    db_id: str
    question: str
    gold: str
    database: str = ""
    """Path or URL; empty where there is no more than `schema_sql`."""
    schema_sql: str = ""
    """CREATE TABLE statements, perhaps with INSERTs."""
    evidence: str = ""
    hardness: str = ""
    source: str = ""
    """Name of the file or run."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A question that no row was made of."""

    reason: str
    """The same for all that are left out for the same reason; they are counted by it."""
    id: str
    question: str = ""
    detail: str = ""
    source: str = ""


def read_samples(
    path: Path, databases: Path | None = None, *, benchmark: Path | None = None
) -> Iterator[Sample | Dropped]:
    """Yield what a file, a folder or a run holds, in its order; an entry without question or SQL is a `Dropped`.

    JSON, JSON lines (also with `.gz`) and Parquet with a question, its SQL and CREATE TABLE statements; a folder saved
    by Hugging Face `datasets`; a run's folder; and every layout that `agentsql run` takes.

    Args:
        databases: the folder of databases, where it does not lie where the layout has it.
        benchmark: the questions that a run was asked.

    Raises:
        TrainingDataError: it cannot be read, or its layout is not known.
        UsageError: of `open_benchmark`.
    """
    path = path.expanduser()
    if (path / TRACES).is_file() or path.name == TRACES:
        yield from _of_run(path / TRACES if path.is_dir() else path, databases, benchmark)
        return
    if path.is_dir() and not _is_dataset(path):
        yield from _of_benchmark(path, databases)
        return
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        raise TrainingDataError(f"{path} holds no row; is it the right file?")
    if _text(first, _SCHEMA_KEYS):
        yield from (_sample(row, number, path.name) for number, row in enumerate(chain([first], rows)))
    elif path.suffix == ".gz" or path.suffix == ".parquet" or path.is_dir():
        raise TrainingDataError(
            f"{path} is of no known layout: its first row has {', '.join(list(first)[:_SHOWN_KEYS])}; "
            "rename the keys to `question`, `schema` (CREATE TABLE statements) and `sql`"
        )
    else:
        yield from _of_benchmark(path, databases)


def _is_dataset(path: Path) -> bool:
    return (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file()


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        if path.is_dir():
            from agentsql.data.hub import read_dataset

            yield from read_dataset(path)
        elif path.suffix == ".parquet":
            from agentsql.data.hub import read_parquet

            yield from read_parquet(path)
        else:
            with _opened(path) as file:
                yield from _json_rows(file, path)
    except (OSError, EOFError) as exc:
        raise TrainingDataError(
            f"{path} cannot be read: {getattr(exc, 'strerror', None) or exc}; is it whole?"
        ) from exc


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace")
    return path.open(encoding="utf-8-sig", errors="replace")


def _json_rows(file: TextIO, path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of JSON lines as they are read, or those of a JSON array, which is read whole."""
    first = file.readline()
    try:
        if first.lstrip().startswith("["):
            found = json.loads(first + file.read())
            yield from (_object(one, f"entry {number}", path) for number, one in enumerate(found, 1))
            return
        for number, line in enumerate(chain([first], file), 1):
            if line.strip():
                yield _object(json.loads(line), f"line {number}", path)
    except ValueError as exc:
        raise TrainingDataError(
            f"{path} is neither a JSON array nor JSON lines: {exc}; give one JSON object a line"
        ) from exc


def _object(found: object, where: str, path: Path) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise TrainingDataError(
            f"{where} of {path} is no JSON object; give one with a question, its schema and its SQL"
        )
    return found


def _sample(row: Mapping[str, Any], number: int, source: str) -> Sample | Dropped:
    question, gold, schema = (_text(row, keys) for keys in (_QUESTION_KEYS, _SQL_KEYS, _SCHEMA_KEYS))
    identity = _text(row, _ID_KEYS) or str(number)
    missing = [name for name, text in (("question", question), ("SQL", gold), ("schema", schema)) if not text.strip()]
    if missing:
        return Dropped(f"no {missing[0]}", identity, question, "", source)
    named = _text(row, _DB_KEYS) if "domain" not in row else ""
    return Sample(
        id=identity,
        db_id=named or f"schema-{hashlib.sha256(schema.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}",
        question=question,
        gold=gold,
        schema_sql=schema,
        evidence=_text(row, ("evidence",)),
        hardness=_text(row, _HARDNESS_KEYS),
        source=source,
    )


def _text(row: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Give the text, or number as text, under the first of the keys that has one."""
    for key in keys:
        value = row.get(key)
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return str(value)
    return ""


def _of_benchmark(path: Path, databases: Path | None) -> Iterator[Sample | Dropped]:
    yield from (_of_question(one, path.name) for one in open_benchmark(path, databases).questions)


def _of_question(question: Question, source: str) -> Sample | Dropped:
    gold = next((one for one in question.golds if one.strip()), "")
    if not gold:
        return Dropped("no SQL", question.id, question.text, "", source)
    return Sample(
        id=question.id,
        db_id=question.db_id,
        question=question.text,
        gold=gold,
        database=question.database,
        schema_sql=question.schema_sql,
        evidence=question.evidence,
        hardness=question.hardness,
        source=source,
    )


def _of_run(traces: Path, databases: Path | None, benchmark: Path | None) -> Iterator[Sample | Dropped]:
    questions = {one.id: one for one in benchmark_of_run(traces.parent, benchmark, databases).questions}
    source = traces.parent.name
    for record in records_of(traces):
        question = questions.get(record.question_id)
        gold = right_sql(record)
        if question is None:
            yield Dropped(
                "not among the questions of the run's benchmark", record.question_id, record.question, "", source
            )
        elif not gold:
            yield Dropped("no SQL that is right", record.question_id, record.question, record.error, source)
        else:
            yield Sample(
                id=record.question_id,
                db_id=record.db_id,
                question=record.question,
                gold=gold,
                database=question.database,
                schema_sql=question.schema_sql,
                evidence=record.evidence,
                hardness=record.hardness,
                source=source,
            )


def records_of(traces: Path) -> Iterator[Record]:
    """Yield the records of a run.

    Raises:
        TrainingDataError: the file cannot be read, or a line of it is no record.
    """
    try:
        yield from read_records(traces)
    except (OSError, ValueError) as exc:
        raise TrainingDataError(f"{traces} cannot be read: {exc}; give the folder of a run of `agentsql run`") from exc


def right_sql(record: Record) -> str:
    """Give the run's own SQL where it is right, else a gold; empty if neither is known."""
    if record.correct and record.sql.strip():
        return record.sql
    return next((one for one in record.golds if one.strip()), "")
