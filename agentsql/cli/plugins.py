"""`agentsql plugins`: what is installed, and whether it can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from agentsql.cli.options import ListFormat

app = typer.Typer(help="List and check plugins.", no_args_is_help=True)
Form = Annotated[ListFormat, typer.Option("--format", help="How to write it.")]


@app.command("list")
def list_installed(form: Form = ListFormat.TABLE) -> None:
    """List every installed plugin without importing any."""
    from agentsql.plugins import list_plugins

    columns = ("group", "name", "value", "distribution", "version")
    rows = [(one.group, one.name, one.value, one.distribution, one.version) for one in list_plugins()]
    _write(columns, rows, form)


@app.command()
def check(form: Form = ListFormat.TABLE) -> None:
    """Import every plugin and show those that cannot be used; exits with 2 if there are any."""
    from agentsql.plugins import check_plugins

    problems = [(one.entry.group, one.entry.name, one.entry.distribution, one.problem) for one in check_plugins()]
    if problems or form is ListFormat.JSON:
        _write(("group", "name", "distribution", "problem"), problems, form)
    else:
        typer.echo("ok")
    if problems:
        raise typer.Exit(2)


def _write(columns: Sequence[str], rows: Sequence[Sequence[str]], form: ListFormat) -> None:
    from agentsql.cli import formats
    from agentsql.cli.layout import layout
    from agentsql.cli.show import make_console, show_lines

    if form is ListFormat.JSON:
        typer.echo(formats.to_json([dict(zip(columns, row, strict=True)) for row in rows]))
    else:
        show_lines(make_console(), layout(columns, rows))
