"""The `agentsql` command: its sub-commands, and what an error says and exits with."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from agentsql.cli.ask import ask
from agentsql.cli.audit import app as audit_app
from agentsql.cli.chat import chat
from agentsql.cli.config import app as config_app
from agentsql.cli.data import app as data_app
from agentsql.cli.doctor import doctor
from agentsql.cli.evaluate import app as evaluate_app
from agentsql.cli.examples import app as examples_app
from agentsql.cli.export_model import export
from agentsql.cli.graph import app as graph_app
from agentsql.cli.keys import app as keys_app
from agentsql.cli.mcp import mcp
from agentsql.cli.merge import merge
from agentsql.cli.models import app as models_app
from agentsql.cli.plugins import app as plugins_app
from agentsql.cli.policy import app as policy_app
from agentsql.cli.run import run
from agentsql.cli.schema import schema
from agentsql.cli.serve import serve
from agentsql.cli.trace import trace
from agentsql.cli.train import app as train_app
from agentsql.errors import AgentSQLError

app = typer.Typer(
    name="agentsql",
    help="Ask a database in plain language, with small language models that you run yourself.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing its help renderer takes longer than everything else together
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(ask)
app.command()(chat)
app.command()(schema)
app.command()(doctor)
app.command()(run)
app.command()(serve)
app.command()(mcp)
app.add_typer(keys_app, name="keys")
app.command()(trace)
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(models_app, name="models")
app.add_typer(examples_app, name="examples")
app.add_typer(data_app, name="data")
app.add_typer(graph_app, name="graph")
app.add_typer(plugins_app, name="plugins")
app.add_typer(policy_app, name="policy")
app.add_typer(config_app, name="config")
app.add_typer(audit_app, name="audit")
app.add_typer(train_app, name="train")
app.command()(merge)
app.command()(export)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code.

    Args:
        arguments: words after the program's name; those of the process if None.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains as it exits
        return 1
    return code


def _run(arguments: Sequence[str] | None) -> int:
    try:
        app(args=None if arguments is None else list(arguments), prog_name="agentsql")
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        raise
    except (AgentSQLError, OSError) as exc:
        if os.environ.get("AGENTSQL_DEBUG"):
            raise
        from agentsql.cli.show import make_console, show_error

        show_error(make_console(stderr=True), exc)
        return exc.exit_code if isinstance(exc, AgentSQLError) else 1
    return 0


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"agentsql {version('agentsql-framework')}")
        raise typer.Exit


def _debug(wanted: bool) -> None:
    if wanted:
        os.environ["AGENTSQL_DEBUG"] = "1"


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"
    JSON = "json"


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and leave.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", callback=_debug, help="Show prompts as they are sent, and tracebacks.")
    ] = False,
    log_format: Annotated[
        LogFormat | None,
        typer.Option("--log-format", help="Write the log to stderr, as text or as JSON lines."),
    ] = None,
) -> None:
    """Ask a database in plain language, with small language models that you run yourself."""
    del version  # its callback has shown it
    if debug or log_format is not None:
        import logging

        from agentsql.observe.logs import configure_logs

        configure_logs(log_format or "text", level=logging.DEBUG if debug else logging.INFO)
