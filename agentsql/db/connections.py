"""SQLite connections: to a file that agentsql opens itself, or from an engine that the caller made."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import QueuePool, SingletonThreadPool, StaticPool

from agentsql.db.lock import connect_virtual_tables
from agentsql.errors import DatabaseError

_WAL_MARK = b"\x02\x02"
"""Bytes 18 and 19 of the file header of a database in WAL mode."""


class Connections(Protocol):
    """Where a SQLite database gets its connections from."""

    path: Path | None
    """The database file; None if it is in memory."""

    def connection(self) -> AbstractContextManager[sqlite3.Connection]:
        """Lend one connection to this thread; nobody else uses it meanwhile."""

    def close(self) -> None:
        """Close what was opened here; an engine of the caller's stays open."""


class FileConnections:
    """Read-only connections to one file, pooled.

    A database in WAL mode whose log is gone is opened as immutable, because SQLite would create an empty log beside it.
    That holds only while nobody writes, so it is checked at every use: connections of another time are closed, and a
    use during which the file changed ends with `sqlite3.OperationalError`, because its rows may be of two times.
    """

    def __init__(self, path: Path) -> None:
        self.path: Path | None = path
        self._file = path
        self._log = path.with_name(path.name + "-wal")
        self._engine = create_engine("sqlite://", creator=self._open, poolclass=QueuePool, pool_size=4, max_overflow=-1)
        self._immutable_at: tuple[int, int] | None = None
        self._mutex = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        self._forget_if_changed()
        lent = self._engine.raw_connection()
        try:
            yield _driver_connection(lent.driver_connection)
        finally:
            lent.close()
        if self._immutable_at is not None and self._immutable_at != self._written():
            raise sqlite3.OperationalError("database is locked: it was written to during the read")

    def close(self) -> None:
        self._engine.dispose()

    def _forget_if_changed(self) -> None:
        with self._mutex:
            if self._immutable_at is not None and (self._log.exists() or self._immutable_at != self._written()):
                self._engine.dispose()
                self._immutable_at = None

    def _written(self) -> tuple[int, int]:
        status = self._file.stat()
        return status.st_mtime_ns, status.st_size

    def _open(self) -> sqlite3.Connection:
        uri, is_immutable = read_only_uri(self._file)
        if is_immutable:
            self._immutable_at = self._written()
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connect_virtual_tables(connection)
        return connection


class EngineConnections:
    """Connections of an engine that the caller made and keeps."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        shared = isinstance(engine.pool, StaticPool)
        self._turn: AbstractContextManager[object] = threading.RLock() if shared else nullcontext()
        with self.connection() as connection:
            (_, _, file) = connection.execute("PRAGMA database_list").fetchone()
        self.path: Path | None = Path(file) if file else None
        if self.path is None and isinstance(engine.pool, SingletonThreadPool):
            raise DatabaseError(
                "the engine's in-memory database exists in one thread only; make it with "
                "create_engine('sqlite://', poolclass=StaticPool, connect_args={'check_same_thread': False})"
            )

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        with self._turn:
            lent = self._engine.raw_connection()
            try:
                yield _driver_connection(lent.driver_connection)
            finally:
                lent.close()

    def close(self) -> None:
        """Do nothing: the engine belongs to the caller."""


def read_only_uri(path: Path) -> tuple[str, bool]:
    """Give the URI that opens a file for reading, and whether as immutable: in WAL mode, while its log is gone.

    Args:
        path: an absolute one.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        idle_log = file.read(20)[18:20] == _WAL_MARK and not path.with_name(path.name + "-wal").exists()
    return f"{path.as_uri()}?{'mode=ro&immutable=1' if idle_log else 'mode=ro'}", idle_log


def _driver_connection(connection: object) -> sqlite3.Connection:
    if not isinstance(connection, sqlite3.Connection):
        driver = type(connection).__module__.partition(".")[0]
        raise DatabaseError(f"the engine's driver {driver!r} cannot be used; make it with sqlite:///FILE")
    return connection
