"""OpenAI's chat completions, with each database as a model: any chat client becomes a database client."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from fastapi.sse import format_sse_event

from agentsql.asking import LONGEST_QUESTION
from agentsql.errors import AgentSQLError
from agentsql.serving.asking import Question, admitted, answer, events
from agentsql.serving.fairness import QueueFullError, Ticket
from agentsql.serving.heartbeat import EventStream, stream_content, with_heartbeats
from agentsql.serving.openai_bodies import (
    NOTHING_ASKED,
    ChatBody,
    Completion,
    ModelItem,
    ModelList,
    content_of,
    extra_of,
    read_chat,
    usage_of,
)
from agentsql.serving.problems import ApiError, from_error, problem_body, responses
from agentsql.serving.service import CallerOf, Served, ServiceOf, names_for, served
from agentsql.types import Answer, Answered, StepStarted

router = APIRouter(prefix="/v1", tags=["openai"])
_STARTED = int(time.time())


@dataclass(frozen=True, slots=True)
class Asked:
    """A chat that has its place in the queue."""

    of: Served
    question: Question | None
    """None if nothing is asked."""
    ticket: Ticket | None


async def asked_chat(body: ChatBody, service: ServiceOf, caller: CallerOf) -> AsyncIterator[Asked]:
    """Lend a place in the queue for a chat's question."""
    of = _database(service, caller, body.model)
    chat = read_chat(body.messages)
    if not chat.question:
        yield Asked(of, None, None)
        return
    if len(chat.question) > LONGEST_QUESTION:
        message = (
            f"the question has {len(chat.question):,} characters, more than {LONGEST_QUESTION:,}; ask a shorter one"
        )
        raise ApiError(400, "question_too_long", message, param="messages")
    async with admitted(service, of) as ticket:
        yield Asked(of, Question(chat.question, chat.evidence, history=chat.history), ticket)


@router.get("/models", response_model=ModelList, responses=responses())
async def list_models(service: ServiceOf, caller: CallerOf) -> ModelList:
    """List the databases that this key may ask, as models."""
    return ModelList(data=[ModelItem(id=name, created=_STARTED) for name in names_for(service, caller)])


@router.get("/models/{model}", response_model=ModelItem, responses=responses(404))
async def read_model(model: str, service: ServiceOf, caller: CallerOf) -> ModelItem:
    """Give one database as a model."""
    return ModelItem(id=_database(service, caller, model).name, created=_STARTED)


@router.post(
    "/chat/completions",
    response_model=Completion,
    responses={**responses(404, 502, 503, 504), 200: {"content": stream_content()}},
)
async def chat_completions(
    body: ChatBody, request: Request, service: ServiceOf, asked: Annotated[Asked, Depends(asked_chat)]
) -> Response:
    """Answer the chat's last question; with `stream`, as server-sent chunks.

    While a question is worked on, chunks name the steps in `reasoning_content`, which chat clients show as thinking.
    The answer comes as a whole, because its sentence is held against the rows before it is given.
    """
    if body.stream:
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        chunks = with_heartbeats(_chunks(service, asked, with_usage=with_usage))
        return EventStream(chunks, headers={"X-Accel-Buffering": "no"})
    if asked.question is None or asked.ticket is None:
        result = _nothing_asked()
    else:
        result = await answer(service, asked.of, asked.question, asked.ticket, request)
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content_of(result), "refusal": None},
        "logprobs": None,
        "finish_reason": "stop",
    }
    head = _head("chat.completion", asked.of)
    return JSONResponse({**head, "choices": [choice], "usage": usage_of(result.usage), "agentsql": extra_of(result)})


async def _chunks(service: ServiceOf, asked: Asked, *, with_usage: bool) -> AsyncGenerator[bytes]:
    head = _head("chat.completion.chunk", asked.of)
    if with_usage:
        head["usage"] = None

    def chunk(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _event({**head, "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    result = _nothing_asked()
    if asked.question is not None and asked.ticket is not None:
        try:
            async with aclosing(events(service, asked.of, asked.question, asked.ticket)) as happening:
                async for event in happening:
                    if isinstance(event, StepStarted):
                        yield chunk({"reasoning_content": f"{event.step}\n"})
                    elif isinstance(event, Answered):
                        result = event.answer
        except (AgentSQLError, QueueFullError) as exc:
            yield _event(problem_body(from_error(exc)))
            return
    for line in content_of(result).splitlines(keepends=True):
        yield chunk({"content": line})
    yield chunk({}, "stop")
    if with_usage:
        yield _event({**head, "choices": [], "usage": usage_of(result.usage), "agentsql": extra_of(result)})
    yield format_sse_event(data_str="[DONE]")


def _head(kind: str, of: Served) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": of.name}


def _event(body: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(body))


def _nothing_asked() -> Answer:
    return Answer("", "clarify", NOTHING_ASKED)


def _database(service: ServiceOf, caller: CallerOf, name: str) -> Served:
    try:
        return served(service, caller, name)
    except ApiError as exc:
        raise ApiError(404, "model_not_found", str(exc), param="model") from exc
