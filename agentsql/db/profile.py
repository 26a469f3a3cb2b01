"""What the columns hold: row counts, complete small value sets and samples, within bounds of time and rows."""

from __future__ import annotations

import dataclasses
import logging
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from agentsql.db.lock import Deadline, locked
from agentsql.db.quote import quote_identifier
from agentsql.db.schema import Column, Schema, Table
from agentsql.types import Cell

logger = logging.getLogger(__name__)

COMPLETE_VALUES = 12
"""A text column with at most this many distinct values keeps all of them."""
_TEXT_CHARS = 300
"""Longer texts are not read; the column then counts as not completely known."""
_CELL_BYTES = 64_000_000
_CELLS_SCANNED = 400_000


@dataclass(frozen=True, slots=True)
class ProfileBounds:
    """How much of a database is read to profile it."""

    sample_values: int
    """Values kept of a column that has too many to keep all."""
    seconds: float = 5.0
    """For all tables together; what is not reached stays without values."""
    table_seconds: float = 1.0
    """For one statement on one table."""
    rows: int = 10_000
    """Rows read of one table."""


def add_profile(connection: sqlite3.Connection, schema: Schema, bounds: ProfileBounds) -> Schema:
    """Give the schema with row counts and values; runs under the second lock, because views are foreign SQL."""
    deadline = Deadline(bounds.seconds)
    statement_deadline = Deadline(bounds.table_seconds)
    with locked(connection, statement_deadline, cell_bytes=_CELL_BYTES):
        profiler = _Profiler(connection, bounds, deadline, statement_deadline)
        # Tables come first: a slow view must not use up their time.
        done = {table.name: profiler.profile(table) for table in sorted(schema, key=lambda one: (one.kind, one.name))}
    return dataclasses.replace(schema, tables=tuple(done[table.name] for table in schema))


class _Profiler:
    def __init__(
        self, connection: sqlite3.Connection, bounds: ProfileBounds, deadline: Deadline, statement_deadline: Deadline
    ) -> None:
        self._connection = connection
        self._bounds = bounds
        self._deadline = deadline
        self._statement_deadline = statement_deadline

    def profile(self, table: Table) -> Table:
        name = quote_identifier(table.name, "sqlite")
        counted = self._read(f"SELECT count(*) FROM {name}") if table.kind == "table" else None
        count = int(str(counted[0][0])) if counted else None
        limit = max(100, min(self._bounds.rows, _CELLS_SCANNED // len(table.columns)))
        selected = ", ".join(map(_short_cell, table.columns))
        rows = self._read(f"SELECT {selected} FROM {name} LIMIT {limit}")
        if rows is None:
            logger.info("no values of table %s: reading it took too long or failed", table.name)
            return dataclasses.replace(table, rows=count)
        if count is None and len(rows) < limit:
            count = len(rows)
        cells = list(zip(*rows, strict=True)) or [()] * len(table.columns)
        columns = tuple(
            self._with_values(name, column, values, scanned=count == len(rows))
            for column, values in zip(table.columns, cells, strict=True)
        )
        return dataclasses.replace(table, columns=columns, rows=count)

    def _with_values(self, table: str, column: Column, cells: tuple[Cell, ...], *, scanned: bool) -> Column:
        """Keep all values of a text column that has few, else the most frequent of the rows read (then the first)."""
        counts = Counter(cells)
        unread = any(isinstance(cell, bytes) for cell in counts)
        values: list[Cell] = [
            cell for cell, _ in counts.most_common() if cell is not None and not isinstance(cell, bytes)
        ]
        few = not unread and 0 < len(values) <= COMPLETE_VALUES and all(isinstance(cell, str) for cell in values)
        known = values if few and scanned else self._all_values(table, column) if few else None
        if known is not None:
            return dataclasses.replace(column, values=_in_order(known), values_complete=True)
        telling = [cell for cell in values if cell != ""]
        return dataclasses.replace(column, values=_in_order(telling[: self._bounds.sample_values]))

    def _all_values(self, table: str, column: Column) -> list[Cell] | None:
        name = quote_identifier(column.name, "sqlite")
        sql = f"SELECT DISTINCT {_short_cell(column)} FROM {table} WHERE {name} IS NOT NULL LIMIT {COMPLETE_VALUES + 1}"
        rows = self._read(sql)
        if rows is None or len(rows) > COMPLETE_VALUES or not all(isinstance(row[0], str) for row in rows):
            return None
        return [row[0] for row in rows]

    def _read(self, sql: str) -> list[tuple[Cell, ...]] | None:
        """Read all rows, or give None if that failed or there was no time for it."""
        seconds = min(self._bounds.table_seconds, self._deadline.seconds_left)
        if seconds <= 0:
            return None
        self._statement_deadline.move(seconds)
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.row_factory = None
                return cursor.execute(sql).fetchall()
        except sqlite3.DatabaseError as problem:
            logger.debug("profile statement failed: %s", problem)
            return None


def _short_cell(column: Column) -> str:
    """Select the cell, or an empty BLOB in place of one that is not worth reading."""
    name = quote_identifier(column.name, "sqlite")
    long = f"typeof({name}) = 'text' AND length({name}) > {_TEXT_CHARS}"
    return f"CASE WHEN typeof({name}) = 'blob' OR {long} THEN x'' ELSE {name} END"


def _in_order(values: list[Cell]) -> tuple[Cell, ...]:
    """Sort numbers before texts."""
    return tuple(sorted(values, key=_rank))


def _rank(cell: Cell) -> tuple[bool, Any]:
    return isinstance(cell, str), cell
