"""`agentsql plugins`: what is installed, and whether it can be used."""

from __future__ import annotations

import typer

from agentsql.cli.options import Form, ListFormat

app = typer.Typer(help="List and check plugins.", no_args_is_help=True)


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
