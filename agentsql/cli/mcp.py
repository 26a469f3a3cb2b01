"""`agentsql mcp`: databases for a chat client that speaks the Model Context Protocol and starts this command itself."""

from __future__ import annotations

from typing import Annotated

import typer

from agentsql.cli import options
from agentsql.settings import load_settings


def mcp(
    db: Annotated[
        list[str],
        typer.Option("--db", metavar="[NAME=]FILE|URL", help="A database, under a name of your choice; repeatable."),
    ],
    graph: options.Graph = None,
    sql_model: options.SqlModel = None,
    chat_model: options.ChatModel = None,
    max_rows: options.MaxRows = None,
    timeout: options.Timeout = None,
    policy: options.Policy = None,
    principal: options.As = None,
    schemas: options.Schemas = None,
    approve: options.ApproveMcp = False,
) -> None:
    """Serve databases to an MCP client over standard input and output.

    A client such as Claude Desktop, Cursor or VS Code starts it. Over HTTP, `agentsql serve` has the same at /mcp.
    """
    from agentsql.errors import MissingExtraError
    from agentsql.observe.process import observe_process

    try:
        from agentsql.serving.mcp.stdio import run_stdio
        from agentsql.serving.server import ServeOptions, named_databases
    except ModuleNotFoundError as exc:
        raise MissingExtraError("`agentsql mcp`", exc.name or "mcp", "serve") from exc

    flags = options.agent_flags(
        graph=graph,
        sql_model=sql_model,
        chat_model=chat_model,
        max_rows=max_rows,
        timeout_s=timeout,
        policy=policy,
        principal=principal,
        schemas=schemas,
    )
    settings = load_settings(flags=flags).settings
    observe_process(settings.observe)
    run_stdio(ServeOptions(named_databases(db), settings, approve=approve), lambda line: typer.echo(line, err=True))
