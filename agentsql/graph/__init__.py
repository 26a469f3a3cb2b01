"""Graphs as data, and how they are found; the LangGraph side is in `build`."""

from __future__ import annotations

from pathlib import Path

from agentsql.errors import PluginError
from agentsql.graph.check import check_graph, graph_names
from agentsql.graph.show import to_mermaid
from agentsql.graph.spec import END, GraphSpec, Node, read_graph
from agentsql.plugins import load_plugin

__all__ = ["END", "GraphSpec", "Node", "check_graph", "graph_names", "load_graph", "read_graph", "to_mermaid"]


def load_graph(name: str | Path | GraphSpec) -> GraphSpec:
    """Give a graph by its installed name, or from a TOML file if `name` ends in `.toml` or holds a slash.

    Raises:
        GraphError: the file is not a graph.
        PluginError: no graph of that name is installed, or what is installed is none.
    """
    if isinstance(name, GraphSpec):
        return name
    if isinstance(name, Path) or name.endswith(".toml") or "/" in name:
        return read_graph(name)
    found = load_plugin("agentsql.graphs", name)()
    if not isinstance(found, GraphSpec):
        raise PluginError(
            f"the graph {name!r} cannot be used: its entry point gave {type(found).__name__}; let it give a GraphSpec"
        )
    return found
