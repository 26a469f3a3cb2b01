"""`agentsql config`: the settings in force and where each came from."""

from __future__ import annotations

import typer

from agentsql.cli.options import Form, ListFormat
from agentsql.settings import load_settings

app = typer.Typer(help="Show the settings and where they come from.", no_args_is_help=True)


@app.command()
def show(form: Form = ListFormat.TABLE) -> None:
    """Show every setting, its value and its source."""
    from agentsql import formats
    from agentsql.cli.layout import layout
    from agentsql.cli.show import make_console, show_lines

    loaded = load_settings()
    if form is ListFormat.JSON:
        entries: dict[str, formats.Json] = {
            key: {"value": loaded.value(key), "origin": origin} for key, origin in loaded.origins.items()
        }
        typer.echo(formats.to_json(entries))
        return
    rows = [(key, f"{loaded.value(key)}", origin) for key, origin in loaded.origins.items()]
    show_lines(make_console(), layout(("setting", "value", "from"), rows))


@app.command()
def path() -> None:
    """Show the files that settings are read from, weakest first."""
    for file in load_settings().files:
        typer.echo(f"{file}{'' if file.exists() else '  (not there)'}")
