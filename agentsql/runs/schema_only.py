"""Empty databases for questions that come with CREATE TABLE statements only."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from agentsql.errors import DatabaseError
from agentsql.evaluation.schema_only import open_empty


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
        open_empty(schema_sql, part).close()
    except sqlite3.Error as problem:
        part.unlink(missing_ok=True)
        raise DatabaseError(
            f"no database can be made of the schema {' '.join(schema_sql.split())[:80]!r}: {problem}; correct it"
        ) from problem
    return part.replace(path)
