"""Any other database that SQLAlchemy has a dialect for, read-only as far as its driver allows."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, inspect
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector, ObjectKind
from sqlalchemy.exc import CompileError
from sqlglot import TokenType
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from agentsql.db.cache import Marks, Stamp
from agentsql.db.database import Enforced
from agentsql.db.failures import error_for_model
from agentsql.db.introspect import fingerprint
from agentsql.db.limits import Limits
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.db.server import ServerDatabase
from agentsql.db.server_backend import Collected, ConnectionLost, Rows, Stopped, cell_of, with_known_keys
from agentsql.db.server_open import open_server
from agentsql.db.server_watch import Watch
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings, SchemaSettings
from agentsql.types import FailureKind, QueryFailure

logger = logging.getLogger(__name__)

_SQLGLOT = {"mssql": "tsql", "awsathena": "athena", "cockroachdb": "postgres", "clickhousedb": "clickhouse"}
"""Names of dialects where sqlglot has another one than SQLAlchemy."""
_READ_ONLY = dict.fromkeys(("cockroachdb", "firebird", "oracle", "redshift"), "SET TRANSACTION READ ONLY")
_WRITING = frozenset(
    (TokenType.SEMICOLON, TokenType.INSERT, TokenType.UPDATE, TokenType.DELETE, TokenType.MERGE, TokenType.INTO)
)
"""Words that no query has and that may stand behind WITH; SQLite's driver does not roll back what it finds there."""
_BEGINNINGS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN, TokenType.VALUES})
_SCHEMA_S = 900
"""Nothing cheap tells in every database that its structure has changed, so it is read anew this often."""
_KINDS: tuple[tuple[str, FailureKind], ...] = (
    ("no such table", "unknown_table"),
    ("invalid object name", "unknown_table"),
    ("table or view does not exist", "unknown_table"),
    ("does not exist", "unknown_table"),
    ("no such column", "unknown_column"),
    ("invalid column name", "unknown_column"),
    ("invalid identifier", "unknown_column"),
    ("ambiguous", "ambiguous"),
    ("timeout", "timeout"),
    ("interrupted", "timeout"),
    ("cancel", "timeout"),
    ("read-only", "refused"),
    ("read only", "refused"),
    ("permission", "refused"),
    ("privilege", "refused"),
    ("denied", "refused"),
    ("syntax", "syntax"),
    ("convert", "type"),
    ("invalid number", "type"),
)


def open_generic(
    target: URL | Engine, *, settings: DatabaseSettings, schema_settings: SchemaSettings, cache_dir: Path | None
) -> ServerDatabase:
    """Open a database through SQLAlchemy alone.

    Raises:
        DatabaseError: no dialect or driver for it is installed, it cannot be reached, or it holds no table.
    """
    return open_server(target, GenericBackend(), {}, settings, schema_settings, cache_dir)


