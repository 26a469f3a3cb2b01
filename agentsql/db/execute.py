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
    deadline = Deadline(limits.timeout_s, temp_bytes=limits.temp_bytes)
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truncated = False
    error = None
    try:
        lock = locked(connection, deadline, cell_bytes=limits.cell_bytes)
        with lock, closing(connection.cursor()) as cursor:
            cursor.row_factory = None
            cursor.execute(sql)
            columns = tuple(column[0] for column in cursor.description or ())
            rows, truncated = take(cursor, limits)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as problem:  # a converter of the caller's may raise ValueError
        columns, rows, truncated = (), (), False
        error = _failure(problem, limits, deadline)
    return ExecutionResult(sql, columns, rows, truncated, time.perf_counter() - started, error)


def compile_failure(connection: sqlite3.Connection, sql: str, limits: Limits) -> QueryFailure | None:
    """Give why SQLite cannot compile `sql`, without running it; None if it can."""
    return run_query(connection, f"EXPLAIN {sql}", limits).error


def _failure(problem: Exception, limits: Limits, deadline: Deadline) -> QueryFailure:
    failure = sqlite_failure(str(problem))
    if deadline.temp_full:
        message = f"the query needs more than {limits.temp_bytes or 0:,} bytes of temporary space"
        return QueryFailure("other", message, "sort, group or join fewer rows: add a filter first")
    # While SQLite compiles it is stopped by the authorizer.
    if failure.kind == "timeout" or (deadline.passed() and "not authorized" in str(problem)):
        hint = failure.hint if failure.kind == "timeout" else "write a shorter statement"
        return QueryFailure("timeout", f"the query passed its {limits.timeout_s:g} s limit and was stopped", hint)
    return failure
