"""`agentsql graph`: the graphs there are, what one looks like, and whether it can run."""

from __future__ import annotations

from typing import Annotated

import typer

from agentsql.cli.options import ListFormat
from agentsql.errors import GraphError, PluginError

app = typer.Typer(help="List, draw and check graphs.", no_args_is_help=True)
NameOrPath = Annotated[str, typer.Argument(metavar="NAME|FILE", help="An installed graph, or a graph's TOML file.")]


@app.command("list")
def list_graphs(
    form: Annotated[ListFormat, typer.Option("--format", help="How to write it.")] = ListFormat.TABLE,
) -> None:
    """List the installed graphs; one that cannot be loaded is listed with the reason."""
    from agentsql.cli import formats
    from agentsql.cli.layout import layout
    from agentsql.cli.show import make_console, show_lines
    from agentsql.graph import graph_names

    rows = [(name, *_described(name)) for name in graph_names()]
    if form is ListFormat.JSON:
        entries = [{"name": name, "nodes": nodes, "description": text} for name, nodes, text in rows]
        typer.echo(formats.to_json([dict(entry) for entry in entries]))
        return
    show_lines(make_console(), layout(("graph", "nodes", "description"), rows))


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
