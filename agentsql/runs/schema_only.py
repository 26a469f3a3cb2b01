"""Empty databases for questions that come with CREATE TABLE statements only."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from agentsql.errors import DatabaseError

_OUTSIDE = frozenset(
    {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_CREATE_VTABLE}
)
"""What a text of statements could reach other files and settings with."""


def empty_database(schema_sql: str, folder: Path) -> Path:
    """Make an empty SQLite database of that schema in `folder`, or find it there, and give its path.

    Raises:
        DatabaseError: the statements are no valid SQLite.
    """
    path = folder / f"{hashlib.sha256(schema_sql.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.sqlite"
    if path.exists():
        return path
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(part)) as connection:
            connection.set_authorizer(
                lambda action, *_: sqlite3.SQLITE_DENY if action in _OUTSIDE else sqlite3.SQLITE_OK
            )
            connection.executescript(schema_sql)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as problem:
        part.unlink(missing_ok=True)
        raise DatabaseError(
            f"no database can be made of the schema {' '.join(schema_sql.split())[:80]!r}: {problem}; correct it"
        ) from problem
    return part.replace(path)
