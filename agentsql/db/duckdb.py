"""DuckDB databases, and CSV, Parquet and JSON files, behind both locks.

DuckDB's own Python API is used rather than SQLAlchemy: duckdb_engine 0.17 cannot read a schema from DuckDB 2 (it asks
for `pg_catalog.pg_collation`, which that has not), and knows of neither its locks nor its interrupts.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import logging
import shutil
import sys
import tempfile
import threading
import weakref
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Engine

from agentsql.db.cache import SchemaCache, Stamp
from agentsql.db.database import Enforced
from agentsql.db.duckdb_failures import duckdb_failure
from agentsql.db.duckdb_files import DataFile, found_at, load_statements, stamp_of
from agentsql.db.duckdb_process import ProcessEnded, ProcessPool, fill_database
from agentsql.db.duckdb_schema import add_values, read_structure
from agentsql.db.duckdb_worker import Reply, WorkerSpec
from agentsql.db.failures import error_for_model
from agentsql.db.limits import Limits
from agentsql.db.notes import DESCRIPTION_FOLDER, with_descriptions, with_notes
from agentsql.db.profile import ProfileBounds
from agentsql.db.schema import Schema
from agentsql.db.statement import check_statement, run_statement
from agentsql.errors import DatabaseError, MissingExtraError
from agentsql.settings import DatabaseSettings, SchemaSettings
from agentsql.types import ExecutionResult, QueryFailure, Row

logger = logging.getLogger(__name__)

_COMPILE_S = 5.0
"""Seconds DuckDB may take to plan a query that is only checked."""
_SAMPLES_KEPT = 5
"""Values kept of a column whatever is shown, so that the cache serves other settings too."""
_MEGABYTE = 1_000_000


def open_duckdb(
    target: URL | Engine, *, settings: DatabaseSettings, schema_settings: SchemaSettings, cache_dir: Path | None
) -> DuckDBDatabase:
    """Open a DuckDB file, a data file, or a folder of data files; nothing is ever written to them.

    Args:
        cache_dir: folder of the schema cache; None keeps schemas in memory only.

    Raises:
        DatabaseError: nothing there that can be read, or another program writes to it.
        MissingExtraError: DuckDB is not installed.
    """
    if importlib.util.find_spec("duckdb") is None:
        raise MissingExtraError("a DuckDB database, or a data file,", "duckdb", "duckdb")
    if isinstance(target, Engine):
        raise DatabaseError("an engine on DuckDB cannot be made read-only; pass the path of its file")
    if not target.database or target.database == ":memory:":
        raise DatabaseError("an in-memory DuckDB database would be empty; give the path of a file")
    path = Path(target.database).expanduser().absolute()
    found_at(path)
    database = DuckDBDatabase(path, settings, schema_settings, SchemaCache(cache_dir) if cache_dir else None)
    try:
        database.schema()
    except BaseException:
        database.close()
        raise
    return database


class DuckDBDatabase:
    """One DuckDB file, or data files read by DuckDB, behind both locks."""

    dialect = "duckdb"
    product = "DuckDB"

    def __init__(
        self, path: Path, settings: DatabaseSettings, schema_settings: SchemaSettings, cache: SchemaCache | None
    ) -> None:
        self.name = path.name.partition(".")[0] or path.name
        self._path = path
        self._identity = f"duckdb:{path.resolve()}"
        self._settings = settings
        self._schema_settings = schema_settings
        self._cache = cache
        self._mutex = threading.Lock()
        self._schema_mutex = threading.Lock()
        self._known: tuple[Stamp, Schema] | None = None
        self._opened: tuple[Stamp, ProcessPool] | None = None
        self._closed = False
        self._folder = Path(tempfile.mkdtemp(prefix="agentsql-duckdb-"))  # for its owner only
        self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def schema(self) -> Schema:
        """Give the schema with values, comments and notes; it is read again when a file has changed.

        Raises:
            DatabaseError: it cannot be read, or it holds no table.
            SettingsError: the notes file names what the database does not have.
        """
        with self._schema_mutex:
            stamp, pool = self._current()
            if self._known is None or self._known[0] != stamp:
                self._known = stamp, self._with_comments(self._read_schema(pool, stamp))
            return self._known[1]

    def check(self, sql: str) -> QueryFailure | None:
        """Give why `sql` may not or cannot run; DuckDB has the last word on names, so valid SQL always passes."""

        def compiled() -> QueryFailure | None:
            return self.run_behind_second_lock(f"EXPLAIN {sql}", timeout_s=_COMPILE_S).error

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
        limits = Limits(
            self._settings.max_rows if max_rows is None else max_rows,
            self._settings.max_bytes,
            self._settings.timeout_s if timeout_s is None else timeout_s,
        )
        try:
            _, pool = self._current()
            reply, seconds = pool.run(sql, limits)
            while pool.is_closed and reply.error == "ConnectionException":  # a file changed in between
                _, pool = self._current()
                reply, seconds = pool.run(sql, limits)
        except DatabaseError as problem:
            logger.warning("the database cannot be used: %s", problem)
            failure = QueryFailure("other", error_for_model(str(problem)), "open the database again")
            return ExecutionResult(sql, (), (), False, 0.0, failure)
        failed = duckdb_failure(reply.error, reply.message, timeout_s=limits.timeout_s) if reply.error else None
        return ExecutionResult(sql, reply.columns, reply.rows, reply.truncated, seconds, failed)

    def data_stamp(self) -> Stamp | None:
        """Give the path and what a write changes; None while the files cannot be looked at."""
        try:
            return {"identity": self._identity, **self._stamp()}
        except (DatabaseError, OSError) as problem:
            logger.warning("the state of %s cannot be read: %s", self.name, problem)
            return None

    def enforcement(self) -> tuple[Enforced, ...]:
        """Give what DuckDB and its process enforce."""
        settings = self._settings
        return (
            Enforced("no writes", "opened read-only, and DuckDB's own parser must see one SELECT"),
            Enforced(
                "no files, no network, no extensions", "enable_external_access is off and the configuration locked"
            ),
            Enforced("time", f"interrupted after {settings.timeout_s:g} s, and the process is ended 2 s later"),
            Enforced("size", f"{settings.max_rows} rows, {settings.max_bytes} bytes"),
            Enforced(
                "memory", f"{settings.memory_megabytes} MB, and the system bounds the process", sys.platform != "win32"
            ),
            Enforced("temporary space", f"{settings.temp_megabytes} MB"),
        )

    def close(self) -> None:
        """End its processes and remove what was copied."""
        with self._mutex:
            self._closed = True
            opened, self._opened = self._opened, None
        if opened:
            opened[1].close()
        self._remove()

    def _stamp(self) -> Stamp:
        found = found_at(self._path)
        paths = (found, found.with_name(f"{found.name}.wal")) if isinstance(found, Path) else _paths(found)
        return {**stamp_of(paths), "samples": self._samples}

    def _current(self) -> tuple[Stamp, ProcessPool]:
        """Give the processes that have the files open as they are now.

        Raises:
            DatabaseError: the files are gone or cannot be read, or the database is closed.
        """
        with self._mutex:
            if self._closed:
                raise DatabaseError(f"the database {self.name!r} is closed; open it again")
            try:
                stamp = self._stamp()
            except OSError as problem:
                raise DatabaseError(f"{str(self._path)!r} cannot be read: {problem}; see that it is there") from problem
            if self._opened is None or self._opened[0] != stamp:
                before = self._opened
                self._opened = stamp, ProcessPool(self._open())
                if before:
                    before[1].retire()
            return self._opened

    def _open(self) -> WorkerSpec:
        """Give what a process is to open: the file, or a database made of the data files."""
        spec = WorkerSpec(
            file=str(self._path),
            temp_folder=str(self._folder / "spilled"),
            memory_bytes=self._settings.memory_megabytes * _MEGABYTE,
            temp_bytes=self._settings.temp_megabytes * _MEGABYTE,
        )
        found = found_at(self._path)
        if isinstance(found, Path):
            return spec
        made = tempfile.mkdtemp(dir=self._folder)
        spec = dataclasses.replace(spec, file=f"{made}/data.duckdb")
        self._fill(spec, found)
        readable = tuple(str(one.path) for one in found if one.reader == "read_parquet")
        return dataclasses.replace(spec, readable=readable)

    def _fill(self, spec: WorkerSpec, files: tuple[DataFile, ...]) -> None:
        try:
            reply = fill_database(dataclasses.replace(spec, load=load_statements(files)))
        except ProcessEnded:
            raise DatabaseError(
                f"{str(self._path)!r} cannot be read in {self._settings.memory_megabytes} megabytes of memory; "
                "raise [database] memory_megabytes"
            ) from None
        if reply.error:
            number = int(str(reply.rows[0][0])) if reply.rows else 0
            reason = error_for_model(reply.message.partition("\n\n")[0].partition("\nPossible")[0])
            raise DatabaseError(f"the file {str(files[number].path)!r} cannot be read: {reason}; mend or remove it")

    @property
    def _samples(self) -> int:
        return max(self._schema_settings.sample_values, _SAMPLES_KEPT)

    def _read_schema(self, pool: ProcessPool, stamp: Stamp) -> Schema:
        if self._cache and (found := self._cache.load(self._identity, stamp)):
            return found
        problems: list[Reply] = []

        def run(sql: str, seconds: float) -> tuple[Row, ...] | None:
            reply, _ = pool.run(sql, Limits(1_000_000, self._settings.max_bytes, seconds))
            if not reply.error:
                return reply.rows
            problems.append(reply)
            logger.debug("a statement on the schema failed: %s", reply.message)
            return None

        structure = read_structure(run)
        if structure is None:
            raise DatabaseError(f"the DuckDB database {str(self._path)!r} cannot be read: {_reason(problems[-1])}")
        if not structure.tables:
            raise DatabaseError(f"the database {self.name!r} is empty: it holds no table; is it the right file?")
        if not isinstance(found_at(self._path), Path):  # a view of a file is a table to whoever gave the file
            tables = tuple(dataclasses.replace(table, kind="table") for table in structure)
            structure = dataclasses.replace(structure, tables=tables)
        schema = add_values(run, structure, ProfileBounds(self._samples))
        logger.info("read the schema of %s: %s tables", self.name, len(schema.tables))
        if self._cache:
            self._cache.store(self._identity, stamp, schema)
        return schema

    def _with_comments(self, schema: Schema) -> Schema:
        if (folder := self._path.parent / DESCRIPTION_FOLDER).is_dir():
            schema = with_descriptions(schema, folder)
        if self._schema_settings.notes:
            schema = with_notes(schema, Path(self._schema_settings.notes).expanduser())
        return schema


def _paths(files: tuple[DataFile, ...]) -> tuple[Path, ...]:
    return tuple(one.path for one in files)


def _reason(reply: Reply) -> str:
    """Say why it cannot be opened, and what to do."""
    first = reply.message.partition("\n")[0]
    if "Could not set lock" in reply.message:
        return "another program writes to it; close that program, or give a copy of the file"
    if "different configuration" in reply.message:
        return "this program has it open otherwise; close that connection"
    return f"{first.removeprefix('IO Error: ')}; see that the file is whole and of no newer DuckDB"