class GenericBackend:
    """The `Backend` of databases that agentsql knows nothing special of."""

    dialect = ""
    errors: tuple[type[Exception], ...] = ()
    plans = False

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def attach(self, engine: Engine) -> None:
        name = engine.dialect.name
        self._engine = engine
        self.dialect = _SQLGLOT.get(name, name if Dialect.get(name) else "")
        driver = engine.dialect.loaded_dbapi
        self.errors = (driver.Error, driver.Warning) if hasattr(driver, "Warning") else (driver.Error,)

    @contextmanager
    def session(self, connection: Any, limits: Limits, namespaces: Sequence[str]) -> Iterator[None]:
        """Hold a transaction, a read-only one where the database is known to have those, and roll it back."""
        try:
            connection.rollback()
            if statement := _READ_ONLY.get(self._attached.dialect.name):
                with closing(connection.cursor()) as cursor:
                    cursor.execute(statement)
        except self.errors as problem:
            if not self.is_lost(connection):
                raise
            raise ConnectionLost(str(problem), stale=True) from problem
        try:
            yield
        finally:
            with suppress(*self.errors):
                connection.rollback()

    def read(self, connection: Any, sql: str, limits: Limits, watch: Watch) -> Rows:
        collected = Collected(limits)
        with closing(connection.cursor()) as cursor, watch.limit(limits.timeout_s, lambda: _stop(connection, cursor)):
            cursor.execute(_begun_as_query(sql, self.dialect))
            if cursor.description is None:
                raise Stopped(QueryFailure("refused", "the statement gives no rows", "write one SELECT"))
            columns = tuple(str(column[0]) for column in cursor.description)
            while (wanted := collected.wanted()) and not collected.truncated:
                fetched = cursor.fetchmany(wanted)
                for row in fetched:
                    collected.add(tuple(map(cell_of, row)))
                if not fetched:
                    break
        return Rows(columns, tuple(collected.rows), collected.truncated)

    def explain(self, connection: Any, sql: str, limits: Limits, watch: Watch) -> float | None:
        """Give None: every database has a form of EXPLAIN of its own."""
        return None

    def failure(self, problem: Exception, limits: Limits) -> QueryFailure:
        folded = str(problem).casefold()
        kind: FailureKind = next((kind for part, kind in _KINDS if part in folded), "other")
        if kind == "timeout":
            said = f"the query passed its {limits.timeout_s:g} s limit and was stopped"
            return QueryFailure("timeout", said, "read fewer rows: add a filter, and join on keys")
        return QueryFailure(kind, error_for_model(str(problem)))

    def is_lost(self, connection: Any) -> bool:
        return bool(getattr(connection, "closed", False))

    def product(self, connection: Any) -> str:
        name = self._attached.dialect.name
        version = self._attached.dialect.server_version_info
        return f"{name} {version[0]}" if version else name

    def namespaces(self, connection: Any, wanted: Sequence[str]) -> tuple[str, ...]:
        inspector = inspect(self._attached)
        found = inspector.get_schema_names()
        if missing := [name for name in wanted if name not in found]:
            raise DatabaseError(f"there is no schema {missing[0]!r}; there are: {', '.join(sorted(found))}")
        default = inspector.default_schema_name
        return tuple(wanted) or ((default,) if default else ())

    def filled(self, connection: Any) -> tuple[str, ...]:
        return tuple(inspect(self._attached).get_schema_names())

    def stamp(self, connection: Any, namespaces: Sequence[str]) -> Stamp:
        return {"quarter": int(time.time() // _SCHEMA_S)}

    def marks(self, connection: Any, namespaces: Sequence[str]) -> Marks:
        return {}

    def data_stamp(self, connection: Any, namespaces: Sequence[str]) -> Stamp | None:
        return {"day": datetime.now(UTC).date().isoformat()}

    def structure(self, connection: Any, namespaces: Sequence[str]) -> Schema:
        inspector = inspect(self._attached)
        default = inspector.default_schema_name
        found = []
        for namespace in namespaces or (None,):
            inside = "" if namespace in (None, default, *namespaces[:1]) else str(namespace)
            found += self._tables(inspector, namespace, inside, namespaces)
        tables = with_known_keys(found)
        return Schema(self.dialect, tables, fingerprint(tables), tuple(namespaces))

    def enforcement(self, connection: Any, namespaces: Sequence[str], limits: Limits) -> tuple[Enforced, ...]:
        name = self._attached.dialect.name
        read_only = name in _READ_ONLY
        stops = any(hasattr(connection, verb) for verb in ("cancel", "interrupt"))
        by = (
            "every query runs in a READ ONLY transaction"
            if read_only
            else "what begins as a query only is run, and rolled back"
        )
        partial = f"; agentsql has no read-only mode for {name}: use a role that may only SELECT"
        return (
            Enforced("no writes", by if read_only else by + partial, holds=read_only),
            Enforced("time", f"{limits.timeout_s:g} s" if stops else "the driver cannot stop a query", holds=stops),
            Enforced("size", f"{limits.max_rows} rows, {limits.max_bytes} bytes"),
        )

    @property
    def _attached(self) -> Engine:
        assert self._engine is not None
        return self._engine

    def _tables(
        self, inspector: Inspector, namespace: str | None, inside: str, namespaces: Sequence[str]
    ) -> list[Table]:
        """Ask for all tables of a schema together; how many queries that takes is up to the dialect."""
        columns = inspector.get_multi_columns(schema=namespace, kind=ObjectKind.ANY)
        views = {*inspector.get_view_names(schema=namespace)}
        keys: dict[Any, Any] = inspector.get_multi_pk_constraint(schema=namespace)
        foreign: dict[Any, Any] = inspector.get_multi_foreign_keys(schema=namespace)
        comments: dict[Any, Any] = {}
        with suppress(NotImplementedError):
            comments = inspector.get_multi_table_comment(schema=namespace, kind=ObjectKind.ANY)
        return [
            Table(
                name=f"{inside}.{name}" if inside else name,
                columns=tuple(self._column(column) for column in listed),
                primary_key=tuple((keys.get((place, name)) or {}).get("constrained_columns") or ()),
                foreign_keys=tuple(_foreign_key(key, namespaces) for key in foreign.get((place, name)) or ()),
                comment=(comments.get((place, name)) or {}).get("text") or "",
                kind="view" if name in views else "table",
                namespace=inside,
            )
            for (place, name), listed in columns.items()
            if listed
        ]

    def _column(self, column: ReflectedColumn) -> Column:
        try:
            kind = column["type"].compile(self._attached.dialect)
        except CompileError:
            kind = ""
        return Column(column["name"], str(kind), column.get("nullable", True), column.get("comment") or "")


def _begun_as_query(sql: str, dialect: str) -> str:
    """Give the text if it is one statement that begins as queries do: some databases commit DDL by themselves.

    Raises:
        Stopped: it does not.
    """
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(sql)
    except SqlglotError as problem:
        raise Stopped(QueryFailure("syntax", f"not valid SQL: {error_for_model(str(problem))}")) from None
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    kinds = {token.token_type for token in tokens}
    if not tokens or tokens[0].token_type not in _BEGINNINGS or kinds & _WRITING:
        raise Stopped(QueryFailure("refused", "the statement is no query", "write one SELECT"))
    return sql


def _foreign_key(key: Any, namespaces: Sequence[str]) -> ForeignKey:
    place = key.get("referred_schema")
    target = key["referred_table"] if not place or place in namespaces[:1] else f"{place}.{key['referred_table']}"
    return ForeignKey(tuple(key["constrained_columns"]), target, tuple(key["referred_columns"]))


def _stop(connection: Any, cursor: Any) -> None:
    for owner, verb in ((cursor, "cancel"), (connection, "cancel"), (connection, "interrupt")):
        if hasattr(owner, verb):
            getattr(owner, verb)()
            return
    connection.close()
