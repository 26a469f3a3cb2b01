"""The program of a DuckDB process: `main` answers requests on stdin by replies on stdout, both pickled.

DuckDB looks whether it was interrupted between two batches of rows, and counts the memory of its operators only. One
call such as `list_transform(range(100000000), ...)` goes on for 112 s after an interrupt and takes 9.5 GB however small
`memory_limit` is, and a plan of 2,000 set operations takes 136 s. So DuckDB runs in a process of its own whose memory
the system bounds, and which can be ended. It is the only module that imports duckdb.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any, cast
from uuid import UUID

from agentsql.db.limits import Limits, take
from agentsql.types import Cell, Row

IDLE_S = 60.0
"""Seconds without a request after which the process ends, because no other program can write while a file is open."""
_BASE_BYTES = 1_500_000_000
"""Address space beyond DuckDB's own limit: the interpreter, DuckDB's code, and the stacks of its threads."""


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """What is opened, and what it may take."""

    file: str
    temp_folder: str
    memory_bytes: int
    temp_bytes: int
    readable: tuple[str, ...] = ()
    """Files beside the database that its views read."""
    load: tuple[str, ...] = ()
    """Statements that fill a new database at `file`; the process then does nothing else."""


@dataclass(frozen=True, slots=True)
class Request:
    """One statement to run."""

    sql: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request, or of opening the database; `error` is the class name of DuckDB's exception."""

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truncated: bool = False
    error: str = ""
    message: str = ""


def main() -> int:
    """Open what the first message says and answer requests until stdin ends, or only fill a database."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints must not stand between replies
    spec: WorkerSpec = pickle.load(requests)
    _bound_memory(spec.memory_bytes + _BASE_BYTES)
    import duckdb

    if spec.load:
        _send(replies, _filled(spec))
        return 0
    try:
        connection = _opened(spec)
        search_path = _search_path(connection)
    except (duckdb.Error, MemoryError) as problem:
        _send(replies, _problem(problem))
        return 1
    _send(replies, Reply())
    while True:
        idle = threading.Timer(IDLE_S, os._exit, (0,))
        idle.daemon = True
        idle.start()
        try:
            request: Request = pickle.load(requests)
        except EOFError:
            return 0
        finally:
            idle.cancel()
        _send(replies, _run(connection, search_path, request))


def _send(replies: IO[bytes], reply: Reply) -> None:
    pickle.dump(reply, replies)
    replies.flush()


def _bound_memory(size: int) -> None:
    with contextlib.suppress(ImportError):  # Windows has no such bound
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (size if most == resource.RLIM_INFINITY else min(size, most), most))


def _opened(spec: WorkerSpec) -> Any:
    """Open for reading; files, network, extensions and settings are then closed for good, for every statement."""
    import duckdb

    # DuckDB takes the list of readable files only from a running database, so the rest is set in this order.
    connection = duckdb.connect(spec.file, read_only=True, config=_config(spec))
    connection.execute(f"SET allowed_paths = [{', '.join(map(_quoted, spec.readable))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _search_path(connection: Any) -> str:
    """Give the statement after which a name is looked for in every schema, `main` first; each session needs it."""
    schemas = connection.execute(
        "SELECT schema_name FROM duckdb_schemas() WHERE database_name = current_database() "
        "AND (schema_name = 'main' OR NOT internal) ORDER BY schema_name <> 'main', schema_name"
    ).fetchall()
    path = ",".join('"' + name.replace('"', '""') + '"' for (name,) in schemas)
    return f"SET search_path = {_quoted(path)}"


def _filled(spec: WorkerSpec) -> Reply:
    """Make the database; what fails is in the reply, with the statement's number as its only cell."""
    import duckdb

    with duckdb.connect(spec.file, config=_config(spec)) as connection:
        for number, statement in enumerate(spec.load):
            try:
                connection.execute(statement)
            except (duckdb.Error, MemoryError) as problem:
                return replace(_problem(problem), rows=((number,),))
    return Reply()


def _config(spec: WorkerSpec) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": f"{spec.memory_bytes}B",
        "max_temp_directory_size": f"{spec.temp_bytes}B",
        "temp_directory": spec.temp_folder,
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        "allow_community_extensions": False,
        "allow_persistent_secrets": False,
        "python_enable_replacements": False,  # else a table name may be a variable of this program
    }


def _run(connection: Any, search_path: str, request: Request) -> Reply:
    import duckdb

    limits = request.limits
    cursor = connection.cursor()  # another session in one database: nothing of a query is left for the next
    timer = threading.Timer(max(0.0, limits.timeout_s), cursor.interrupt)
    timer.daemon = True
    ends = time.monotonic() + limits.timeout_s
    try:
        cursor.execute(search_path)
        statements = cursor.extract_statements(request.sql)
        kinds = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
        if len(statements) != 1 or statements[0].type not in kinds:
            found = ", ".join(one.type.name for one in statements) or "nothing"
            return Reply(error="PermissionException", message=f"expected one query, got {found}")
        timer.start()
        cursor.execute(statements[0])
        columns = tuple(str(column[0]) for column in cursor.description or ())
        rows, truncated = take(_rows(cursor, limits, ends), limits)
    except (duckdb.Error, MemoryError, ValueError, OverflowError, RuntimeError) as problem:
        # Values that Python has no room for, such as years beyond 9999, raise the built-in errors.
        return _problem(problem)
    finally:
        timer.cancel()
        with contextlib.suppress(duckdb.Error):
            cursor.close()
    return Reply(columns, rows, truncated)


def _rows(cursor: Any, limits: Limits, ends: float) -> Iterator[Row]:
    import duckdb

    while batch := cursor.fetchmany(min(100, limits.max_rows + 1)):
        if time.monotonic() > ends:
            raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")
        for row in batch:
            cells = tuple(map(_plain, row))
            if any(isinstance(cell, str | bytes) and len(cell) > limits.cell_bytes for cell in cells):
                raise duckdb.OutOfRangeException("Out of Range Error: a cell is too big to read")
            yield cells


def _plain(cell: object) -> Cell:
    """Give lists, structs and maps as JSON, and identifiers as text."""
    if isinstance(cell, dict | list | tuple):
        return json.dumps(_keyed(cell), ensure_ascii=False, default=str)
    return str(cell) if isinstance(cell, UUID) else cast(Cell, cell)


def _keyed(value: object) -> object:
    """Give the value with texts for keys, as JSON wants them."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _keyed(one) for key, one in value.items()}
    return [_keyed(one) for one in value] if isinstance(value, list | tuple) else value


def _problem(problem: BaseException) -> Reply:
    return Reply(error=type(problem).__name__, message=str(problem))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
