"""What a command that lists things writes: a table for people or JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from agentsql.cli.layout import layout
from agentsql.cli.options import ListFormat
from agentsql.cli.show import make_console, show_lines
from agentsql.formats import to_json
from agentsql.types import Cell


def write_list(columns: Sequence[str], rows: Sequence[Sequence[Cell]], form: ListFormat) -> None:
    """Write rows to stdout; as JSON each row is an object with the columns for keys."""
    if form is ListFormat.JSON:
        typer.echo(to_json([dict(zip(columns, row, strict=True)) for row in rows]))
    else:
        show_lines(make_console(), layout(columns, rows))
