"""PostgreSQL through psycopg 3: every query in a READ ONLY transaction of its own that is rolled back."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.json import set_json_loads
from sqlalchemy import URL, Engine

from agentsql.db.cache import Marks, Stamp
from agentsql.db.database import Enforced
from agentsql.db.limits import Limits
from agentsql.db.postgres_catalog import FILLED, read_marks, read_stamp, read_structure, read_writes
from agentsql.db.postgres_rights import demoted_role, privileges_to_write, reader_grants, session_facts
from agentsql.db.quote import quote_identifier
from agentsql.db.schema import Schema
from agentsql.db.server import ServerDatabase
from agentsql.db.server_backend import Collected, ConnectionLost, Rows, cell_of, writes
from agentsql.db.server_failures import postgres_failure
from agentsql.db.server_open import open_server
from agentsql.db.server_watch import Watch
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings, SchemaSettings
from agentsql.types import QueryFailure

logger = logging.getLogger(__name__)

_CANCEL_S = 5.0
"""Seconds that asking the server to cancel may take, and after that the query to end; then the connection is cut."""
_CONNECT = {
    "autocommit": True,  # a transaction begins where `session` says so
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "prepare_threshold": None,  # a pooler between us and the server may not keep statements
    "application_name": "agentsql",
    "client_encoding": "utf8",
}


def open_postgres(
    target: URL | Engine, *, settings: DatabaseSettings, schema_settings: SchemaSettings, cache_dir: Path | None
) -> ServerDatabase:
    """Open a PostgreSQL database, or use an engine on one.

    Raises:
        DatabaseError: the server does not answer, refuses the user, or the database holds no table.
    """
    if isinstance(target, URL):
        target = target.set(drivername="postgresql+psycopg")
    elif target.driver != "psycopg":
        raise DatabaseError(f"the engine's driver {target.driver!r} cannot be used; make it with postgresql+psycopg://")
    return open_server(target, PostgresBackend(), _CONNECT, settings, schema_settings, cache_dir)


class PostgresBackend:
    """The `Backend` of PostgreSQL."""

    dialect = "postgres"
    errors: tuple[type[Exception], ...] = (psycopg.Error,)
    plans = True

    def __init__(self) -> None:
        self._role: str | None = None

    def attach(self, engine: Engine) -> None:
        """Nothing to learn: psycopg cancels by itself."""

    @contextmanager
    def session(self, connection: psycopg.Connection[Any], limits: Limits, namespaces: Sequence[str]) -> Iterator[None]:
        """Begin a READ ONLY transaction, which PostgreSQL lets no statement in it turn back, and roll it back."""
        autocommit = connection.autocommit
        try:
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.rollback()
            connection.autocommit = True
            self._begin(connection, limits, namespaces)
        except psycopg.OperationalError as problem:
            if not self.is_lost(connection):
                raise
            raise ConnectionLost(str(problem), stale=True) from problem
        try:
            yield
        finally:
            with suppress(psycopg.Error):  # a connection that is lost is found so by the next one to use it
                _end(connection)
                connection.autocommit = autocommit

    def read(self, connection: psycopg.Connection[Any], sql: str, limits: Limits, watch: Watch) -> Rows:
        """Read through a cursor of the server's.

        DECLARE takes nothing but one query that does not write, in the extended protocol, which takes nothing but one
        statement: a stacked statement is a syntax error whatever the guard thought of it.
        """
        collected = Collected(limits)
        with self._watched(connection, limits, watch), connection.cursor(name="agentsql", scrollable=False) as cursor:
            for name, loader in _LOADERS.items():
                cursor.adapters.register_loader(name, loader)
            set_json_loads(_as_written, cursor)
            cursor.execute(sql)
            columns = tuple(column.name for column in cursor.description or ())
            while (wanted := collected.wanted()) and not collected.truncated:
                fetched = cursor.fetchmany(wanted)
                for row in fetched:
                    collected.add(tuple(map(cell_of, row)))
                if len(fetched) < wanted:
                    break
            _end(connection)  # before the cursor is closed, which asks nothing of the server once it is gone
        return Rows(columns, tuple(collected.rows), collected.truncated)

    def explain(self, connection: psycopg.Connection[Any], sql: str, limits: Limits, watch: Watch) -> float | None:
        """Give the planner's total cost, in its own unit: pages read in a row."""
        with self._watched(connection, limits, watch), connection.cursor() as cursor:
            # In binary, because then it goes by the extended protocol, which takes one statement only.
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", binary=True)
            row = cursor.fetchone()
        return float(row[0][0]["Plan"]["Total Cost"]) if row else None

    def failure(self, problem: Exception, limits: Limits) -> QueryFailure:
        diagnosed = problem.diag.message_primary if isinstance(problem, psycopg.Error) else ""
        state = getattr(problem, "sqlstate", None) or ""
        return postgres_failure(state, diagnosed or str(problem), limits.timeout_s)

    def is_lost(self, connection: psycopg.Connection[Any]) -> bool:
        return connection.closed or connection.broken

    def product(self, connection: psycopg.Connection[Any]) -> str:
        version = connection.info.server_version
        return f"PostgreSQL {version // 10_000}"

    def namespaces(self, connection: psycopg.Connection[Any], wanted: Sequence[str]) -> tuple[str, ...]:
        """Give those wanted, or else what the connection's search path begins with."""
        found = [row[0] for row in connection.execute("SELECT nspname FROM pg_namespace").fetchall()]
        if missing := [name for name in wanted if name not in found]:
            usual = sorted(name for name in found if not name.startswith("pg_") and name != "information_schema")
            raise DatabaseError(f"there is no schema {missing[0]!r}; there are: {', '.join(usual)}")
        row = connection.execute("SELECT current_schema()").fetchone()
        names = tuple(wanted) or ((row[0] if row and row[0] else "public"),)
        self._role = demoted_role(connection, names)
        return names

    def filled(self, connection: psycopg.Connection[Any]) -> tuple[str, ...]:
        return tuple(row[0] for row in connection.execute(FILLED).fetchall())

    def stamp(self, connection: psycopg.Connection[Any], namespaces: Sequence[str]) -> Stamp:
        return read_stamp(connection, namespaces)

    def marks(self, connection: psycopg.Connection[Any], namespaces: Sequence[str]) -> Marks:
        return read_marks(connection, namespaces)

    def data_stamp(self, connection: psycopg.Connection[Any], namespaces: Sequence[str]) -> Stamp | None:
        return read_writes(connection, namespaces)

    def structure(self, connection: psycopg.Connection[Any], namespaces: Sequence[str]) -> Schema:
        return read_structure(connection, namespaces)

    def enforcement(
        self, connection: psycopg.Connection[Any], namespaces: Sequence[str], limits: Limits
    ) -> tuple[Enforced, ...]:
        by = "every query runs in a READ ONLY transaction, through a cursor that takes no other statement"
        if self._role:
            by += f", as the role {self._role}"
        return (
            writes(by, privileges_to_write(connection, namespaces), reader_grants(connection, namespaces)),
            Enforced("one statement", "the extended protocol takes no second one"),
            Enforced("time", f"statement_timeout of {limits.timeout_s:g} s, and a cancel request at that time"),
            Enforced("locks", "lock_timeout, and the end of the transaction after each query"),
            Enforced("size", f"{limits.max_rows} rows, {limits.max_bytes} bytes, by a cursor on the server"),
            *session_facts(connection),
        )

    def _begin(self, connection: psycopg.Connection[Any], limits: Limits, namespaces: Sequence[str]) -> None:
        """Say all in one message: SET LOCAL ends with the transaction, so a caller's session stays as it was."""
        milliseconds = max(1, int(limits.timeout_s * 1000))
        path = ", ".join(quote_identifier(name, "postgres", always=True) for name in namespaces)
        settings = {
            "statement_timeout": str(milliseconds),
            "lock_timeout": str(min(milliseconds, 5000)),
            "idle_in_transaction_session_timeout": str(milliseconds + 60_000),
            "standard_conforming_strings": "on",  # as the guard reads them
            "cursor_tuple_fraction": "1",  # the plan for all rows, not that for the first ones
        }
        if namespaces:  # temporary tables come last, so that they hide no other
            settings["search_path"] = f"pg_catalog, {path}, pg_temp"
        if connection.info.server_version >= 140_000:
            settings["client_connection_check_interval"] = "2000"  # work for a client that is gone ends
        said = ["BEGIN READ ONLY", *(f"SET LOCAL {name} = {value}" for name, value in settings.items())]
        if self._role:
            said.append(f"SET LOCAL ROLE {self._role}")
        connection.execute("; ".join(said))

    @contextmanager
    def _watched(self, connection: psycopg.Connection[Any], limits: Limits, watch: Watch) -> Iterator[None]:
        """Cancel on the server at the deadline, and cut the connection where that does not help."""
        handle = connection.fileno()
        with (
            watch.limit(limits.timeout_s, lambda: connection.cancel_safe(timeout=_CANCEL_S)),
            watch.limit(limits.timeout_s + 2 * _CANCEL_S, lambda: _cut(handle)),
        ):
            yield


def _end(connection: psycopg.Connection[Any]) -> None:
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        connection.execute("ROLLBACK")


def _cut(handle: int) -> None:
    """Shut a socket down, so that whoever reads from it wakes up."""
    with socket.socket(fileno=os.dup(handle)) as same:
        same.shutdown(socket.SHUT_RDWR)


def _as_written(text: str | bytes) -> str:
    """Keep JSON as it is written: a cell is text."""
    return text if isinstance(text, str) else text.decode()


def _text_if_beyond(loader: type[Any]) -> type[Any]:
    """Give a loader that keeps as text what Python has no date for: infinity, and years before 1 or after 9999."""

    class Loader(loader):  # type: ignore[misc]
        def load(self, data: Any) -> Any:
            try:
                return super().load(data)
            except psycopg.DataError:
                return bytes(data).decode()

    return Loader


_LOADERS = {
    name: _text_if_beyond(loader)
    for name, loader in (("date", DateLoader), ("timestamp", TimestampLoader), ("timestamptz", TimestamptzLoader))
}
