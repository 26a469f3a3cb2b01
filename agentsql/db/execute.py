"""Running one query on a SQLite connection, within limits of time, rows and bytes."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from agentsql.db.failures import sqlite_failure
from agentsql.db.limits import Limits as Limits
from agentsql.db.limits import take
from agentsql.db.lock import Deadline, locked
from agentsql.types import ExecutionResult, QueryFailure, Row


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
            rows, truncated = take(cursor, limits)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as problem:  # a converter of the caller's may raise ValueError
        columns, rows, truncated = (), (), False
        error = _failure(problem, limits)
    return ExecutionResult(sql, columns, rows, truncated, time.perf_counter() - started, error)


def compile_failure(connection: sqlite3.Connection, sql: str, limits: Limits) -> QueryFailure | None:
    """Give why SQLite cannot compile `sql`, without running it; None if it can."""
    return run_query(connection, f"EXPLAIN {sql}", limits).error


def _failure(problem: Exception, limits: Limits) -> QueryFailure:
    failure = sqlite_failure(str(problem))
    if failure.kind != "timeout":
        return failure
    return QueryFailure("timeout", f"the query passed its {limits.timeout_s:g} s limit and was stopped", failure.hint)
