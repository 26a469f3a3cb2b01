"""`agentsql graph`: the graphs there are, what one looks like, and whether it can run."""

from __future__ import annotations

from typing import Annotated

import typer

from agentsql.cli.options import Form, ListFormat
from agentsql.errors import GraphError, PluginError

app = typer.Typer(help="List, draw and check graphs.", no_args_is_help=True)
NameOrPath = Annotated[str, typer.Argument(metavar="NAME|FILE", help="An installed graph, or a graph's TOML file.")]


@app.command("list")
def list_graphs(form: Form = ListFormat.TABLE) -> None:
    """List the installed graphs; one that cannot be loaded is listed with the reason."""
    from agentsql.cli.lists import write_list
    from agentsql.graph import graph_names

    rows = [(name, *_described(name)) for name in graph_names()]
    write_list(("name", "nodes", "description"), rows, form)


@app.command()
def show(graph: NameOrPath) -> None:
    """Draw a graph as Mermaid."""
    from agentsql.cli.safe import printable
    from agentsql.graph import load_graph, to_mermaid

    typer.echo(printable(to_mermaid(load_graph(graph))), nl=False)


@app.command()
def check(graph: NameOrPath) -> None:
    """Prove that a graph can run, without a model; exits with 2 if it cannot."""
    from agentsql.graph import check_graph, load_graph

    spec = load_graph(graph)
    if problems := check_graph(spec):
        raise GraphError(spec.name, problems)
    typer.echo("ok")


def _described(name: str) -> tuple[int | None, str]:
    from agentsql.graph import load_graph

    try:
        spec = load_graph(name)
    except (GraphError, PluginError) as exc:
        return None, f"cannot be loaded: {exc}"
    return len(spec.nodes), spec.description
