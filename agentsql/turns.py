"""Turns on the database for what is no step of a question, within the same bound as the questions' steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from agentsql.errors import BusyError
from agentsql.loop import BackgroundLoop, TurnMissedError, in_turn

if TYPE_CHECKING:
    from agentsql.parts import Parts
    from agentsql.settings import Settings
    from agentsql.types import ExecutionResult, Principal

Result = TypeVar("Result")


def own_query(
    parts: Parts, sql: str, *, max_rows: int | None, timeout_s: float | None, principal: Principal | str | None
) -> ExecutionResult:
    """Run a query that belongs to no question; see `SQLAgent.run_sql`."""
    database, who = parts.views.of(principal).database, parts.views.named(principal).name
    return parts.observers.own_query(
        sql, lambda: database.run(sql, max_rows=max_rows, timeout_s=timeout_s), principal=who
    )


async def in_turn_on_database(work: Callable[[], Result], settings: Settings) -> Result:
    """Do blocking work in one of the agent's worker threads.

    Raises:
        BusyError: none became free within the seconds that a question has.
    """
    try:
        return await in_turn(work, wait_s=settings.budget.seconds)
    except TurnMissedError:
        raise _busy(settings) from None


@contextmanager
def turn_on_database(loop: BackgroundLoop, settings: Settings) -> Iterator[None]:
    """Do what is in the block in this thread, as one of those that may use the database at once. Raises BusyError."""
    try:
        with loop.turn(wait_s=settings.budget.seconds):
            yield
    except TurnMissedError:
        raise _busy(settings) from None


def _busy(settings: Settings) -> BusyError:
    return BusyError(settings.budget.seconds, settings.database.concurrent)
