"""The second lock: while model-written SQL runs, the SQLite connection itself can neither write nor reach out."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentsql.db.functions import SQLITE_REFUSED, SQLITE_TABLES
from agentsql.db.hashing import add_hash_function

OPERATIONS_PER_CHECK = 4000
"""SQLite VM operations between two looks at the clock; well under a millisecond for ordinary operations."""


_TEMP_NAME = "/etilqs_"
"""What the names of SQLite's temporary files begin with; they are unlinked as soon as they are open."""
_DESCRIPTORS = Path("/proc/self/fd")
_TEMP_LOOK_S = 0.1


class Deadline:
    """A moment after which SQLite is interrupted; it can be moved while the lock is held.

    With `temp_bytes` it is interrupted as well when SQLite's temporary files, those of this process together, take more
    than that. SQLite itself has no such bound. They can be seen on Linux only; elsewhere the time is all that holds.
    """

    def __init__(self, seconds: float, *, temp_bytes: int | None = None) -> None:
        self._at = time.monotonic() + seconds
        self._temp_bytes = temp_bytes
        self._looked = time.monotonic()
        self.temp_full = False
        """True once the temporary files were too large."""

    def move(self, seconds: float) -> None:
        """Set it to that many seconds from now."""
        self._at = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        return self._at - time.monotonic()

    def passed(self) -> bool:
        return time.monotonic() >= self._at

    def must_stop(self) -> bool:
        """True if the time has passed, or there is no more room for temporary files."""
        now = time.monotonic()
        if self._temp_bytes is not None and now - self._looked >= _TEMP_LOOK_S:
            self.temp_full = self.temp_full or temp_file_bytes() > self._temp_bytes
            self._looked = time.monotonic()
        return self.temp_full or now >= self._at


def temp_file_bytes() -> int:
    """Give the bytes of SQLite's temporary files that this process has open; 0 where that cannot be seen."""
    total = 0
    with suppress(OSError):
        for descriptor in _DESCRIPTORS.iterdir():
            with suppress(OSError):  # another thread may have closed it
                if _TEMP_NAME in str(descriptor.readlink()):
                    total += descriptor.stat().st_size
    return total


@contextmanager
def locked(connection: sqlite3.Connection, deadline: Deadline, *, cell_bytes: int) -> Iterator[None]:
    """Hold the lock on a connection: reads of user tables only, until the deadline, no cell above `cell_bytes`.

    What the connection had before is put back at the end, so a caller's own connection serves its owner again. An
    authorizer or progress handler of the owner's cannot be read back from SQLite and is removed.
    """
    (query_only,) = connection.execute("PRAGMA query_only").fetchone()
    text_factory = connection.text_factory
    connect_virtual_tables(connection)
    add_hash_function(connection)
    connection.execute("PRAGMA query_only = ON")
    length = connection.getlimit(sqlite3.SQLITE_LIMIT_LENGTH)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(1, min(cell_bytes, length)))
    connection.text_factory = _decode
    # Before 3.41 SQLite asks no progress handler while it compiles, but it does ask the authorizer.
    connection.set_authorizer(lambda *action: sqlite3.SQLITE_DENY if deadline.passed() else _authorize(*action))
    connection.set_progress_handler(deadline.must_stop, OPERATIONS_PER_CHECK)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
        connection.set_authorizer(None)
        connection.text_factory = text_factory
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, length)
        connection.execute(f"PRAGMA query_only = {int(query_only)}")


def connect_virtual_tables(connection: sqlite3.Connection) -> None:
    """Let SQLite declare virtual tables now, because declaring one looks to an authorizer like a write."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"
    ).fetchall()
    for name in ("json_each", "json_tree", *(str(row[0]) for row in found)):
        quoted = name.replace('"', '""')
        with suppress(sqlite3.DatabaseError):  # its module may be missing here; then a query that uses it fails
            connection.execute(f'SELECT 1 FROM "{quoted}" LIMIT 0').close()


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _view: str | None) -> int:
    if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ:
        table = (first or "").casefold()
        return sqlite3.SQLITE_DENY if table.startswith("sqlite_") or table in SQLITE_TABLES else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if (second or "").casefold() in SQLITE_REFUSED else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first == "data_version" and second is None:
        return sqlite3.SQLITE_OK  # full-text search asks for it to notice changes
    return sqlite3.SQLITE_DENY
