"""The hash that SQLite lacks, for masked columns."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3

HASH_FUNCTION = "agentsql_hash"


def add_hash_function(connection: sqlite3.Connection) -> None:
    """Let the connection call `agentsql_hash(key, cell)`: 16 hex digits, the same for the same cell, NULL for NULL."""
    connection.create_function(HASH_FUNCTION, 2, _hash, deterministic=True)


def _hash(key: str, cell: str | bytes | None) -> str | None:
    if cell is None:
        return None
    content = cell.encode() if isinstance(cell, str) else cell
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()[:16]
