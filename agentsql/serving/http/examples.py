"""Solved questions of a database, and what people say of answers: a good one becomes an example."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from agentsql.errors import UsageError
from agentsql.retrieval.example import Example, folded
from agentsql.retrieval.store import open_examples
from agentsql.serving.bodies import NAME, Added, ExampleBody, Examples, Feedback, FeedbackBody
from agentsql.serving.problems import ApiError, responses
from agentsql.serving.service import CallerOf, Served, ServiceOf, served

router = APIRouter(prefix="/api", tags=["examples"])
Database = Annotated[str | None, Query(pattern=NAME, description="Left out, the first one.")]
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/examples", response_model=Examples, responses=responses(404, 503))
async def list_examples(
    service: ServiceOf, caller: CallerOf, database: Database = None, limit: Limit = 50
) -> dict[str, Any]:
    """List the solved questions of a database, newest first. All keys that may ask it share them."""
    of = served(service, caller, database)
    found = await asyncio.to_thread(_examples, of)
    newest = [
        {"id": one.id, "question": one.question, "sql": one.sql, "source": one.source, "created": one.created}
        for one in reversed(found[-limit:])
    ]
    return {"database": of.name, "examples": newest}


@router.post("/examples", response_model=Added, responses=responses(404, 409, 503))
async def add_example(body: ExampleBody, service: ServiceOf, caller: CallerOf) -> dict[str, Any]:
    """Keep a question with SQL that is known to be right; the SQL is run first. It is shown for similar questions."""
    return {"added": await _add(served(service, caller, body.database), body.question, body.sql)}


@router.delete("/examples/{example}", status_code=204, response_model=None, responses=responses(404, 503))
async def delete_example(
    example: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")],
    service: ServiceOf,
    caller: CallerOf,
    database: Database = None,
) -> None:
    """Delete a solved question."""
    of = served(service, caller, database)
    if example not in {one.id for one in await asyncio.to_thread(_examples, of)}:
        raise ApiError(404, "unknown_example", f"there is no example {example!r} of database {of.name!r}")
    await asyncio.to_thread(open_examples(of.agent.settings.examples).delete, [example])


@router.post("/feedback", response_model=Added, responses=responses(404, 409, 503))
async def give_feedback(body: FeedbackBody, service: ServiceOf, caller: CallerOf) -> dict[str, Any]:
    """Say that an answer was good or bad; what is said later of the same SQL for a question takes its place.

    The SQL of a good answer is kept as an example. A bad one takes the example back that this key made of it.
    """
    of = served(service, caller, body.database)
    added = False
    if body.verdict == "good":
        if not body.sql.strip():
            raise ApiError(409, "no_sql", "a good answer needs its SQL; send it as `sql`", param="sql")
        added = await _add(of, body.question, body.sql)
    else:
        await asyncio.to_thread(_take_back, of, body.question, body.sql)
    note = body.model_dump(include={"question", "sql", "verdict", "comment"})
    await service.conversations.note(of.place, note)
    return {"added": added}


@router.get("/feedback", response_model=Feedback, responses=responses(404, 503))
async def list_feedback(
    service: ServiceOf, caller: CallerOf, database: Database = None, limit: Limit = 50
) -> dict[str, Any]:
    """List what this key said of answers, newest first."""
    of = served(service, caller, database)
    return {"database": of.name, "feedback": list(await service.conversations.notes(of.place, limit=limit))}


async def _add(of: Served, question: str, sql: str) -> bool:
    try:
        return await asyncio.to_thread(
            of.agent.add_example, question, sql, source=_source(of), principal=of.caller.principal
        )
    except UsageError as exc:
        if type(exc) is UsageError:  # the SQL does not run; its subclasses say that the store cannot be used
            raise ApiError(409, "not_an_example", str(exc), param="sql") from exc
        raise


def _examples(of: Served) -> list[Example]:
    name = folded(of.agent.database.name)
    found = [one for one in open_examples(of.agent.settings.examples) if folded(one.db) == name]
    if of.agent.policy is None:
        return found
    return [one for one in found if one.source == _source(of)]  # another's may name what this one may not see


def _take_back(of: Served, question: str, sql: str) -> None:
    made = Example(question, sql.strip().rstrip(";"), of.agent.database.name).id
    doomed = [one.id for one in _examples(of) if one.id == made and one.source == _source(of)]
    if doomed:
        open_examples(of.agent.settings.examples).delete(doomed)


def _source(of: Served) -> str:
    return f"key {of.caller.name}"
