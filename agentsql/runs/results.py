"""What a run gives to other programs: a table, and predictions as the benchmarks' own scripts read them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from sqlglot import tokenize
from sqlglot.errors import SqlglotError

from agentsql.evaluation.questions import Question
from agentsql.evaluation.records import Record
from agentsql.runs.files import write_whole

CSV = "results.csv"
FEATHER = "results.json"
SPIDER = "predict.sql"
BIRD = "predict_dev.json"

COLUMNS = (
    "question_id",
    "db_id",
    "status",
    "sql",
    "executable",
    "correct",
    "calls",
    "prompt_tokens",
    "completion_tokens",
    "seconds",
    "path",
    "error",
)
NO_ANSWER = "SELECT 'no answer'"
"""Stands for a missing prediction: an empty line would end a dialogue for the script, and this is never right."""
_BIRD_SEPARATOR = "\t----- bird -----\t"

Lookup = Callable[[Question], Record | None]


def csv_rows(records: Iterable[Record]) -> bytes:
    """Give records as lines of `results.csv`."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for record in records:
        values = (getattr(record, column) for column in COLUMNS)
        rows.writerow("" if value is None else _flag(value) for value in values)
    return _encoded(text.getvalue())


def csv_header() -> bytes:
    """Give the first line of `results.csv`."""
    return _encoded(",".join(COLUMNS) + "\n")


def write_results(folder: Path, questions: Sequence[Question], record_of: Lookup) -> None:
    """Write every file that follows from the records, in the order of `questions`, each in one step.

    Predictions are the SQL of what was answered. The formats are those that these read: `evaluation.py` of
    taoyds/test-suite-sql-eval (commit 893d0df), `evaluation_utils.py` of bird-bench/mini_dev (commit 21eb984).
    """
    write_whole(folder / CSV, _csv(questions, record_of))
    write_whole(folder / FEATHER, _feather(questions, record_of))
    lines = (f"{one_line(_sql(record_of(one))) or NO_ANSWER}\n" for one in questions)
    write_whole(folder / SPIDER, map(_encoded, lines))
    write_whole(folder / BIRD, _bird(questions, record_of))


def one_line(sql: str) -> str:
    """Give the SQL without line breaks, tabs and comments, each of which would end it for a script that reads lines."""
    if "\n" in sql and ("--" in sql or "#" in sql or "/*" in sql):
        try:
            sql = " ".join(sql[token.start : token.end + 1] for token in tokenize(sql, read="sqlite"))
        except SqlglotError:
            return " ".join(sql.split())
    return " ".join(sql.split()) if any(mark in sql for mark in "\n\r\t\v\f\x85\u2028\u2029") else sql.strip()


def _csv(questions: Sequence[Question], record_of: Lookup) -> Iterator[bytes]:
    yield csv_header()
    for one in questions:
        if record := record_of(one):
            yield csv_rows([record])


def _feather(questions: Sequence[Question], record_of: Lookup) -> Iterator[bytes]:
    yield b"["
    between = b"\n"
    for one in questions:
        if record := record_of(one):
            yield between + json.dumps({"question_id": one.id, "answer_sql": _sql(record)}).encode()
            between = b",\n"
    yield b"\n]\n"


def _bird(questions: Sequence[Question], record_of: Lookup) -> Iterator[bytes]:
    yield b"{"
    for number, one in enumerate(questions):
        text = f"{_sql(record_of(one)) or ' '}{_BIRD_SEPARATOR}{one.db_id}"
        yield (",\n" if number else "\n").encode() + f"{json.dumps(str(number))}: {json.dumps(text)}".encode()
    yield b"\n}\n"


def _sql(record: Record | None) -> str:
    return record.sql if record and record.status == "answered" else ""


def _encoded(text: str) -> bytes:
    """Give UTF-8 that every reader takes, with ? for half of a surrogate pair, which a model's text may hold."""
    return text.encode("utf-8", "replace")


def _flag(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
