"""Running one query on a SQLite connection, within limits of time, rows and bytes."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass

from agentsql.db.failures import sqlite_failure
from agentsql.db.lock import Deadline, locked
from agentsql.types import Cell, ExecutionResult, QueryFailure, Row

_CELL_OVERHEAD = 16
"""Bytes a cell is counted with beside its text: a row of numbers is not free."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take."""

    max_rows: int
    max_bytes: int
    timeout_s: float

    @property
    def cell_bytes(self) -> int:
        """Bytes of the largest cell that is read at all, so that one row stays within a few cells of `max_bytes`."""
        return max(self.max_bytes // 4, 1000)


def run_query(connection: sqlite3.Connection, sql: str, limits: Limits) -> ExecutionResult:
    """Run one statement under the second lock alone; what goes wrong is in the result."""
    started = time.perf_counter()
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truncated = False
    error = None
    try:
        lock = locked(connection, Deadline(limits.timeout_s), cell_bytes=limits.cell_bytes)
        with lock, closing(connection.cursor()) as cursor:
            cursor.row_factory = None
            cursor.execute(sql)
            columns = tuple(column[0] for column in cursor.description or ())
            rows, truncated = _take(cursor, limits)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as problem:  # a converter of the caller's may raise ValueError
        columns, rows, truncated = (), (), False
        error = _failure(problem, limits)
    return ExecutionResult(sql, columns, rows, truncated, time.perf_counter() - started, error)


def compile_failure(connection: sqlite3.Connection, sql: str, limits: Limits) -> QueryFailure | None:
    """Give why SQLite cannot compile `sql`, without running it; None if it can."""
    return run_query(connection, f"EXPLAIN {sql}", limits).error


def _take(cursor: sqlite3.Cursor, limits: Limits) -> tuple[tuple[Row, ...], bool]:
    """Read rows one at a time, because a batch of rows with large cells would not be bounded."""
    rows: list[Row] = []
    size = 0
    for row in cursor:
        size += sum(map(_cell_bytes, row))
        if len(rows) >= limits.max_rows or size > limits.max_bytes:
            return tuple(rows), True
        rows.append(row)
    return tuple(rows), False


def _cell_bytes(cell: Cell) -> int:
    return _CELL_OVERHEAD + (len(cell) if isinstance(cell, str | bytes) else 0)


def _failure(problem: Exception, limits: Limits) -> QueryFailure:
    failure = sqlite_failure(str(problem))
    if failure.kind != "timeout":
        return failure
    return QueryFailure("timeout", f"the query passed its {limits.timeout_s:g} s limit and was stopped", failure.hint)
