"""Queries that wait for a person: looked at, and decided about."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from agentsql.serving.asking import admitted, keep
from agentsql.serving.bodies import NAME, AnswerBody, DecisionBody, WaitingBody
from agentsql.serving.events import answer_body
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


@router.post("", response_model=AnswerBody, responses=responses(404, 409, 502, 503, 504))
async def decide(body: DecisionBody, service: ServiceOf, caller: CallerOf) -> dict[str, Any]:
    """Go on with the question of a conversation whose query waits; the next query of it may wait again."""
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
        await ticket.wait()
        thread, who = of.place.thread_id(body.conversation), of.caller.principal
        answer = await asyncio.to_thread(of.agent.resume, thread, decision, principal=who)
        await keep(service, of, body.conversation, answer)
    return answer_body(answer, of.name, body.conversation)


async def _pending(of: Served, conversation: str) -> ApprovalRequest:
    thread = of.place.thread_id(conversation)
    request = await asyncio.to_thread(of.agent.pending, thread, principal=of.caller.principal)
    if request is None:
        message = f"no query waits in conversation {conversation!r}; ask with `approve` first"
        raise ApiError(404, "nothing_waits", message, param="conversation")
    return request
