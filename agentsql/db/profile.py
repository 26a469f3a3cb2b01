"""What the columns hold: row counts, complete small value sets and samples, within bounds of time and rows."""

from __future__ import annotations

import dataclasses
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from agentsql.db.lock import Deadline, locked
from agentsql.db.quote import quote_identifier, quote_table
from agentsql.db.schema import Column, Schema, Table
from agentsql.types import Cell

logger = logging.getLogger(__name__)

COMPLETE_VALUES = 12
"""A text column with at most this many distinct values keeps all of them."""
TEXT_CHARS = 300
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
    scanned: int | None = None
    """Rows that the schema may say a table has for it to be read in full, to count them or for all values of a column;
    None bounds that by time alone."""


Read = Callable[[str, float], "list[tuple[Cell, ...]] | None"]
"""Gives all rows of a statement, or None if it failed or took longer than that many seconds."""


def add_profile(connection: sqlite3.Connection, schema: Schema, bounds: ProfileBounds) -> Schema:
    """Give the schema of a SQLite database with row counts and values.

    Runs under the second lock, because views are foreign SQL.
    """
    statement_deadline = Deadline(bounds.table_seconds)

    def read(sql: str, seconds: float) -> list[tuple[Cell, ...]] | None:
        statement_deadline.move(seconds)
        try:
            with closing(connection.cursor()) as cursor:
                cursor.row_factory = None
                return cursor.execute(sql).fetchall()
        except sqlite3.DatabaseError as problem:
            logger.debug("profile statement failed: %s", problem)
            return None

    with locked(connection, statement_deadline, cell_bytes=_CELL_BYTES):
        return profile_tables(schema, bounds, read, _short_cell)


def profile_tables(schema: Schema, bounds: ProfileBounds, read: Read, short_cell: Callable[[Column], str]) -> Schema:
    """Give the schema with row counts and values.

    Args:
        short_cell: gives the SQL that selects a column's cell as text or number; a BLOB or a text of more than 300
            characters stands for a cell that was not read.
    """
    profiler = _Profiler(read, short_cell, schema.dialect, bounds)
    # Tables come first: a slow view must not use up their time.
    done = {table.name: profiler.profile(table) for table in sorted(schema, key=lambda one: (one.kind, one.name))}
    return dataclasses.replace(schema, tables=tuple(done[table.name] for table in schema))


class _Profiler:
    def __init__(self, read: Read, short_cell: Callable[[Column], str], dialect: str, bounds: ProfileBounds) -> None:
        self._read_rows = read
        self._short_cell = short_cell
        self._dialect = dialect
        self._bounds = bounds
        self._deadline = Deadline(bounds.seconds)

    def profile(self, table: Table) -> Table:
        name = quote_table(table, self._dialect)
        most = self._bounds.scanned
        is_huge = most is not None and table.rows is not None and table.rows > most
        counted = self._read(f"SELECT count(*) FROM {name}") if table.kind == "table" and not is_huge else None
        count = int(str(counted[0][0])) if counted else table.rows
        limit = max(100, min(self._bounds.rows, _CELLS_SCANNED // len(table.columns)))
        selected = ", ".join(map(self._short_cell, table.columns))
        rows = self._read(f"SELECT {selected} FROM {name} LIMIT {limit}")
        if rows is None:
            logger.info("no values of table %s: reading it took too long or failed", table.name)
            return dataclasses.replace(table, rows=count)
        if count is None and len(rows) < limit:
            count = len(rows)
        cells = list(zip(*rows, strict=True)) or [()] * len(table.columns)
        columns = tuple(
            self._with_values(name, column, values, scanned=count == len(rows) and not is_huge, is_huge=is_huge)
            for column, values in zip(table.columns, cells, strict=True)
        )
        return dataclasses.replace(table, columns=columns, rows=count)

    def _with_values(
        self, table: str, column: Column, cells: tuple[Cell, ...], *, scanned: bool, is_huge: bool
    ) -> Column:
        """Keep all values of a text column that has few, else the most frequent of the rows read (then the first)."""
        if column.values_complete:  # of an enum, by its type
            return column
        counts = Counter(cells)
        unread = any(map(_is_unread, counts))
        values: list[Cell] = [cell for cell, _ in counts.most_common() if cell is not None and not _is_unread(cell)]
        few = not unread and 0 < len(values) <= COMPLETE_VALUES and all(isinstance(cell, str) for cell in values)
        known = values if few and scanned else self._all_values(table, column) if few and not is_huge else None
        if known is not None:
            return dataclasses.replace(column, values=_in_order(known), values_complete=True)
        telling = [cell for cell in values if cell != ""]
        return dataclasses.replace(column, values=_in_order(telling[: self._bounds.sample_values]))

    def _all_values(self, table: str, column: Column) -> list[Cell] | None:
        name = quote_identifier(column.name, self._dialect)
        cell, most = self._short_cell(column), COMPLETE_VALUES + 1
        sql = f"SELECT DISTINCT {cell} FROM {table} WHERE {name} IS NOT NULL LIMIT {most}"
        rows = self._read(sql)
        if rows is None or len(rows) > COMPLETE_VALUES:
            return None
        if not all(isinstance(row[0], str) and not _is_unread(row[0]) for row in rows):
            return None
        return [row[0] for row in rows]

    def _read(self, sql: str) -> list[tuple[Cell, ...]] | None:
        """Read all rows, or give None if that failed or there was no time for it."""
        seconds = min(self._bounds.table_seconds, self._deadline.seconds_left)
        if seconds <= 0:
            return None
        return self._read_rows(sql, seconds)


def _short_cell(column: Column) -> str:
    """Select the cell, or an empty BLOB in place of one that is not worth reading."""
    name = quote_identifier(column.name, "sqlite")
    long = f"typeof({name}) = 'text' AND length({name}) > {TEXT_CHARS}"
    return f"CASE WHEN typeof({name}) = 'blob' OR {long} THEN x'' ELSE {name} END"


def _is_unread(cell: Cell) -> bool:
    return isinstance(cell, bytes) or (isinstance(cell, str) and len(cell) > TEXT_CHARS)


def _in_order(values: list[Cell]) -> tuple[Cell, ...]:
    """Sort numbers before texts."""
    return tuple(sorted(values, key=_rank))


def _rank(cell: Cell) -> tuple[bool, Any]:
    return isinstance(cell, str), cell
