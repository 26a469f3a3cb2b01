"""`agentsql serve`: databases over HTTP and in the shape of OpenAI's API. Models are served by `serve_models`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentsql.cli import options
from agentsql.settings import load_settings


def serve(
    db: Annotated[
        list[str],
        typer.Option("--db", metavar="[NAME=]FILE|URL", help="A database, under a name of your choice; repeatable."),
    ],
    host: Annotated[str, typer.Option(help="Where to listen; another than loopback needs keys.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    keys: Annotated[Path | None, typer.Option(metavar="FILE", help="Who may ask; see `agentsql keys`.")] = None,
    conversations: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help="Where they are kept: a file, or a postgresql:// URL.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=0, help="Questions at a time; 0: 32, or 2 on an embedded model.")] = 0,
    queue: Annotated[int, typer.Option(min=1, help="Questions that may wait for their turn.")] = 100,
    allow_origin: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A web origin whose pages may call this; repeatable.")
    ] = None,
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
    """Answer questions about databases over HTTP, and to any client of OpenAI's API."""
    from agentsql.errors import MissingExtraError
    from agentsql.observe.process import observe_process

    try:
        from agentsql.serving.server import ServeOptions, named_databases, run_server
    except ModuleNotFoundError as exc:
        raise MissingExtraError("`agentsql serve`", exc.name or "fastapi", "serve") from exc

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
    settings = load_settings(flags={**flags, "agent.conversations": conversations}).settings
    observe_process(settings.observe)
    wanted = ServeOptions(
        named_databases(db),
        settings,
        host=host,
        port=port,
        workers=workers,
        keys=keys,
        origins=tuple(allow_origin or ()),
        concurrency=concurrency,
        queue=queue,
        approve=approve,
    )
    run_server(wanted, lambda line: typer.echo(line, err=True))
    typer.echo("stopped", err=True)
