"""Databases on a server, behind both locks; what differs between servers is in the modules of their names."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, PoolProxiedConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from agentsql.db.cache import Marks, SchemaCache, Stamp
from agentsql.db.database import Enforced
from agentsql.db.limits import Limits
from agentsql.db.notes import with_notes
from agentsql.db.schema import Schema
from agentsql.db.server_backend import COMPILE_S, Backend, ConnectionLost, Stopped
from agentsql.db.server_failures import lost_failure, said_by_driver
from agentsql.db.server_profile import with_samples
from agentsql.db.server_refresh import Samples
from agentsql.db.server_watch import Watch
from agentsql.db.statement import check_statement, run_statement
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings, SchemaSettings
from agentsql.types import ExecutionResult, QueryFailure

logger = logging.getLogger(__name__)

_CATALOGUE_S = 60.0
"""Seconds that one look into the server's catalogue may take."""
_STALE = 50
"""Pooled connections in a row that may turn out to be of a server that was restarted; each costs next to nothing."""
_DATA_STAMP_S = 5.0
"""A stamp of the data serves this long: values may lag behind by so much, and a busy server is asked no more often."""
_ADVICE = "see that the server runs, and that host, port, user, password and database are right"

Found = TypeVar("Found")


class ServerDatabase:
    """One database on a server. Safe to use from many threads, which share a bounded pool of connections."""

    def __init__(
        self,
        engine: Engine,
        backend: Backend,
        settings: DatabaseSettings,
        schema_settings: SchemaSettings,
        cache: SchemaCache | None,
        *,
        owned: bool,
    ) -> None:
        self.name = engine.url.database or engine.url.host or engine.url.get_backend_name()
        self.dialect = backend.dialect
        self.product = engine.url.get_backend_name()
        self._engine = engine
        self._owned = owned
        self._backend = backend
        backend.attach(engine)
        self._settings = settings
        self._schema_settings = schema_settings
        self._cache = cache
        self._namespaces: tuple[str, ...] = ()
        self._watch = Watch()
        self._schema_mutex = threading.Lock()
        self._known: tuple[Stamp, Schema] | None = None
        self._samples = Samples(cache)
        self._looked_at = -1.0
        self._data: tuple[float, Stamp] | None = None

    def prepare(self, wanted: tuple[str, ...]) -> None:
        """Ask the server which it is and what the role may do.

        Raises:
            DatabaseError: it does not answer, or one of the schemas `wanted` does not exist.
        """
        with self._told("be opened"):
            self._namespaces = self._with_connection(lambda connection: self._backend.namespaces(connection, wanted))
            self.product = self._with_connection(self._backend.product)
        for one in self.enforcement():
            if one.what == "no writes" and not one.holds:
                logger.warning("%s: %s; `agentsql doctor --db` says how to get a safer role", one.what, one.by)

    def schema(self) -> Schema:
        """Give the schema with comments and notes; it is read again when the catalogue has changed.

        Callers who come while another one looks are served by the next look together.

        Raises:
            DatabaseError: it cannot be read, or it holds no table.
            SettingsError: the notes file names what the database does not have.
        """
        came = time.monotonic()
        with self._schema_mutex:
            if self._known is not None and self._looked_at > came:
                return self._known[1]
            started = time.monotonic()
            with self._told("give its schema"):
                self._known = self._with_values(*self._with_connection(self._look))
            self._looked_at = started
            return self._known[1]

    def check(self, sql: str) -> QueryFailure | None:
        """Give why `sql` may not or cannot run; the server plans it, so valid SQL always passes."""
        limits = dataclasses.replace(self._limits(None, None), timeout_s=COMPILE_S)
        return check_statement(
            sql,
            self.dialect,
            self._settings.permitted_functions,
            compiled=lambda: self._failing(limits, lambda connection: self._plan(connection, sql, limits)),
            schema=self.schema,
            compiles_names=self._backend.plans,
        )

    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        """Execute one query through both locks."""
        run = partial(self.run_behind_second_lock, sql, max_rows=max_rows, timeout_s=timeout_s)
        return run_statement(sql, self.dialect, self._settings.permitted_functions, run)

    def run_behind_second_lock(
        self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None
    ) -> ExecutionResult:
        """Execute a statement that the guard has not seen; tests use it to prove that the connection refuses alone."""
        limits = self._limits(max_rows, timeout_s)
        results: list[ExecutionResult] = []

        def read(connection: Any) -> None:
            if self._settings.max_cost:
                self._plan(connection, sql, limits)
            started = time.perf_counter()
            rows = self._backend.read(connection, sql, limits, self._watch)
            seconds = time.perf_counter() - started
            results.append(ExecutionResult(sql, rows.columns, rows.rows, rows.truncated, seconds))

        started = time.perf_counter()
        failure = self._failing(limits, read)
        if failure is not None:
            return ExecutionResult(sql, (), (), False, time.perf_counter() - started, failure)
        return results[0]

    def data_stamp(self) -> Stamp | None:
        """Give what changes when much of the data has; None where the server keeps no count, or does not answer."""
        known = self._data
        if known is not None and time.monotonic() - known[0] < _DATA_STAMP_S:
            return known[1]
        try:
            found = self._with_connection(lambda connection: self._backend.data_stamp(connection, self._namespaces))
        except self._unusable as problem:
            logger.warning("the state of %s cannot be read: %s", self.name, said_by_driver(problem, self._engine.url))
            return None
        if found is None:
            return None
        stamp = {"identity": self._identity, "structure": self.schema().fingerprint, **found}
        self._data = time.monotonic(), stamp
        return stamp

    def enforcement(self) -> tuple[Enforced, ...]:
        """Give what the server enforces, and the privileges of the role in use."""
        limits = self._limits(None, None)
        with self._told("say what it enforces"):
            return self._with_connection(
                lambda connection: self._backend.enforcement(connection, self._namespaces, limits)
            )

    def close(self) -> None:
        """Close every connection it opened; an engine of the caller's stays open."""
        self._watch.close()
        if self._owned:
            self._engine.dispose()

    @property
    def _unusable(self) -> tuple[type[Exception], ...]:
        return (SQLAlchemyError, ConnectionLost, *self._backend.errors)

    @property
    def _identity(self) -> str:
        """Tell databases apart, and users, who may see different tables; without the password."""
        url = self._engine.url
        place = f"{url.username or ''}@{url.host or ''}:{url.port or ''}/{url.database or ''}"
        return f"{url.get_backend_name()}://{place}?schema={','.join(self._namespaces)}"

    def _limits(self, max_rows: int | None, timeout_s: float | None) -> Limits:
        return Limits(
            self._settings.max_rows if max_rows is None else max_rows,
            self._settings.max_bytes,
            self._settings.timeout_s if timeout_s is None else timeout_s,
        )

    def _with_values(self, stamp: Stamp, schema: Schema, marks: Marks | None) -> tuple[Stamp, Schema]:
        """Give a schema just read, which has marks, with samples of its values, which take connections of their own."""
        if marks is not None:
            most = max(self._schema_settings.sample_values, 5)
            sample = partial(with_samples, run=self.run_behind_second_lock, samples=most)
            schema = self._samples.refresh(self._identity, stamp, schema, marks, sample)
        if self._known is not None and self._known[1] is schema:
            return self._known
        if self._schema_settings.notes:
            schema = with_notes(schema, Path(self._schema_settings.notes).expanduser())
        return stamp, schema

    def _look(self, connection: Any) -> tuple[Stamp, Schema, Marks | None]:
        """Give the stamp and the schema: the known one, that of the cache, or one read now, with marks of tables."""
        stamp = {"namespaces": ",".join(self._namespaces), **self._backend.stamp(connection, self._namespaces)}
        if self._known is not None and self._known[0] == stamp:
            return *self._known, None
        schema = self._cache.load(self._identity, stamp) if self._cache else None
        marks = None if schema else self._backend.marks(connection, self._namespaces)
        if schema is None:
            schema = self._backend.structure(connection, self._namespaces)
            if not schema.tables:
                raise self._without_tables(connection)
            logger.info("read the schema of %s: %s tables", self.name, len(schema.tables))
        return stamp, schema, marks

    def _without_tables(self, connection: Any) -> DatabaseError:
        others = ", ".join(self._backend.filled(connection))
        where = f" in {', '.join(self._namespaces)}" if self._namespaces else ""
        advice = f"name schemas with --schema; there are tables in {others}" if others else "grant the user SELECT"
        return DatabaseError(f"the database {self.name!r} holds no table that this user may read{where}; {advice}")

    def _plan(self, connection: Any, sql: str, limits: Limits) -> None:
        cost = self._backend.explain(connection, sql, limits, self._watch)
        if self._settings.max_cost and cost is not None and cost > self._settings.max_cost:
            said = (
                f"the server expects the query to cost {cost:,.0f}, more than the {self._settings.max_cost:,} allowed"
            )
            raise Stopped(QueryFailure("refused", said, "read fewer rows: add a filter, and join on keys"))

    def _failing(self, limits: Limits, work: Callable[[Any], None]) -> QueryFailure | None:
        """Give why the work could not be done; None if it was."""
        try:
            self._with_connection(work, limits)
        except Stopped as problem:
            return problem.failure
        except PoolTimeoutError:
            return QueryFailure("timeout", "all connections to the database were busy", "try again later")
        except (ConnectionLost, SQLAlchemyError) as problem:
            logger.warning("the database %s cannot be used: %s", self.name, said_by_driver(problem, self._engine.url))
            return lost_failure(self.name)
        except self._backend.errors as problem:
            return self._backend.failure(problem, limits)
        return None

    def _with_connection(self, work: Callable[[Any], Found], limits: Limits | None = None) -> Found:
        """Do the work behind the second lock, on a connection that is not stale.

        Raises:
            ConnectionLost: the server ended the connection meanwhile, or each one there is.
        """
        limits = limits or dataclasses.replace(self._limits(None, None), timeout_s=_CATALOGUE_S)
        for left in reversed(range(_STALE)):
            with self._lent() as lent:
                connection = lent.driver_connection
                try:
                    with self._backend.session(connection, limits, self._namespaces):
                        return work(connection)
                except ConnectionLost:
                    if not left:
                        raise
                except self._backend.errors as problem:
                    if self._backend.is_lost(connection):
                        raise ConnectionLost(str(problem), stale=False) from problem
                    raise
        raise AssertionError("the last try ends above")

    @contextmanager
    def _lent(self) -> Iterator[PoolProxiedConnection]:
        lent = self._engine.raw_connection()
        try:
            yield lent
        finally:
            if self._backend.is_lost(lent.driver_connection):
                lent.invalidate()
            lent.close()

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except self._unusable as problem:
            said = said_by_driver(problem, self._engine.url)
            raise DatabaseError(f"the database {self.name!r} cannot {what}: {said}; {_ADVICE}") from None
