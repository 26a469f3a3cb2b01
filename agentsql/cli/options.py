"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

Db = Annotated[str, typer.Option("--db", metavar="FILE|URL", help="A database file or an SQLAlchemy URL.")]
Schemas = Annotated[
    str | None, typer.Option("--schema", metavar="A,B", help="Schemas of a server's database, the default one first.")
]
Graph = Annotated[str | None, typer.Option("--graph", metavar="NAME|FILE", help="The graph that answers.")]
SqlModel = Annotated[
    str | None,
    typer.Option("--sql-model", metavar="SPEC", help="local:NAME, vllm:MODEL@URL or openai:MODEL@URL."),
]
ChatModel = Annotated[
    str | None, typer.Option("--chat-model", metavar="SPEC", help="The model of the chat role, if another.")
]
MaxRows = Annotated[int | None, typer.Option("--max-rows", help="Rows kept of a result.")]
Thread = Annotated[str | None, typer.Option("--thread", metavar="NAME", help="Go on with this conversation.")]
Approve = Annotated[bool, typer.Option("--approve", help="Ask before a query runs: run it, edit it, or refuse.")]
ApproveMcp = Annotated[
    bool, typer.Option("--approve", help="Over MCP, let a person decide on each query before it runs.")
]
Timeout = Annotated[float | None, typer.Option("--timeout", metavar="SECONDS", help="Longest time of one query.")]
Policy = Annotated[
    str | None, typer.Option("--policy", metavar="FILE", help="A policy.toml: who may see what of the database.")
]
As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who asks: a principal of the policy.")]


class AnswerFormat(StrEnum):
    """How `ask` writes an answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


class ListFormat(StrEnum):
    """How a command that lists things writes them."""

    TABLE = "table"
    JSON = "json"


Form = Annotated[ListFormat, typer.Option("--format", help="How to write it.")]


def agent_flags(
    *,
    graph: str | None,
    sql_model: str | None,
    chat_model: str | None,
    max_rows: int | None,
    timeout_s: float | None,
    policy: str | None = None,
    principal: str | None = None,
    schemas: str | None = None,
) -> dict[str, object]:
    """Give options as settings by `section.key`; None where an option was not given."""
    return {
        "agent.graph": graph,
        "agent.sql_model": sql_model,
        "agent.chat_model": chat_model,
        "database.max_rows": max_rows,
        "database.timeout_s": timeout_s,
        "database.policy": policy,
        "database.principal": principal,
        "database.schemas": schemas,
    }
