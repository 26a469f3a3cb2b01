"""Puts one question to the graph, or goes on with one that waits, and makes its Answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agentsql.answers import Ended, StateFollower, answer_from
from agentsql.errors import BudgetSpentError, NotApprovedError, UsageError
from agentsql.loop import call_back
from agentsql.state import first_state
from agentsql.turns import in_turn_on_database
from agentsql.types import Answer, Answered, ApprovalRequest, Approve, Decision, Event, Principal, Turn

if TYPE_CHECKING:
    from agentsql.graph.run import Ask
    from agentsql.observe.watching import QuestionWatch
    from agentsql.parts import Parts
    from agentsql.resources import Resources
    from agentsql.views import View

logger = logging.getLogger(__name__)

LONGEST_QUESTION = 10_000
"""Characters; a longer text is a document, and would leave no room for the schema."""


async def answer_question(
    parts: Parts,
    question: str,
    *,
    evidence: str = "",
    thread_id: str | None = None,
    history: Sequence[Turn] = (),
    ask: Ask | None = None,
    principal: Principal | str | None = None,
    emit: Callable[[Event], None] = lambda _event: None,
) -> Answer:
    """Answer one question; see `SQLAgent.ask`.

    Args:
        history: earlier turns of a conversation that is in no thread.
        emit: gets what happens while it happens; the last event is `Answered`.
    """
    question = checked_question(question)
    who = parts.views.named(principal).name
    async with parts.observers.question(question, emit, evidence=evidence, thread_id=thread_id, principal=who) as watch:
        view = await _current_view(parts, principal)
        follower = StateFollower(first_state(question, evidence), watch.event)
        resources = parts.resources(view, follower)
        kept = None if thread_id is None else parts.views.thread(thread_id, principal)
        running = parts.runner.run(question, evidence, resources, kept, history, ask)
        return await _finished(running, follower, resources, watch)


async def resume_question(
    parts: Parts,
    thread_id: str,
    decision: Decision,
    *,
    ask: Ask | None = None,
    principal: Principal | str | None = None,
    emit: Callable[[Event], None] = lambda _event: None,
) -> Answer:
    """Go on with the question that waits in a thread; see `SQLAgent.resume` and, for `emit`, `answer_question`."""
    view = await _current_view(parts, principal)
    kept = parts.views.thread(thread_id, principal)
    waiting = await parts.runner.waiting(kept)
    if waiting is None:
        raise UsageError(f"no query waits for a decision in the thread {thread_id!r}; ask the question again")
    state = {**first_state("", ""), **waiting.state}
    who = parts.views.named(principal).name
    async with parts.observers.question(
        state["question"], emit, evidence=state["evidence"], thread_id=thread_id, principal=who
    ) as watch:
        follower = StateFollower(state, watch.event)
        resources = parts.resources(view, follower)
        resources.meter.count(waiting.state["trace"])
        running = parts.runner.resume(waiting, decision, resources, kept, ask or _later)
        return await _finished(running, follower, resources, watch)


async def pending_request(
    parts: Parts, thread_id: str, *, principal: Principal | str | None = None
) -> ApprovalRequest | None:
    """Give the query that waits in a thread; see `SQLAgent.pending`."""
    waiting = await parts.runner.waiting(parts.views.thread(thread_id, principal))
    return waiting.request if waiting else None


def ask_by(approve: Approve | None, loop: asyncio.AbstractEventLoop | None = None) -> Ask | None:
    """Give what asks for a decision by the caller's function; an awaitable that it gives is awaited in `loop`."""
    return None if approve is None else lambda request: call_back(approve, request, loop=loop)


def checked_question(question: str) -> str:
    """Give the question without outer blanks; UsageError if it is empty or too long to be one."""
    question = question.replace("\0", " ").strip()
    if not question:
        raise UsageError("the question is empty; ask something about the database")
    if len(question) > LONGEST_QUESTION:
        raise UsageError(
            f"the question has {len(question):,} characters, more than {LONGEST_QUESTION:,}; "
            "ask a shorter one, and give long background as evidence in a few sentences"
        )
    return question


async def _current_view(parts: Parts, principal: Principal | str | None) -> View:
    """Follow a change of the database; for values that are being read a question waits a moment only."""

    def current() -> View:
        view = parts.views.of(principal)
        view.refresh()
        view.wait_a_moment()
        return view

    return await in_turn_on_database(current, parts.settings)


async def _finished(
    running: Awaitable[ApprovalRequest | None], follower: StateFollower, resources: Resources, watch: QuestionWatch
) -> Answer:
    """Wait for the graph; a question that was cut short has an Answer too."""
    ended: Ended
    try:
        ended = await running
    except (BudgetSpentError, NotApprovedError) as exc:
        logger.info("question stopped: %s", exc)
        ended = exc
    answer = answer_from(follower.state, resources.meter.usage, resources.meter.seconds(), ended)
    answer = replace(answer, question_id=watch.asked.question_id)
    await watch.end(answer)
    follower(Answered(answer))
    return answer


async def _later(_request: ApprovalRequest) -> Decision:
    return "later"
