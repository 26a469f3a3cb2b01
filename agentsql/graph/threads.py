"""Where conversations are kept: LangGraph's checkpoints in a SQLite file, or in PostgreSQL by URL."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.base import BaseStore

from agentsql import types
from agentsql.errors import AgentSQLError, MissingExtraError, UsageError

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import DictRow
    from psycopg_pool import AsyncConnectionPool

    Pool = AsyncConnectionPool[AsyncConnection[DictRow]]

_KEPT_TYPES = (
    "ApprovalRequest",
    "Candidate",
    "EditedSQL",
    "ExecutionResult",
    "Links",
    "ModelCall",
    "QueryFailure",
    "TraceEvent",
    "Turn",
    "Usage",
)
_BUSY_S = 30.0
"""Seconds one process waits while another writes to the file."""
_POOL = 4
"""Connections to PostgreSQL of one agent at most; a question holds one while it reads and while it writes its turn."""
_CONNECT_S = 10.0


@dataclass(frozen=True, slots=True)
class Threads:
    """Opened conversations; they belong to the event loop they were opened in."""

    saver: BaseCheckpointSaver[Any]
    close: Callable[[], Awaitable[None]]


async def open_threads(target: str | Path) -> Threads:
    """Open the conversations of a file, which is made where there is none, or of a `postgresql://` URL.

    Raises:
        AgentSQLError: they cannot be opened; the message holds no password.
        MissingExtraError: a URL was given and its driver is not installed.
        UsageError: a URL of another kind.
    """
    serde = serializer()
    if isinstance(target, str) and is_url(target):
        pool = await _open_pool(target)
        try:
            from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

            postgres = AsyncPostgresSaver(pool, serde=serde)
            await postgres.setup()
        except thread_errors() as exc:
            await pool.close()
            raise unusable(target, exc) from exc
        return Threads(postgres, pool.close)
    connection = await _open_file(Path(target), autocommit=False)
    try:
        saver = AsyncSqliteSaver(connection, serde=serde)
        await saver.setup()
    except sqlite3.Error as exc:
        await connection.close()
        raise unusable(target, exc) from exc
    return Threads(saver, connection.close)


async def open_store(target: str | Path) -> tuple[BaseStore, Callable[[], Awaitable[None]]]:
    """Open LangGraph's key-value store in the same place, and give it with what closes it. Raises as `open_threads`."""
    if isinstance(target, str) and is_url(target):
        pool = await _open_pool(target)
        try:
            from langgraph.store.postgres.aio import AsyncPostgresStore

            postgres = AsyncPostgresStore(pool)
            await postgres.setup()
        except thread_errors() as exc:
            await pool.close()
            raise unusable(target, exc) from exc
        return postgres, pool.close
    from agentsql.graph.sqlite_store import SharedSqliteStore

    connection = await _open_file(Path(target), autocommit=True)
    try:
        store = SharedSqliteStore(connection)
        await store.setup()
    except sqlite3.Error as exc:
        await connection.close()
        raise unusable(target, exc) from exc
    return store, connection.close


def serializer() -> JsonPlusSerializer:
    """Give what turns a state into bytes and back, for the types that a state holds."""
    return JsonPlusSerializer(allowed_msgpack_modules=[(types.__name__, name) for name in _KEPT_TYPES])


def is_url(target: str) -> bool:
    """True if the target names a server and no file."""
    return "://" in target


def thread_errors() -> tuple[type[Exception], ...]:
    """Give the exceptions of the places that are in use, for an `except`."""
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)
    if "psycopg_pool" in sys.modules:
        import psycopg
        import psycopg_pool

        errors = (*errors, psycopg.Error, psycopg_pool.PoolTimeout)
    return errors


def unusable(target: str | Path, problem: Exception) -> AgentSQLError:
    """Give the error of a place that cannot be opened, read or written."""
    if isinstance(target, str) and is_url(target):
        where = f"the database {target.rpartition('@')[2]!r}"
        advice = "see that it runs, and that this user may create tables there"
    else:
        where, advice = repr(str(target)), "move that file away, or ask without a thread"
    return AgentSQLError(f"cannot keep conversations in {where}: {_one_line(problem)}; {advice}")


async def _open_file(path: Path, *, autocommit: bool) -> aiosqlite.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)  # it holds rows; SQLite gives its side files the same mode
        connection = await aiosqlite.connect(path, timeout=_BUSY_S, isolation_level=None if autocommit else "")
    except (OSError, sqlite3.Error) as exc:
        raise unusable(path, exc) from exc
    try:
        # By whoever is first: LangGraph's saver does so too, but with the first question, when others write already.
        await connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as exc:
        await connection.close()
        raise unusable(path, exc) from exc
    return connection


async def _open_pool(url: str) -> Pool:
    if url.partition("://")[0] not in ("postgresql", "postgres"):
        raise UsageError(
            f"conversations cannot be kept in {url.partition('://')[0]!r}; give a file or a postgresql:// URL"
        )
    try:
        import langgraph.checkpoint.postgres.aio  # noqa: F401  # both are in one extra
        from psycopg.rows import dict_row
        from psycopg_pool import AsyncConnectionPool
    except ImportError as exc:  # psycopg raises a plain one where its C library is missing
        raise MissingExtraError("conversations in PostgreSQL", exc.name or "psycopg", "serve") from exc
    pool: Pool = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=_POOL,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
    )
    try:
        await pool.open(wait=True, timeout=_CONNECT_S)
    except thread_errors() as exc:
        await pool.close()
        raise unusable(url, exc) from exc
    return pool


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split()) or type(problem).__name__
