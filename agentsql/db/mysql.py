"""MySQL and MariaDB through PyMySQL: every query in a READ ONLY transaction, where nothing but a query parses."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import SSCursor
from sqlalchemy import URL, Engine
from sqlglot import TokenType
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from agentsql.db.cache import Marks, Stamp
from agentsql.db.database import Enforced
from agentsql.db.limits import Limits
from agentsql.db.mysql_catalog import (
    FILLED,
    privileges_to_write,
    read_marks,
    read_size,
    read_stamp,
    read_structure,
    reader_grants,
)
from agentsql.db.schema import Schema
from agentsql.db.server import ServerDatabase
from agentsql.db.server_backend import Collected, ConnectionLost, Rows, cell_of, writes
from agentsql.db.server_failures import mysql_failure
from agentsql.db.server_open import open_server
from agentsql.db.server_watch import Watch
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings, SchemaSettings
from agentsql.types import QueryFailure

_CUT_S = 10.0
"""Seconds after which the connection is cut of a query that KILL did not end."""
_CONNECT = {"local_infile": False, "client_flag": 0, "connect_timeout": 10, "charset": "utf8mb4", "autocommit": True}
_OTHER_SQL = frozenset(
    "ANSI ANSI_QUOTES NO_BACKSLASH_ESCAPES PIPES_AS_CONCAT IGNORE_SPACE HIGH_NOT_PRECEDENCE ORACLE MSSQL POSTGRESQL "
    "DB2 MAXDB".split()
)
"""Modes in which the server reads a statement otherwise than the guard does: `"x"` as a name, `\\` as itself."""
_STATE = "SELECT DATABASE(), @@SESSION.sql_mode, @@SESSION.sql_select_limit, @@SESSION.lock_wait_timeout, {}"
_NEVER = frozenset({"LOAD_FILE", "GET_LOCK", "SYS_EXEC", "SYS_EVAL"})
_QUOTED = frozenset({TokenType.STRING, TokenType.IDENTIFIER})
_LOST = frozenset({0, 2006, 2013, 2014, 2055, 1927})


def open_mysql(
    target: URL | Engine, *, settings: DatabaseSettings, schema_settings: SchemaSettings, cache_dir: Path | None
) -> ServerDatabase:
    """Open a MySQL or MariaDB database, or use an engine on one.

    Raises:
        DatabaseError: the server does not answer, refuses the user, or the database holds no table.
    """
    if isinstance(target, URL):
        target = target.set(drivername=f"{target.get_backend_name()}+pymysql")
    elif target.driver != "pymysql":
        raise DatabaseError(f"the engine's driver {target.driver!r} cannot be used; make it with mysql+pymysql://")
    backend = MySQLBackend(restores=isinstance(target, Engine))
    return open_server(target, backend, _CONNECT, settings, schema_settings, cache_dir)


class MySQLBackend:
    """The `Backend` of MySQL and MariaDB."""

    dialect = "mysql"
    errors: tuple[type[Exception], ...] = (pymysql.MySQLError,)
    plans = True

    def __init__(self, *, restores: bool) -> None:
        self._restores = restores
        self._engine: Engine | None = None

    def attach(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def session(self, connection: Any, limits: Limits, namespaces: Sequence[str]) -> Iterator[None]:
        """Begin a READ ONLY transaction under time and row limits; an owner's session gets its settings back."""
        try:
            before = self._begin(connection, limits, namespaces)
        except (pymysql.MySQLError, OSError) as problem:
            if isinstance(problem, pymysql.MySQLError) and not _is_lost(problem):
                raise
            _close(connection)
            raise ConnectionLost(str(problem), stale=True) from problem
        try:
            yield
        finally:
            with suppress(pymysql.MySQLError, OSError):  # what is lost is found so by the next one to use it
                connection.rollback()
                if self._restores:
                    self._restore(connection, before)

    def read(self, connection: Any, sql: str, limits: Limits, watch: Watch) -> Rows:
        """Read row by row. What is not read is killed, so that the server stops and the connection is free."""
        collected = Collected(limits)
        with self._watched(connection, limits, watch):
            cursor = connection.cursor(SSCursor)
            try:
                cursor.execute(only_a_query(sql))
                columns = tuple(column[0] for column in cursor.description or ())
                while not collected.truncated and (row := cursor.fetchone()) is not None:
                    collected.add(tuple(map(cell_of, row)))
            except pymysql.MySQLError:  # the server has ended the query itself
                raise
            except BaseException:
                self._give_up(connection, cursor)
                raise
            if collected.truncated:
                self._give_up(connection, cursor)
            else:
                cursor.close()
        return Rows(columns, tuple(collected.rows), collected.truncated)

    def explain(self, connection: Any, sql: str, limits: Limits, watch: Watch) -> float | None:
        """Give the row combinations that the server expects to look at."""
        with self._watched(connection, limits, watch), connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(f"EXPLAIN {only_a_query(sql)}")
            looked_at: dict[Any, float] = {}
            for row in cursor.fetchall():
                step = row.get("id")
                looked_at[step] = looked_at.get(step, 1.0) * float(row.get("rows") or 1)
        return sum(looked_at.values())

    def failure(self, problem: Exception, limits: Limits) -> QueryFailure:
        number = problem.args[0] if problem.args and isinstance(problem.args[0], int) else 0
        return mysql_failure(number, str(problem.args[-1]) if problem.args else "", limits.timeout_s)

    def is_lost(self, connection: Any) -> bool:
        return not connection.open

    def product(self, connection: Any) -> str:
        version = str(connection.get_server_info()).removeprefix("5.5.5-")
        name = "MariaDB" if "mariadb" in version.casefold() else "MySQL"
        return f"{name} {'.'.join(version.partition('-')[0].split('.')[:2])}"

    def namespaces(self, connection: Any, wanted: Sequence[str]) -> tuple[str, ...]:
        """Give those wanted, or else the database that the URL names."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT schema_name FROM information_schema.schemata")
            found = [row[0] for row in cursor.fetchall()]
            cursor.execute("SELECT DATABASE()")
            (own,) = cursor.fetchone()
        if missing := [name for name in wanted if name not in found]:
            raise DatabaseError(f"there is no schema {missing[0]!r}; there are: {', '.join(sorted(found))}")
        if not wanted and not own:
            raise DatabaseError(f"the URL names no database; add one of: {', '.join(sorted(found))}")
        return tuple(wanted) or (own,)

    def filled(self, connection: Any) -> tuple[str, ...]:
        with connection.cursor() as cursor:
            cursor.execute(FILLED)
            return tuple(row[0] for row in cursor.fetchall())

    def stamp(self, connection: Any, namespaces: Sequence[str]) -> Stamp:
        return read_stamp(connection, namespaces)

    def marks(self, connection: Any, namespaces: Sequence[str]) -> Marks:
        return read_marks(connection, namespaces)

    def data_stamp(self, connection: Any, namespaces: Sequence[str]) -> Stamp | None:
        return read_size(connection, namespaces)

    def structure(self, connection: Any, namespaces: Sequence[str]) -> Schema:
        return read_structure(connection, namespaces)

    def enforcement(self, connection: Any, namespaces: Sequence[str], limits: Limits) -> tuple[Enforced, ...]:
        by = "every query runs in a READ ONLY transaction, in parentheses, where no other statement parses"
        privileges = privileges_to_write(connection)
        return (
            writes(by, privileges, reader_grants(namespaces)),
            Enforced("one statement", "the connection does not take several at once"),
            self._files(privileges),
            Enforced("time", f"{limits.timeout_s:g} s by the server's own limit, and KILL QUERY at that time"),
            Enforced("size", f"{limits.max_rows} rows, {limits.max_bytes} bytes, read row by row"),
        )

    def _files(self, privileges: Sequence[str]) -> Enforced:
        by = "no LOAD DATA LOCAL; INTO OUTFILE does not parse, LOAD_FILE is refused by name"
        if any(one == "FILE" or one == "ALL PRIVILEGES on *.*" for one in privileges):
            return Enforced("no files", f"{by}; a stored function could read files, as the user has FILE", holds=False)
        return Enforced("no files", f"{by}; the user has no privilege FILE either")

    def _begin(self, connection: Any, limits: Limits, namespaces: Sequence[str]) -> tuple[Any, ...]:
        """Give what the session had before."""
        is_mariadb = "mariadb" in str(connection.get_server_info()).casefold()
        time_limit = "max_statement_time" if is_mariadb else "max_execution_time"
        seconds = f"{limits.timeout_s:.3f}" if is_mariadb else str(max(1, int(limits.timeout_s * 1000)))
        with connection.cursor() as cursor:
            connection.rollback()
            cursor.execute(_STATE.format(f"@@SESSION.{time_limit}"))
            before: tuple[Any, ...] = (time_limit, *cursor.fetchone())
            modes = ",".join(mode for mode in before[2].split(",") if mode not in _OTHER_SQL)
            cursor.execute(
                f"SET SESSION sql_mode = %s, sql_select_limit = {limits.max_rows + 1}, lock_wait_timeout = 5, "
                f"{time_limit} = {seconds}",
                (modes,),
            )
            if namespaces and before[1] != namespaces[0]:
                connection.select_db(namespaces[0])
            cursor.execute("START TRANSACTION READ ONLY")
        return before

    def _restore(self, connection: Any, before: tuple[Any, ...]) -> None:
        time_limit, database, modes, rows, wait, seconds = before
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET SESSION sql_mode = %s, sql_select_limit = %s, lock_wait_timeout = %s, {time_limit} = %s",
                (modes, rows, wait, seconds),
            )
        if database:
            connection.select_db(database)

    @contextmanager
    def _watched(self, connection: Any, limits: Limits, watch: Watch) -> Iterator[None]:
        with (
            watch.limit(limits.timeout_s, lambda: self._kill(connection)),
            watch.limit(limits.timeout_s + _CUT_S, lambda: _cut(connection)),
        ):
            yield

    def _kill(self, connection: Any) -> None:
        """Stop the query on the server, from a connection beside the pool, which may be spent."""
        if self._engine is None:
            return
        pool = self._engine.pool.recreate()
        try:
            with contextlib.closing(pool.connect()) as other, contextlib.closing(other.cursor()) as cursor:
                cursor.execute(f"KILL QUERY {int(connection.thread_id())}")
        finally:
            pool.dispose()

    def _give_up(self, connection: Any, cursor: Any) -> None:
        """End a query whose rows are not all read; PyMySQL can end it only by reading them, or by closing."""
        if not connection.open:
            return
        with suppress(pymysql.MySQLError, OSError):
            self._kill(connection)
        with suppress(pymysql.MySQLError, OSError):
            cursor.close()


def only_a_query(sql: str) -> str:
    """Give the text in a form in which the server's own parser takes nothing but a query.

    In parentheses neither INTO OUTFILE nor any other statement is allowed, while in a READ ONLY transaction MariaDB
    still runs DDL. The comment closes one left open, which would hide the parenthesis. MariaDB takes no WITH in
    parentheses, and after WITH nothing but a query; there INTO is looked for among the tokens. What the transaction
    does not hold back in a query, reading files and named locks, is looked for everywhere.

    Raises:
        pymysql.ProgrammingError: it is not MySQL, or has one of these words.
    """
    try:
        tokens = Dialect.get_or_raise("mysql").tokenize(sql)
    except SqlglotError as problem:
        raise pymysql.ProgrammingError(1064, f"not valid SQL: {problem}") from None
    # A comment that begins with ! or M! is run by the server, and hides words from the tokens.
    words = {token.text.upper() for token in tokens if token.token_type not in _QUOTED}
    if found := [mark for mark in ("/*!", "/*M!") if mark in sql] or sorted(words & _NEVER):
        raise pymysql.ProgrammingError(1290, f"{found[0]} may not stand in a query")
    end = len(sql)
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        end = tokens.pop().start
    if not tokens or tokens[0].token_type != TokenType.WITH:
        return f"(\n{sql[:end]}\n/**/)"
    if "INTO" in words:
        raise pymysql.ProgrammingError(1290, "INTO may not stand in a query that begins with WITH")
    return sql[:end]


def _is_lost(problem: pymysql.MySQLError) -> bool:
    return isinstance(problem, pymysql.InterfaceError) or bool(problem.args and problem.args[0] in _LOST)


def _close(connection: Any) -> None:
    """Close without asking the server: it does not answer."""
    connection._force_close()


def _cut(connection: Any) -> None:
    """Shut its socket down, so that whoever reads from it wakes up."""
    if connection._sock is not None:
        with socket.socket(fileno=os.dup(connection._sock.fileno())) as same:
            same.shutdown(socket.SHUT_RDWR)
