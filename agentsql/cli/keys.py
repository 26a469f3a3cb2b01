"""`agentsql keys`: who may ask a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.cli.options import Form, ListFormat

if TYPE_CHECKING:
    from agentsql.serving.keys import Caller

app = typer.Typer(help="Make and list the keys of `agentsql serve`.", no_args_is_help=True)
File = Annotated[Path | None, typer.Option("--file", help="The key file; keys.toml in the user's settings folder.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is: letters, digits, `_` and `-`.")],
    db: Annotated[
        list[str] | None, typer.Option("--db", metavar="NAME", help="It may ask this one; repeatable; all if left out.")
    ] = None,
    per_minute: Annotated[int, typer.Option(min=0, help="Requests a minute; 0 for no limit.")] = 0,
    file: File = None,
) -> None:
    """Make a key and print it. Only its hash is kept, so it cannot be shown again."""
    from agentsql.serving.keys import add_key

    path = _file(file)
    key = add_key(path, name, databases=tuple(db or ()), per_minute=per_minute)
    typer.echo(key)
    typer.echo(f"its hash is in {path}; delete the section [{name}] there to withdraw it", err=True)


@app.command("list")
def list_keys(form: Form = ListFormat.TABLE, file: File = None) -> None:
    """List whose keys there are and what each may reach."""
    from agentsql.cli.lists import write_list
    from agentsql.serving.keys import read_keys

    callers = read_keys(_file(file)).values()
    rows = [(one.name, ", ".join(one.databases) or "all", one.per_minute, _name(one)) for one in callers]
    write_list(("name", "databases", "per_minute", "principal"), rows, form)


def _name(caller: Caller) -> str:
    who = caller.principal
    return who if isinstance(who, str) else who.name if who else ""


def _file(given: Path | None) -> Path:
    from agentsql.folders import settings_folder

    return given or settings_folder() / "keys.toml"
