"""Questions: as one answer, or as a stream of what happens."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from fastapi.sse import format_sse_event

from agentsql.errors import AgentSQLError
from agentsql.serving.asking import Decided, Question, admitted, answer, events
from agentsql.serving.bodies import AnswerBody, AskBody
from agentsql.serving.events import EVENTS, answer_body, event_body
from agentsql.serving.fairness import QueueFullError, Ticket
from agentsql.serving.heartbeat import EventStream, stream_content, with_heartbeats
from agentsql.serving.problems import ApiError, from_error, problem_body, responses
from agentsql.serving.service import CallerOf, Served, Service, ServiceOf, served

router = APIRouter(prefix="/api", tags=["questions"])
STREAM: Mapping[int | str, dict[str, Any]] = {
    200: {"description": "What happens, as it does.", "content": stream_content(*EVENTS, "error")}
}
"""The documentation of a stream of events."""


async def admitted_question(
    body: AskBody, service: ServiceOf, caller: CallerOf
) -> AsyncIterator[tuple[Served, Question, Ticket]]:
    """Lend a place in the queue for a body's question; refused here, a stream has not begun and has its own status."""
    of = served(service, caller, body.database)
    if body.approve and body.conversation is None:
        message = "`approve` needs a conversation, in which the decision is given; send an id of your choice"
        raise ApiError(409, "conversation_needed", message, param="conversation")
    async with admitted(service, of, body.conversation) as ticket:
        yield of, Question(body.question, body.evidence, body.conversation, approve=body.approve), ticket


Admitted = Annotated[tuple[Served, Question, Ticket], Depends(admitted_question)]


@router.post("/ask", response_model=AnswerBody, responses=responses(404, 409, 502, 503, 504))
async def ask(request: Request, service: ServiceOf, admitted: Admitted) -> dict[str, Any]:
    """Answer a question.

    A question that cannot be answered is a success too: `status` says what came of it.
    """
    of, question, ticket = admitted
    return answer_body(await answer(service, of, question, ticket, request), of.name, question.conversation)


@router.post(
    "/ask/stream",
    response_class=Response,
    responses={**responses(404, 409, 503), **STREAM},
)
async def stream(service: ServiceOf, admitted: Admitted) -> Response:
    """Answer a question as server-sent events: `step_started`, `token`, `step_finished`, at last `answered` or `error`.

    While nothing happens a comment is sent every 15 seconds. Closing the connection stops the question.
    """
    return event_stream(service, *admitted)


def event_stream(service: Service, of: Served, asked: Question | Decided, ticket: Ticket) -> Response:
    """Give the response that tells what happens, as it does."""
    # FastAPI's own streams end in BrokenResourceError, logged as a server error, where a client goes away (0.165).
    happening = with_heartbeats(_events(service, of, asked, ticket))
    return EventStream(happening, headers={"X-Accel-Buffering": "no"})


async def _events(service: Service, of: Served, asked: Question | Decided, ticket: Ticket) -> AsyncGenerator[bytes]:
    try:
        async with aclosing(events(service, of, asked, ticket)) as happening:
            async for event in happening:
                name, body = event_body(event, of.name, asked.conversation)
                yield format_sse_event(event=name, data_str=json.dumps(body))
    except (AgentSQLError, QueueFullError) as exc:
        yield format_sse_event(event="error", data_str=json.dumps(problem_body(from_error(exc))))
