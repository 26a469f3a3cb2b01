"""SQLite databases: the `Database` that comes with agentsql."""

from __future__ import annotations

import dataclasses
import logging
import sqlite3
import sys
import threading
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Engine
from sqlalchemy.exc import SQLAlchemyError

from agentsql.db.cache import SchemaCache, Stamp
from agentsql.db.connections import Connections, EngineConnections, FileConnections
from agentsql.db.database import Enforced
from agentsql.db.execute import Limits, compile_failure, run_query
from agentsql.db.failures import sqlite_failure
from agentsql.db.files import checked_sqlite_file
from agentsql.db.introspect import read_structure
from agentsql.db.notes import DESCRIPTION_FOLDER, with_descriptions, with_notes
from agentsql.db.profile import ProfileBounds, add_profile
from agentsql.db.schema import Schema
from agentsql.db.statement import check_statement, run_statement
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings, SchemaSettings
from agentsql.types import ExecutionResult, QueryFailure

logger = logging.getLogger(__name__)

_COMPILE_S = 5.0
"""Seconds SQLite may take to plan a query that is only checked."""
_ADVICE = "see that the file is whole and that no other program locks it"
_SAMPLES_KEPT = 5
"""Values kept of a column whatever is shown, so that the cache serves other settings too."""


def open_sqlite(
    target: URL | Engine, *, settings: DatabaseSettings, schema_settings: SchemaSettings, cache_dir: Path | None
) -> SQLiteDatabase:
    """Open a SQLite file, or use an engine on a file or in memory; nothing is ever created or written.

    Args:
        cache_dir: folder of the schema cache; None keeps schemas in memory only.

    Raises:
        DatabaseError: no file there, no permission, or no SQLite database with tables.
    """
    try:
        connections: Connections
        if isinstance(target, Engine):
            connections = EngineConnections(target)
        else:
            connections = FileConnections(checked_sqlite_file(target))
        database = SQLiteDatabase(connections, settings, schema_settings, SchemaCache(cache_dir) if cache_dir else None)
        database.check_readable()
    except (sqlite3.Error, SQLAlchemyError, OSError) as problem:
        raise DatabaseError(f"the SQLite database {_named(target)!r} cannot be read: {problem}; {_ADVICE}") from problem
    return database


