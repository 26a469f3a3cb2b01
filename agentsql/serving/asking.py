"""One question through the queue to an agent and back, whichever door it came by."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from fastapi import Request

from agentsql.serving.fairness import QueueFullError, Ticket
from agentsql.serving.problems import ApiError
from agentsql.serving.service import Served, Service
from agentsql.types import Answer, Answered, ApprovalRequest, Decision, Event, Turn

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What a caller asked."""

    text: str
    evidence: str = ""
    conversation: str | None = None
    """Goes on with this conversation of the caller's, which is made where there is none."""
    history: Sequence[Turn] = ()
    """Earlier turns, of a caller who keeps them."""
    approve: bool = False
    """Leave each query waiting for a decision; only in a conversation."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a caller decided about the query that waits in a conversation."""

    conversation: str
    decision: Decision


class ClientGone(Exception):  # noqa: N818  # nothing is wrong, and nobody is told
    """The client closed its connection before it had an answer."""


@contextlib.asynccontextmanager
async def admitted(service: Service, served: Served, conversation: str | None = None) -> AsyncIterator[Ticket]:
    """Lend a place in the queue, and the conversation if there is one.

    Raises:
        ApiError: 409 where a question of the conversation is being answered, 429 or 503 where the queue is full.
    """
    thread = served.place.thread_id(conversation) if conversation else None
    if thread in service.busy:
        raise ApiError(
            409, "conversation_busy", f"a question of conversation {conversation!r} is being answered; wait for it"
        )
    try:
        ticket = service.queue.enter(served.caller.name)
    except QueueFullError as exc:
        service.metrics.rejected.labels("too_many_waiting" if exc.own else "queue_full").inc()
        raise
    if thread:
        service.busy.add(thread)
    _show(service)
    try:
        yield ticket
    finally:
        ticket.leave()
        if thread:
            service.busy.discard(thread)
        _show(service)


async def events(service: Service, served: Served, asked: Question | Decided, ticket: Ticket) -> AsyncGenerator[Event]:
    """Wait for the ticket's turn, then yield what happens; closing the generator stops the question.

    Raises:
        QueueFullError: the turn did not come in time.
        AgentSQLError: as `SQLAgent.ask` and `SQLAgent.resume` do.
    """
    await ticket.wait()
    _show(service)
    if isinstance(asked, Decided):
        await service.conversations.decided(served.place, asked.conversation)
    finished = False
    try:
        async with aclosing(_stream(served, asked)) as stream:
            async for event in stream:
                if isinstance(event, Answered):
                    finished = True
                    await _keep(service, served, asked.conversation, event.answer)
                yield event
    except (asyncio.CancelledError, GeneratorExit):
        if not finished:
            service.metrics.gone.labels(served.name).inc()
            logger.info("a client went away; its question was stopped")
        raise


async def answer(
    service: Service, served: Served, asked: Question | Decided, ticket: Ticket, request: Request
) -> Answer:
    """Give the answer; a client that goes away meanwhile stops the question.

    Raises:
        ClientGone: it did.
    """
    asking = asyncio.create_task(_last(events(service, served, asked, ticket)))
    leaving = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            raise ClientGone
        return asking.result()
    finally:
        for task in (asking, leaving):
            task.cancel()
        await asyncio.gather(asking, leaving, return_exceptions=True)


def _stream(served: Served, asked: Question | Decided) -> AsyncGenerator[Event]:
    agent, principal = served.agent, served.caller.principal
    if isinstance(asked, Decided):
        return agent.astream_resumed(served.place.thread_id(asked.conversation), asked.decision, principal=principal)
    return agent.astream(
        asked.text,
        evidence=asked.evidence,
        thread_id=served.place.thread_id(asked.conversation) if asked.conversation else None,
        history=asked.history,
        approve=_later if asked.approve else None,
        principal=principal,
    )


def _later(_request: ApprovalRequest) -> Decision:
    return "later"


async def _last(stream: AsyncGenerator[Event]) -> Answer:
    async with aclosing(stream):
        async for event in stream:
            if isinstance(event, Answered):
                return event.answer
    raise AssertionError("a question without an error ends with its answer")


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _keep(service: Service, served: Served, conversation: str | None, answer: Answer) -> None:
    """Count an answer, and keep it in its conversation."""
    service.metrics.count(served.name, answer)
    if conversation:
        await service.conversations.add(served.place, conversation, answer)


def _show(service: Service) -> None:
    service.metrics.running.set(service.queue.running)
    service.metrics.waiting.set(service.queue.waiting)
