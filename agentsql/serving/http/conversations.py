"""Conversations of a key: listed, read and deleted. Another key's are as if they were not there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from agentsql.serving.bodies import NAME, ConversationBody, Conversations
from agentsql.serving.problems import ApiError, responses
from agentsql.serving.service import CallerOf, ServiceOf, served

router = APIRouter(prefix="/api/conversations", tags=["conversations"])
Id = Annotated[str, Path(pattern=NAME)]
Database = Annotated[str | None, Query(pattern=NAME, description="Left out, the first one.")]


@router.get("", response_model=Conversations, responses=responses(404, 503))
async def list_conversations(
    service: ServiceOf,
    caller: CallerOf,
    database: Database = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> dict[str, Any]:
    """List your conversations about a database, the one with the newest turn first."""
    of = served(service, caller, database)
    found = await service.conversations.listed(of.place, limit=limit, offset=offset)
    return {"database": of.name, "conversations": [asdict(one) for one in found]}


@router.get("/{conversation}", response_model=ConversationBody, responses=responses(404, 503))
async def read_conversation(
    conversation: Id, service: ServiceOf, caller: CallerOf, database: Database = None
) -> dict[str, Any]:
    """Give the questions of a conversation and what came of them, oldest first."""
    of = served(service, caller, database)
    turns = await service.conversations.read(of.place, conversation)
    if not turns:
        raise _unknown(conversation)
    return {"id": conversation, "database": of.name, "turns": [asdict(turn) for turn in turns]}


@router.delete("/{conversation}", status_code=204, response_model=None, responses=responses(404, 409, 503))
async def delete_conversation(
    conversation: Id, service: ServiceOf, caller: CallerOf, database: Database = None
) -> None:
    """Delete a conversation, with all that the agent remembers of it."""
    of = served(service, caller, database)
    if of.place.thread_id(conversation) in service.busy:
        raise ApiError(409, "conversation_busy", f"a question of conversation {conversation!r} is being answered")
    await of.agent.aforget(of.place.thread_id(conversation), principal=caller.principal)
    if not await service.conversations.delete(of.place, conversation):
        raise _unknown(conversation)


def _unknown(conversation: str) -> ApiError:
    return ApiError(404, "unknown_conversation", f"there is no conversation {conversation!r}", param="conversation")
