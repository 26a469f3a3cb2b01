"""The tools: questions, queries, the schema, and the values of cells."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp.types import CallToolResult, ContentBlock, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel, ValidationError

from agentsql.answers import as_text, rows_text
from agentsql.db.diagram import render_schema_json
from agentsql.errors import AgentSQLError, UsageError, nearest
from agentsql.serving.asking import Question, admitted, events
from agentsql.serving.events import json_rows
from agentsql.serving.fairness import QueueFullError
from agentsql.serving.mcp.bodies import (
    Arguments,
    AskArguments,
    AskResult,
    SchemaArguments,
    SchemaResult,
    SqlArguments,
    SqlResult,
    ValuesArguments,
    ValuesResult,
)
from agentsql.serving.mcp.schema import rendered
from agentsql.serving.mcp.values import search
from agentsql.serving.problems import ApiError, from_error
from agentsql.serving.service import Served, Service, names_for, served
from agentsql.types import Answer, Answered, StepStarted

if TYPE_CHECKING:
    from agentsql.serving.keys import Caller

Progress = Callable[[float, float | None, str | None], Awaitable[None]]
"""Takes steps begun, their number (None: not known), and what is done now."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call with who makes it."""

    service: Service
    of: Served
    progress: Progress


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    title: str
    description: str
    arguments: type[Arguments]
    result: type[BaseModel]
    run: Callable[[Call, Any], Awaitable[CallToolResult]]


def tools_for(service: Service, caller: Caller) -> list[Tool]:
    """List the tools, with the names of the databases that the caller may reach."""
    names = names_for(service, caller)
    return [
        Tool(
            name=kind.name,
            title=kind.title,
            description=kind.description,
            input_schema=_with_names(kind.arguments.model_json_schema(), names),
            output_schema=kind.result.model_json_schema(),
            annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
        )
        for kind in _KINDS.values()
    ]


async def call_tool(
    service: Service, caller: Caller, name: str, arguments: dict[str, Any], progress: Progress
) -> CallToolResult | None:
    """Call a tool; None if there is none of that name. What goes wrong is in the result, for the model to read."""
    kind = _KINDS.get(name)
    if kind is None:
        return None
    try:
        given = kind.arguments.model_validate(arguments)
        return await kind.run(Call(service, served(service, caller, given.database), progress), given)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return _error(f"{where}: {first['msg']}" if where else first["msg"])
    except (ApiError, AgentSQLError, QueueFullError) as exc:
        problem = from_error(exc)
        again = f" (try again in {problem.retry_after_s:g} s)" if problem.retry_after_s else ""
        return _error(f"{problem}{again}")


async def _ask(call: Call, given: AskArguments) -> CallToolResult:
    of, service = call.of, call.service
    question = Question(given.question, given.evidence, given.conversation)
    answer: Answer | None = None
    begun = 0
    async with (
        admitted(service, of, given.conversation) as ticket,
        aclosing(events(service, of, question, ticket)) as happening,
    ):
        async for event in happening:
            if isinstance(event, StepStarted):
                begun += 1
                await call.progress(begun, None, event.step)
            elif isinstance(event, Answered):
                answer = event.answer
    assert answer is not None, "a question without an error ends with its answer"
    result = AskResult(
        database=of.name,
        question=answer.question,
        status=answer.status,
        text=answer.text,
        sql=answer.sql,
        columns=list(answer.columns),
        rows=json_rows(answer.rows[: given.max_rows]),
        truncated=answer.truncated or len(answer.rows) > given.max_rows,
        confidence=answer.confidence,
        seconds=round(answer.seconds, 3),
        conversation=given.conversation,
        error=_failure(answer.error),
    )
    failed = answer.status in ("failed", "refused")
    return _result(as_text(answer, max_rows=given.max_rows), result, is_error=failed)


async def _run_sql(call: Call, given: SqlArguments) -> CallToolResult:
    agent = call.of.agent
    result = await agent.arun_sql(
        given.sql,
        max_rows=min(given.max_rows, agent.settings.database.max_rows),
        principal=call.of.caller.principal,
    )
    if result.error is not None:
        error = result.error
        return _error("; ".join(filter(None, (f"{error.kind}: {error.message}", error.hint))))
    rows = SqlResult(
        database=call.of.name,
        columns=list(result.columns),
        rows=json_rows(result.rows),
        truncated=result.truncated,
        seconds=round(result.seconds, 6),
    )
    more = ["(there are more rows)"] if result.truncated else []
    return _result("\n".join([*rows_text(result.columns, result.rows), *more]), rows)


async def _describe_schema(call: Call, given: SchemaArguments) -> CallToolResult:
    schema = await asyncio.to_thread(call.of.agent.schema_for, call.of.caller.principal)
    for name in given.tables:
        if schema.table(name) is None:
            meant = nearest(name, (table.name for table in schema)) or "; leave `tables` out to see all"
            raise UsageError(f"there is no table {name!r}{meant}")
    shown = rendered(schema, given.tables)
    tables: Any = render_schema_json(schema)["tables"]
    result = SchemaResult(
        database=call.of.name,
        dialect=schema.dialect,
        tables=[table for table in tables if table["name"] in shown.tables],
        left_out=list(shown.dropped),
    )
    left = [f"-- left out: {', '.join(shown.dropped)}"] if shown.dropped else []
    return _result("\n".join([f"-- dialect: {schema.dialect}", shown.text, *left]), result)


async def _search_values(call: Call, given: ValuesArguments) -> CallToolResult:
    found = await asyncio.to_thread(search, call.of, given)
    lines = [f"{one.table}.{one.column} = {one.value!r} ({one.match})" for one in found.matches]
    return _result("\n".join([*(lines or ["nothing found"]), *filter(None, [found.note])]), found)


def _failure(error: Any) -> Any:
    return {"kind": error.kind, "message": error.message, "hint": error.hint} if error else None


def _result(text: str, result: BaseModel, *, is_error: bool = False) -> CallToolResult:
    content: list[ContentBlock] = [TextContent(text=_encodable(text))]
    return CallToolResult(content=content, structured_content=result.model_dump(mode="json"), is_error=is_error)


def _error(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=_encodable(text))], is_error=True)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _with_names(schema: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    if names:
        schema["properties"]["database"] = {
            "type": "string",
            "enum": list(names),
            "default": names[0],
            "description": "Which database.",
        }
    return schema


_KINDS = {
    kind.name: kind
    for kind in (
        _Kind(
            "ask_database",
            "Ask a database",
            "Answers a question in plain language from a database: an agent links the words of the question to tables "
            "and values, writes SQL, checks and runs it, and gives the SQL, the rows and a sentence. Takes seconds to "
            "a minute. Use it for questions about the data; with SQL of your own, use run_sql.",
            AskArguments,
            AskResult,
            _ask,
        ),
        _Kind(
            "run_sql",
            "Run SQL",
            "Runs one SQL query of yours that only reads, within limits of time and rows. Anything that writes, "
            "reaches outside the data, or reads what you may not see is refused, with the reason. Call "
            "describe_schema first.",
            SqlArguments,
            SqlResult,
            _run_sql,
        ),
        _Kind(
            "describe_schema",
            "Describe the schema",
            "Gives the tables of a database as CREATE statements: columns, types, keys, comments and sample values.",
            SchemaArguments,
            SchemaResult,
            _describe_schema,
        ),
        _Kind(
            "search_values",
            "Search values",
            "Finds which columns hold a text, and how exactly it is written there, so that SQL compares with the right "
            "one. Spelling mistakes, other case and missing accents are forgiven.",
            ValuesArguments,
            ValuesResult,
            _search_values,
        ),
    )
}