class SQLiteDatabase:
    """One SQLite database behind both locks."""

    dialect = "sqlite"
    product = "SQLite"

    def __init__(
        self,
        connections: Connections,
        settings: DatabaseSettings,
        schema_settings: SchemaSettings,
        cache: SchemaCache | None,
    ) -> None:
        self.name = connections.path.stem if connections.path else "memory"
        self._connections = connections
        self._identity = f"sqlite:{connections.path.resolve()}" if connections.path else ""
        self._settings = settings
        self._schema_settings = schema_settings
        self._cache = cache
        self._schema_mutex = threading.Lock()
        self._known: tuple[Stamp, Schema] | None = None

    def check_readable(self) -> None:
        """Read the list of tables, the first thing that fails on a file that is no database.

        Raises:
            DatabaseError: it holds no table or view.
            sqlite3.Error: SQLite cannot read it.
        """
        with self._connections.connection() as connection:
            found = connection.execute("SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') LIMIT 1").fetchone()
        if found is None:
            raise DatabaseError(f"the database {self.name!r} is empty: it holds no table; is it the right file?")

    def schema(self) -> Schema:
        """Give the schema with values, comments and notes; it is read again when the file has changed.

        Raises:
            DatabaseError: it cannot be read, or it holds no table.
            SettingsError: the notes file names what the database does not have.
        """
        with self._schema_mutex:
            try:
                with self._connections.connection() as connection:
                    stamp = self._stamp(connection)
                    if self._known is None or self._known[0] != stamp:
                        self._known = stamp, self._with_comments(self._read_schema(connection, stamp))
            except (sqlite3.Error, SQLAlchemyError, OSError) as problem:
                raise DatabaseError(f"the schema of {self.name!r} cannot be read: {problem}; {_ADVICE}") from problem
            return self._known[1]

    def check(self, sql: str) -> QueryFailure | None:
        """Give why `sql` may not or cannot run; SQLite has the last word on names, so valid SQL always passes."""
        limits = dataclasses.replace(self._limits(None, None), timeout_s=_COMPILE_S)

        def compiled() -> QueryFailure | None:
            try:
                with self._connections.connection() as connection:
                    return compile_failure(connection, sql, limits)
            except (sqlite3.Error, SQLAlchemyError, OSError) as problem:
                return _unusable(problem)

        functions = self._settings.permitted_functions
        return check_statement(sql, self.dialect, functions, compiled=compiled, schema=self.schema)

    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        """Execute one query through both locks."""
        run = partial(self.run_behind_second_lock, sql, max_rows=max_rows, timeout_s=timeout_s)
        return run_statement(sql, self.dialect, self._settings.permitted_functions, run)

    def run_behind_second_lock(
        self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None
    ) -> ExecutionResult:
        """Execute a statement that the guard has not seen; tests use it to prove that the connection refuses alone."""
        try:
            with self._connections.connection() as connection:
                return run_query(connection, sql, self._limits(max_rows, timeout_s))
        except (sqlite3.Error, SQLAlchemyError, OSError) as problem:
            return ExecutionResult(sql, (), (), False, 0.0, _unusable(problem))

    def data_stamp(self) -> Stamp | None:
        """Give the file's path and what a write changes; None in memory, or while the file cannot be read."""
        if not self._identity:
            return None
        try:
            with self._connections.connection() as connection:
                return {"identity": self._identity, **self._stamp(connection)}
        except (sqlite3.Error, SQLAlchemyError, OSError) as problem:
            logger.warning("the state of %s cannot be read: %s", self.name, problem)
            return None

    def enforcement(self) -> tuple[Enforced, ...]:
        """Give what SQLite enforces while a query runs."""
        opened = "opened with mode=ro, " if self._identity else ""
        limits = self._limits(None, None)
        return (
            Enforced("no writes", f"{opened}query_only, and an authorizer that allows reads of user tables only"),
            Enforced("no files, no extensions", "the authorizer refuses ATTACH, PRAGMA and functions that reach out"),
            Enforced("time", f"a progress handler interrupts after {limits.timeout_s:g} s"),
            Enforced("temporary space", f"{self._settings.temp_megabytes} MB, seen on Linux", sys.platform == "linux"),
            Enforced("size", f"{limits.max_rows} rows, {limits.max_bytes} bytes, {limits.cell_bytes} bytes a cell"),
        )

    def close(self) -> None:
        """Close every connection it opened."""
        self._connections.close()

    def _limits(self, max_rows: int | None, timeout_s: float | None) -> Limits:
        return Limits(
            self._settings.max_rows if max_rows is None else max_rows,
            self._settings.max_bytes,
            self._settings.timeout_s if timeout_s is None else timeout_s,
            self._settings.temp_megabytes * 1_000_000,
        )

    def _stamp(self, connection: sqlite3.Connection) -> Stamp:
        """Tell states of the database apart: structure, and what a write changes on disk, the log included."""
        (version,) = connection.execute("PRAGMA schema_version").fetchone()
        stamp: dict[str, int | str] = {"schema_version": version, "samples": self._samples}
        path = self._connections.path
        for file in (path, path.with_name(f"{path.name}-wal")) if path else ():
            if file.exists():
                status = file.stat()
                stamp[f"{file.suffix}.mtime_ns"] = status.st_mtime_ns
                stamp[f"{file.suffix}.size"] = status.st_size
        return stamp

    @property
    def _samples(self) -> int:
        return max(self._schema_settings.sample_values, _SAMPLES_KEPT)

    def _read_schema(self, connection: sqlite3.Connection, stamp: Stamp) -> Schema:
        if self._cache and self._identity and (found := self._cache.load(self._identity, stamp)):
            return found
        structure = read_structure(connection)
        if not structure.tables:
            raise DatabaseError(f"the database {self.name!r} is empty: it holds no table; is it the right file?")
        schema = add_profile(connection, structure, ProfileBounds(self._samples))
        logger.info("read the schema of %s: %s tables", self.name, len(schema.tables))
        if self._cache and self._identity:
            self._cache.store(self._identity, stamp, schema)
        return schema

    def _with_comments(self, schema: Schema) -> Schema:
        path = self._connections.path
        if path and (folder := path.parent / DESCRIPTION_FOLDER).is_dir():
            schema = with_descriptions(schema, folder)
        if self._schema_settings.notes:
            schema = with_notes(schema, Path(self._schema_settings.notes).expanduser())
        return schema


def _named(target: URL | Engine) -> str:
    url = target.url if isinstance(target, Engine) else target
    return url.database or "memory"


def _unusable(problem: Exception) -> QueryFailure:
    logger.warning("the database cannot be used: %s", problem)
    if isinstance(problem, sqlite3.Error):
        return sqlite_failure(str(problem))
    return QueryFailure("other", "the database cannot be read any more", "open the database again")
