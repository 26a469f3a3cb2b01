"""`agentsql models serve`: the servers of the two roles, run until Ctrl-C."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.cli.safe import one_line
from agentsql.errors import UsageError
from agentsql.settings import load_settings

if TYPE_CHECKING:
    from agentsql.models.progress import Progress
    from agentsql.models.serve import Plan, Wish


class EngineName(StrEnum):
    """What runs the models."""

    VLLM = "vllm"
    LLAMA = "llama"


def serve(
    chat: Annotated[str, typer.Option(metavar="MODEL", help="Model of the chat role; both roles if alone.")] = "",
    sql: Annotated[str, typer.Option(metavar="MODEL", help="Model of the SQL role; both roles if alone.")] = "",
    lora: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PATH", help="A LoRA adapter on the one model; called chat it plays chat, else SQL."),
    ] = None,
    engine: Annotated[
        EngineName | None, typer.Option(help="What runs them; llama if left out and they are embedded or GGUF models.")
    ] = None,
    host: Annotated[str, typer.Option(help="Where vLLM listens; 0.0.0.0 for other machines.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the first server; the others follow.")] = 8000,
    replicas: Annotated[int, typer.Option(min=1, help="Servers of each model.")] = 1,
    python: Annotated[
        str | None, typer.Option(metavar="PATH", help="The Python that has vLLM, if not this one.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be run, and run nothing.")] = False,
    options: Annotated[
        list[str] | None, typer.Argument(metavar="-- OPTIONS", help="Options for vLLM itself.", show_default=False)
    ] = None,
) -> None:
    """Serve the models of the two roles, start again what dies, and say how to ask them."""
    from agentsql.models.serve import Wish, check_machine, engine_for, llama_plan, visible_devices, vllm_plan

    settings = load_settings(flags={"models.vllm_python": python}).settings.models
    # A model may be named as in a spec: what is served here is local by its nature.
    chat, sql = chat.removeprefix("local:"), sql.removeprefix("local:")
    wish = Wish(chat, sql, _adapters(lora or ()), host, port, replicas, tuple(options or ()))
    if (engine or engine_for(wish)) == EngineName.LLAMA:
        plan = llama_plan(wish, settings, _report)
    else:
        interpreter = settings.vllm_python or sys.executable
        plan = vllm_plan(wish, python=interpreter, devices=visible_devices())
        if not dry_run:
            check_machine(plan, wish, python=interpreter)
    for server in plan.servers:
        variables = [f"{name}={shlex.quote(value)}" for name, value in server.environment.items()]
        command = " ".join([*variables, shlex.join(server.command)])
        if dry_run:
            typer.echo(f"# {server.label}\n{command}")
        else:
            _say(server.label, command)
    if dry_run:
        _show_use(plan)
    else:
        _run(plan, wish)


def _run(plan: Plan, wish: Wish) -> None:
    from agentsql.models.supervise import supervise

    if wish.host not in ("127.0.0.1", "localhost", "::1") and not os.environ.get("VLLM_API_KEY"):
        typer.echo(
            "warning: whoever reaches this address can use the models; set VLLM_API_KEY to ask for a key", err=True
        )
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        supervise(plan.servers, say=_say, on_ready=lambda: _show_use(plan), stop=stop)
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    typer.echo("stopped", err=True)


def _show_use(plan: Plan) -> None:
    """Print the lines by which an agent uses the servers; they are what this command is for, so they go to stdout."""
    models = f"--sql-model {shlex.quote(plan.sql_model)} --chat-model {shlex.quote(plan.chat_model)}"
    typer.echo(
        f"\n  agentsql chat --db FILE {models}\n"
        "\nor in agentsql.toml\n"
        f"\n  [agent]\n  sql_model = {_toml(plan.sql_model)}\n  chat_model = {_toml(plan.chat_model)}\n"
        "\nor in the environment\n"
        f"\n  export AGENTSQL_AGENT_SQL_MODEL={shlex.quote(plan.sql_model)}"
        f"\n  export AGENTSQL_AGENT_CHAT_MODEL={shlex.quote(plan.chat_model)}\n"
    )
    sys.stdout.flush()


def _adapters(given: list[str] | tuple[()]) -> dict[str, str]:
    adapters: dict[str, str] = {}
    for text in given:
        name, _, path = text.partition("=")
        if not name or not path:
            raise UsageError(f"--lora {text!r} is not of the form NAME=PATH")
        adapters[name] = path
    return adapters


def _toml(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _say(label: str, line: str) -> None:
    if '"GET /health ' in line:
        return  # the server's record of being looked at by us, every few seconds
    typer.echo(f"{label} | {one_line(line)}", err=True)


def _report(progress: Progress) -> None:
    typer.echo(progress, err=True)
