"""The graph `dated`."""

from __future__ import annotations

from dataclasses import replace

from agentsql.graph.shipped import default
from agentsql.graph.spec import GraphSpec


def dated() -> GraphSpec:
    """Give the default graph, as it is installed, with `resolve_dates` on the way of every question that needs SQL.

    The step comes after `route`, which may send the question away, and before everything else that reads evidence.
    """
    graph = default()
    route = graph.node("route")
    rerouted = graph.replace_node("route", next={**route.next, "sql": ("resolve_dates",)})
    described = f"{graph.description} Relative dates are resolved first."
    return replace(rerouted, name="dated", description=described).add("resolve_dates", next=route.next["sql"])
