"""The graph `charted`."""

from __future__ import annotations

from dataclasses import replace

from agentsql.graph.shipped import default
from agentsql.graph.spec import END, GraphSpec


def charted() -> GraphSpec:
    """Give the default graph, as it is installed, with `chart` behind the answer's last word."""
    graph = default()
    described = f"{graph.description} A chart is chosen for the rows."
    answered = graph.replace_node("answer", next={"": ("chart",)})
    return replace(answered, name="charted", description=described).add("chart", next=END)
