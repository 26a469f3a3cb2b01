"""Queries that wait for a person: looked at, and decided about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from agentsql.serving.asking import Decided, admitted, answer
from agentsql.serving.bodies import NAME, AnswerBody, DecisionBody, WaitingBody
from agentsql.serving.events import answer_body
from agentsql.serving.fairness import Ticket
from agentsql.serving.http.ask import STREAM, event_stream
from agentsql.serving.problems import ApiError, responses
from agentsql.serving.service import CallerOf, Served, ServiceOf, served
from agentsql.types import ApprovalRequest, Decision, EditedSQL

router = APIRouter(prefix="/api/approvals", tags=["approvals"])


@router.get("/{conversation}", response_model=WaitingBody, responses=responses(404, 503))
async def read_waiting(
    conversation: Annotated[str, Path(pattern=NAME)],
    service: ServiceOf,
    caller: CallerOf,
    database: Annotated[str | None, Query(pattern=NAME, description="Left out, the first one.")] = None,
) -> dict[str, Any]:
    """Give the query that waits in a conversation, which was asked with `approve`."""
    of = served(service, caller, database)
    request = await _pending(of, conversation)
    return {
        "database": of.name,
        "conversation": conversation,
        "question": request.question,
        "sql": request.sql,
        "dialect": request.dialect,
        "findings": list(request.findings),
    }


async def admitted_decision(
    body: DecisionBody, service: ServiceOf, caller: CallerOf
) -> AsyncIterator[tuple[Served, Decided, Ticket]]:
    """Lend a place in the queue for a body's decision; refused here, a stream has not begun and has its own status."""
    of = served(service, caller, body.database)
    await _pending(of, body.conversation)
    decision: Decision = body.decision
    if body.sql is not None:
        if body.decision == "refuse":
            raise ApiError(
                409, "refused_with_sql", "a refused query has none in its place; leave `sql` out", param="sql"
            )
        decision = EditedSQL(body.sql)
    async with admitted(service, of, body.conversation) as ticket:
        yield of, Decided(body.conversation, decision), ticket


Admitted = Annotated[tuple[Served, Decided, Ticket], Depends(admitted_decision)]


@router.post("", response_model=AnswerBody, responses=responses(404, 409, 502, 503, 504))
async def decide(request: Request, service: ServiceOf, admitted: Admitted) -> dict[str, Any]:
    """Go on with the question of a conversation whose query waits; the next query of it may wait again."""
    of, decided, ticket = admitted
    return answer_body(await answer(service, of, decided, ticket, request), of.name, decided.conversation)


@router.post("/stream", response_class=Response, responses={**responses(404, 409, 503), **STREAM})
async def stream(service: ServiceOf, admitted: Admitted) -> Response:
    """Go on with the question of a conversation whose query waits, as server-sent events; see `/api/ask/stream`."""
    return event_stream(service, *admitted)


async def _pending(of: Served, conversation: str) -> ApprovalRequest:
    thread = of.place.thread_id(conversation)
    request = await of.agent.apending(thread, principal=of.caller.principal)
    if request is None:
        message = f"no query waits in conversation {conversation!r}; ask with `approve` first"
        raise ApiError(404, "nothing_waits", message, param="conversation")
    return request
