"""Tells observers of each question and each query; they see events, and no step knows of them."""

from __future__ import annotations

import asyncio
import getpass
import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from agentsql.observe.current import question_id
from agentsql.types import Answer, Event, ExecutionResult

if TYPE_CHECKING:
    from agentsql.db.database import Database

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was put."""

    question_id: str
    """16 hex digits; what logs, traces, spans and the audit log call it."""
    question: str
    evidence: str
    thread_id: str | None
    principal: str
    """Whom the policy knows the asker as; empty where nobody was named."""
    database: str
    """Its name, which never holds a password."""
    dialect: str
    asked_at: datetime
    """In UTC."""


@dataclass(frozen=True, slots=True)
class QueryRan:
    """A query that went through the locks, and what came of it."""

    sql: str
    result: ExecutionResult
    started_ns: int
    """Nanoseconds since 1970."""
    ended_ns: int


class Watch(Protocol):
    """Sees one question. Its calls come in this order; `query_begins` and `query_ended` may come from any thread."""

    async def begin(self) -> None:
        """Take note before anything is done; raising an AgentSQLError refuses the question."""

    def event(self, event: Event) -> None:
        """Take an event; called in the task of the step that it comes from."""

    def query_begins(self, sql: str) -> None:
        """Take note before a query runs; raising an AgentSQLError keeps it from running."""

    def query_ended(self, query: QueryRan) -> None:
        """Take what a query gave."""

    async def end(self, answer: Answer | None, error: BaseException | None) -> None:
        """Take the answer before its asker gets it, or the error that came in its place."""


class Observer(Protocol):
    """Sees the questions put to one agent."""

    sees_queries: bool
    """False if it takes no note of single queries."""

    def watch(self, asked: Asked) -> Watch:
        """Give what sees this question."""

    def query(self, asked: Asked, run: Callable[[], ExecutionResult], sql: str) -> ExecutionResult:
        """Run a query that belongs to no question, and take note of it."""


class QuestionWatch:
    """The watches of one question, as one."""

    def __init__(self, asked: Asked, watches: Sequence[Watch], emit: Callable[[Event], None]) -> None:
        self.asked = asked
        self._watches = watches
        self._emit = emit
        self._ended = False

    def event(self, event: Event) -> None:
        """Show an event to the watches and pass it on."""
        for watch in self._watches:
            watch.event(event)
        self._emit(event)

    async def begin(self) -> None:
        for watch in self._watches:
            await watch.begin()

    async def end(self, answer: Answer | None, error: BaseException | None = None) -> None:
        """Tell the watches once how it ended, and write a line to the log."""
        if self._ended:
            return
        self._ended = True
        _log_end(self.asked, answer, error)
        for watch in self._watches:
            await watch.end(answer, error)

    def run(self, sql: str, query: Callable[[], ExecutionResult]) -> ExecutionResult:
        """Run a query under the eyes of the watches."""
        for watch in self._watches:
            watch.query_begins(sql)
        started_ns = time.time_ns()
        result = query()
        ran = QueryRan(sql, result, started_ns, time.time_ns())
        for watch in self._watches:
            watch.query_ended(ran)
        return result


@dataclass(slots=True)
class _Caller:
    """Who runs a query of his own, and whether it came as far as the database."""

    principal: str
    was_seen: bool = False


_caller: ContextVar[_Caller | None] = ContextVar("agentsql_caller", default=None)
_current: ContextVar[QuestionWatch | None] = ContextVar("agentsql_question", default=None)


class Observers:
    """Everything that observes one agent."""

    def __init__(self, observers: Sequence[Observer], *, database: str, dialect: str) -> None:
        self._observers = tuple(observers)
        self._database = database
        self._dialect = dialect

    @property
    def see_queries(self) -> bool:
        """True if one of them takes note of queries."""
        return any(one.sees_queries for one in self._observers)

    @asynccontextmanager
    async def question(
        self,
        question: str,
        emit: Callable[[Event], None] = lambda _event: None,
        *,
        evidence: str = "",
        thread_id: str | None = None,
        principal: str = "",
    ) -> AsyncIterator[QuestionWatch]:
        """Watch a question; `end` of what it gives is told the answer, or else the error that leaves the block.

        Args:
            emit: gets every event that the watch is shown.
            principal: whom the policy knows the asker as.
        """
        asked = self._asked(question, evidence, thread_id, principal)
        watch = QuestionWatch(asked, [one.watch(asked) for one in self._observers], emit)
        token, id_token = _current.set(watch), question_id.set(asked.question_id)
        try:
            await watch.begin()
            yield watch
        except BaseException as exc:
            await asyncio.shield(watch.end(None, exc))
            raise
        finally:
            _current.reset(token)
            question_id.reset(id_token)

    def own_query(self, sql: str, query: Callable[[], ExecutionResult], *, principal: str) -> ExecutionResult:
        """Run a query of a caller's own; one that is refused before it reaches the database is observed too."""
        caller = _Caller(principal)
        token = _caller.set(caller)
        try:
            result = query()
            return result if caller.was_seen else self.run(sql, lambda: result)
        finally:
            _caller.reset(token)

    def run(self, sql: str, query: Callable[[], ExecutionResult]) -> ExecutionResult:
        """Run a query of the current question, or one that belongs to none."""
        watch, caller = _current.get(), _caller.get()
        if watch is not None:
            return watch.run(sql, query)
        if caller is not None:
            caller.was_seen = True
        asked = self._asked("", "", None, caller.principal if caller else "")
        for observer in self._observers:
            query = _nested(observer, asked, query, sql)
        return query()

    def _asked(self, question: str, evidence: str, thread_id: str | None, principal: str) -> Asked:
        new_id, now = uuid.uuid4().hex[:16], datetime.now(UTC)
        return Asked(new_id, question, evidence, thread_id, principal, self._database, self._dialect, now)


class WatchedDatabase:
    """A database whose queries are seen by observers; everything else is the database's own."""

    def __init__(self, database: Database, observers: Observers) -> None:
        self._watched = database
        self._observers = observers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._watched, name)

    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        return self._observers.run(sql, lambda: self._watched.run(sql, max_rows=max_rows, timeout_s=timeout_s))


def watched(database: Database, observers: Observers) -> Database:
    """Give the database with its queries told to the observers, or as it is where none takes note of them."""
    return cast("Database", WatchedDatabase(database, observers)) if observers.see_queries else database


def os_user() -> str:
    """Give the name this process runs under."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's number without a name
        import os

        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _nested(
    observer: Observer, asked: Asked, query: Callable[[], ExecutionResult], sql: str
) -> Callable[[], ExecutionResult]:
    return lambda: observer.query(asked, query, sql)


def _log_end(asked: Asked, answer: Answer | None, error: BaseException | None) -> None:
    fields: dict[str, object] = {"database": asked.database}
    if asked.principal:
        fields["principal"] = asked.principal
    if answer is None:
        logger.info("question ended by %s", type(error).__name__, extra={"fields": fields})
        return
    usage = answer.usage
    fields |= {
        "status": answer.status,
        "seconds": round(answer.seconds, 3),
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cached_tokens": usage.cached_tokens,
        "rows": len(answer.rows),
        "failure": answer.error.kind if answer.error else None,
    }
    logger.info("question ended as %s after %.2f s", answer.status, answer.seconds, extra={"fields": fields})
