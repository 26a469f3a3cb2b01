"""`agentsql audit`: is an audit log whole?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentsql.errors import AuditError

app = typer.Typer(help="Check audit logs.", no_args_is_help=True)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The log that [observe] audit names.")],
    anchor: Annotated[
        str, typer.Option("--anchor", metavar="HASH", help="A head that an earlier check gave: is it still there?")
    ] = "",
) -> None:
    """Follow the chain of a log's lines and say where it is broken first."""
    from agentsql.cli.show import make_console, say
    from agentsql.observe.chain import verify as follow

    found = follow(file, anchor=anchor)
    if found.broken_line:
        raise AuditError(f"line {found.broken_line:,} of {str(file)!r} is where the chain breaks: {found.why}")
    console = make_console()
    say(console, f"{file}: whole, {found.entries:,} entries")
    say(console, f"head {found.head}")
    if found.anchor_line:
        say(console, f"the anchor is line {found.anchor_line:,}")
    for line in found.torn_lines:
        say(make_console(stderr=True), f"line {line:,} was torn by a crash; the chain goes on behind it")
