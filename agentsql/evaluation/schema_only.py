"""Databases without data, made of the CREATE statements that are all a benchmark has of them."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

_REFUSED = frozenset(
    {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_CREATE_VTABLE}
)
"""What a text of statements could reach other files and settings with."""
_MOST_S = 10.0
_STEPS_BETWEEN_CLOCKS = 10_000


def open_empty(schema_sql: str, path: str | Path = ":memory:") -> sqlite3.Connection:
    """Make a database of CREATE statements, which can touch no other file, and give the connection to it.

    Args:
        path: of a file to make; by default the database ends with its connection, which the caller closes.

    Raises:
        sqlite3.Error: the statements do not run, are not allowed, or have not ended after 10 s.
    """
    connection = sqlite3.connect(path)
    give_up_at = time.monotonic() + _MOST_S
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_DENY if action in _REFUSED else sqlite3.SQLITE_OK)
    connection.set_progress_handler(lambda: time.monotonic() > give_up_at, _STEPS_BETWEEN_CLOCKS)
    try:
        connection.executescript(schema_sql)
        connection.commit()
    except (sqlite3.Error, sqlite3.Warning, ValueError) as problem:
        connection.close()
        raise problem if isinstance(problem, sqlite3.Error) else sqlite3.ProgrammingError(str(problem)) from problem
    connection.set_authorizer(None)
    connection.set_progress_handler(None, 0)
    return connection
