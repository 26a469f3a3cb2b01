"""The rows of a gold and of a prediction, for metrics and for people to look at; and the schema they are of."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

from agentsql.db.introspect import read_structure
from agentsql.db.schema import Schema
from agentsql.errors import DatabaseError
from agentsql.evaluation.benchmarks.judges import frozen, is_url
from agentsql.evaluation.questions import Question
from agentsql.evaluation.schema_only import open_empty
from agentsql.evaluation.score import Preview
from agentsql.evaluation.servers import ServerQueryError, server_result, server_schema
from agentsql.evaluation.suite import mended_operators
from agentsql.evaluation.suite import result_of as run_on
from agentsql.types import Cell, Row

MOST_ROWS = 100_000
_SHOWN_ROWS = 8
_CELL_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Result:
    """What a database gives for a query."""

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    """At most MOST_ROWS of them."""
    error: str = ""

    def preview(self) -> Preview:
        """Give its beginning; long cells are cut."""
        shown = tuple(tuple(map(_cut, row)) for row in self.rows[:_SHOWN_ROWS])
        return Preview(self.columns, shown, len(self.rows), len(self.rows) >= MOST_ROWS, self.error)


def result_of(question: Question, sql: str) -> Result | None:
    """Run a query on a question's database; None if that is neither a SQLite file that is there nor a URL."""
    if is_url(question.database):
        try:
            columns, found = server_result(question.database, sql, max_rows=MOST_ROWS)
        except ServerQueryError as exc:
            return Result(error=str(exc))
        return Result(columns, tuple(found))
    database = Path(question.database)
    if not question.database or not database.is_file():
        return None
    asked = mended_operators(frozen(sql, question.now) if question.now else sql)
    try:
        columns, rows = run_on(database, asked, max_rows=MOST_ROWS)
    except sqlite3.Error as exc:
        return Result(error=str(exc))
    return Result(columns, tuple(cast("list[Row]", rows)))


def schema_of(question: Question) -> Schema | None:
    """Give the tables, columns and keys of a question's database, or of its CREATE TABLE text; None if it has none."""
    return _schema(question.database, question.schema_sql)


@lru_cache(maxsize=256)
def _schema(database: str, schema_sql: str) -> Schema | None:
    if is_url(database):
        try:
            return server_schema(database)
        except DatabaseError:
            return None
    if database and not Path(database).is_file():
        return None
    try:
        if database:
            with closing(sqlite3.connect(f"{Path(database).resolve().as_uri()}?mode=ro", uri=True)) as connection:
                return read_structure(connection)
        with closing(open_empty(schema_sql)) as connection:
            return read_structure(connection)
    except sqlite3.Error:
        return None


def _cut(cell: Cell) -> Cell:
    if isinstance(cell, str | bytes) and len(cell) > _CELL_CHARACTERS:
        return cell[:_CELL_CHARACTERS]
    return cell
