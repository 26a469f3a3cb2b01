"""Questions with their SQL, read one by one from the files and folders that training data is made of."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from agentsql.data.hub import hub_dataset, read_dataset, read_hub, read_parquet
from agentsql.data.runs import QuestionsOf, benchmark_of_run, is_run, records_of
from agentsql.errors import TrainingDataError
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.benchmarks.places import database_path
from agentsql.evaluation.questions import Question

_QUESTION_KEYS = ("question", "sql_prompt", "question_text", "instruction")
_SCHEMA_KEYS = ("context", "sql_context", "schema", "schema_sql", "create_table")
_SQL_KEYS = ("answer", "sql", "query", "SQL", "output", "gold")
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


def read_samples(path: Path, given: QuestionsOf | None = None) -> Iterator[Sample | Dropped]:
    """Yield what a file, a folder or a run holds, in its order; an entry without question or SQL is a `Dropped`.

    JSON, JSON lines (also with `.gz`) and Parquet with a question, its SQL and CREATE TABLE statements; a folder saved
    by Hugging Face `datasets`, or of Parquet files; a dataset on the hub; a run's folder; and every layout that
    `agentsql run` takes. A question that has both a schema and a `db_id` is asked of that database, where it is in the
    folder given.

    Args:
        path: of a file or folder; or `hf:OWNER/NAME[@REVISION][:SPLIT]`, a dataset on the hub.
        given: the folder of databases, where it does not lie where the layout has it; the questions of a run.

    Raises:
        TrainingDataError: it cannot be read, or its layout is not known.
        UsageError: of `open_benchmark`.
    """
    given = given or QuestionsOf()
    if hub := hub_dataset(path):
        rows, source = read_hub(hub), hub.name
    else:
        path = path.expanduser()
        if is_run(path):
            yield from _of_run(path, given)
            return
        if path.is_dir() and not _is_dataset(path) and not _parquet_files(path):
            yield from _of_benchmark(path, given)
            return
        rows, source = _rows(path), path.name
    first = next(rows, None)
    if first is None:
        raise TrainingDataError(f"{path} holds no row; is it the right one?")
    is_table = hub is not None or path.is_dir() or path.suffix in (".gz", ".parquet")
    if _text(first, _SCHEMA_KEYS) or (is_table and given.databases and _text(first, _DB_KEYS)):
        for number, row in enumerate(chain([first], rows)):
            yield _sample(row, number, source, given.databases)
    elif is_table:
        raise TrainingDataError(
            f"{path} is of no known layout: its first row has {', '.join(list(first)[:_SHOWN_KEYS])}; "
            "rename the keys to `question`, `schema` (CREATE TABLE statements) and `sql`, or name the folder of its "
            "databases by --databases if it has a `db_id`"
        )
    else:
        yield from _of_benchmark(path, given)


def _is_dataset(path: Path) -> bool:
    return (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file()


def _parquet_files(folder: Path) -> list[Path]:
    """Give the Parquet files of a folder that was fetched from the hub, in order; none if it is another kind of folder.

    Benchmarks keep their questions in JSON files; a dataset may have its description in one.
    """
    if any(one.name != "dataset_infos.json" for one in folder.glob("*.json")):
        return []
    found = (
        one for one in folder.rglob("*.parquet") if not any(part[0] == "." for part in one.parts[len(folder.parts) :])
    )
    return sorted(found)


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        if path.is_dir() and _is_dataset(path):
            yield from read_dataset(path)
        elif path.is_dir() or path.suffix == ".parquet":
            for one in _parquet_files(path) if path.is_dir() else (path,):
                yield from read_parquet(one)
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


def _sample(row: Mapping[str, Any], number: int, source: str, databases: Path | None) -> Sample | Dropped:
    """Give the question of a row, on its database in place of its schema where the folder of databases has that."""
    question, gold, schema = (_text(row, keys) for keys in (_QUESTION_KEYS, _SQL_KEYS, _SCHEMA_KEYS))
    identity = _text(row, _ID_KEYS) or str(number)
    named = _text(row, _DB_KEYS) if "domain" not in row else ""
    database = database_path(databases, named) if databases and named else None
    if database is not None and database.is_file():
        schema = ""
    else:
        database = None
    told = (("question", question), ("SQL", gold), ("schema", schema or str(database or "")))
    if missing := [name for name, text in told if not text.strip()]:
        return Dropped(f"no {missing[0]}", identity, question, "", source)
    return Sample(
        id=identity,
        db_id=named or f"schema-{hashlib.sha256(schema.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}",
        question=question,
        gold=gold,
        database=str(database or ""),
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


def sample_of(question: Question, source: str) -> Sample | Dropped:
    """Give the sample that a benchmark's question makes with the first of its golds."""
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


def _of_benchmark(path: Path, given: QuestionsOf) -> Iterator[Sample | Dropped]:
    for question in open_benchmark(path, given.databases, given.benchmark).questions:
        yield sample_of(question, path.name)


def _of_run(run: Path, given: QuestionsOf) -> Iterator[Sample | Dropped]:
    """Yield the questions of a run with its own SQL where that is right, else with a gold."""
    questions = {one.id: one for one in benchmark_of_run(run, given).questions}
    for record in records_of(run):
        question = questions.get(record.question_id)
        if question is None:
            yield Dropped("not in the run's benchmark", record.question_id, record.question, "", run.name)
        elif record.correct and record.sql.strip():
            yield sample_of(replace(question, golds=(record.sql,)), run.name)
        else:
            yield sample_of(question, run.name)
