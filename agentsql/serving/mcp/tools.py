"""The tools: questions, queries, the schema, and the values of cells."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp.types import CallToolResult, InputRequiredResult, Tool, ToolAnnotations
from pydantic import BaseModel, ValidationError

from agentsql.answers import rows_text
from agentsql.db.diagram import render_schema_json
from agentsql.errors import AgentSQLError, UsageError, nearest
from agentsql.serving.events import json_rows
from agentsql.serving.fairness import QueueFullError
from agentsql.serving.mcp.asking import ask, decide
from agentsql.serving.mcp.bodies import (
    Arguments,
    AskArguments,
    AskResult,
    DecideArguments,
    SchemaArguments,
    SchemaResult,
    SqlArguments,
    SqlResult,
    ValuesArguments,
    ValuesResult,
)
from agentsql.serving.mcp.call import Call, Progress, error, result
from agentsql.serving.mcp.person import Person
from agentsql.serving.mcp.schema import rendered
from agentsql.serving.mcp.values import search
from agentsql.serving.problems import ApiError, from_error
from agentsql.serving.service import Service, names_for, served

if TYPE_CHECKING:
    from agentsql.serving.keys import Caller


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    title: str
    description: str
    arguments: type[Arguments]
    result: type[BaseModel]
    run: Callable[[Call, Any], Awaitable[CallToolResult | InputRequiredResult]]


def tools_for(service: Service, caller: Caller, person: Person) -> list[Tool]:
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
        for kind in _kinds(service, person).values()
    ]


async def call_tool(
    service: Service, caller: Caller, name: str, arguments: dict[str, Any], progress: Progress, person: Person
) -> CallToolResult | InputRequiredResult | None:
    """Call a tool; None if there is none of that name. What goes wrong is in the result, for the model to read."""
    kind = _kinds(service, person).get(name)
    if kind is None:
        return None
    try:
        given = kind.arguments.model_validate(arguments)
        return await kind.run(Call(service, served(service, caller, given.database), progress, person), given)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return error(f"{where}: {first['msg']}" if where else first["msg"])
    except (ApiError, AgentSQLError, QueueFullError) as exc:
        problem = from_error(exc)
        again = f" (try again in {problem.retry_after_s:g} s)" if problem.retry_after_s else ""
        return error(f"{problem}{again}")


async def _run_sql(call: Call, given: SqlArguments) -> CallToolResult:
    agent = call.of.agent
    ran = await agent.arun_sql(
        given.sql,
        max_rows=min(given.max_rows, agent.settings.database.max_rows),
        principal=call.of.caller.principal,
    )
    if ran.error is not None:
        failure = ran.error
        return error("; ".join(filter(None, (f"{failure.kind}: {failure.message}", failure.hint))))
    rows = SqlResult(
        database=call.of.name,
        columns=list(ran.columns),
        rows=json_rows(ran.rows),
        truncated=ran.truncated,
        seconds=round(ran.seconds, 6),
    )
    more = ["(there are more rows)"] if ran.truncated else []
    return result("\n".join([*rows_text(ran.columns, ran.rows), *more]), rows)


async def _describe_schema(call: Call, given: SchemaArguments) -> CallToolResult:
    schema = await asyncio.to_thread(call.of.agent.schema_for, call.of.caller.principal)
    for name in given.tables:
        if schema.table(name) is None:
            meant = nearest(name, (table.name for table in schema)) or "; leave `tables` out to see all"
            raise UsageError(f"there is no table {name!r}{meant}")
    shown = rendered(schema, given.tables)
    tables: Any = render_schema_json(schema)["tables"]
    described = SchemaResult(
        database=call.of.name,
        dialect=schema.dialect,
        tables=[table for table in tables if table["name"] in shown.tables],
        left_out=list(shown.dropped),
    )
    left = [f"-- left out: {', '.join(shown.dropped)}"] if shown.dropped else []
    return result("\n".join([f"-- dialect: {schema.dialect}", shown.text, *left]), described)


async def _search_values(call: Call, given: ValuesArguments) -> CallToolResult:
    found = await asyncio.to_thread(search, call.of, given)
    lines = [f"{one.table}.{one.column} = {one.value!r} ({one.match})" for one in found.matches]
    return result("\n".join([*(lines or ["nothing found"]), *filter(None, [found.note])]), found)


def _kinds(service: Service, person: Person) -> Mapping[str, _Kind]:
    """Give the tools; a model decides in a person's stead only where the client cannot ask them."""
    decides = service.approve and not person.can_be_asked
    return {name: kind for name, kind in _KINDS.items() if kind.arguments is not DecideArguments or decides}


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
            ask,
        ),
        _Kind(
            "decide",
            "Decide on a query",
            "Goes on with a question of ask_database whose query waits for a person's decision. Show the query to the "
            "person first, and call this with what they decided, never of your own accord.",
            DecideArguments,
            AskResult,
            decide,
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
