"""`agentsql plugins`: what is installed, whether it can be used, and the package of a new one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agentsql.cli.options import Form, ListFormat

app = typer.Typer(help="List, check and write plugins.", no_args_is_help=True)


class Kind(StrEnum):
    """What a new plugin is."""

    STEP = "step"
    MODEL = "model"
    DATABASE = "database"
    GRAPH = "graph"
    BENCHMARK = "benchmark"


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Of the package and its folder, such as agentsql-top-customers.")],
    kind: Annotated[Kind, typer.Option("--kind", help="What the plugin is.")],
    directory: Annotated[
        Path, typer.Option("--directory", metavar="FOLDER", help="Where the package's folder goes.")
    ] = Path(),
) -> None:
    """Write a package that installs, passes its own tests and is found by agentsql; print its folder."""
    from agentsql.scaffold import write_plugin

    folder = write_plugin(name, kind.value, directory)
    typer.echo(str(folder))
    typer.echo(
        f"next: pip install --editable {folder}, then python -m pytest there; its README.md says what to change",
        err=True,
    )


@app.command("list")
def list_installed(form: Form = ListFormat.TABLE) -> None:
    """List every installed plugin without importing any."""
    from agentsql.cli.lists import write_list
    from agentsql.plugins import list_plugins

    columns = ("group", "name", "value", "distribution", "version")
    rows = [(one.group, one.name, one.value, one.distribution, one.version) for one in list_plugins()]
    write_list(columns, rows, form)


@app.command()
def check(form: Form = ListFormat.TABLE) -> None:
    """Import every plugin and show those that cannot be used; exits with 2 if there are any."""
    from agentsql.cli.lists import write_list
    from agentsql.plugins import check_plugins

    problems = [(one.entry.group, one.entry.name, one.entry.distribution, one.problem) for one in check_plugins()]
    if problems or form is ListFormat.JSON:
        write_list(("group", "name", "distribution", "problem"), problems, form)
    else:
        typer.echo("ok")
    if problems:
        raise typer.Exit(2)
