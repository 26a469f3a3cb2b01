"""The graph `dated`, and that both entry points are found once the package is installed."""

from __future__ import annotations

from agentsql.graph.check import check_graph
from agentsql.graph.shipped import default
from agentsql.plugins import load_plugin
from agentsql_relative_dates.graph import dated
from agentsql_relative_dates.step import resolve_dates


def test_dates_are_resolved_between_routing_and_everything_else():
    graph = dated()
    assert graph.node("route").next["sql"] == ("resolve_dates",)
    assert graph.node("resolve_dates").next == {"": default().node("route").next["sql"]}


def test_the_graph_can_run():
    assert check_graph(dated()) == []


def test_agentsql_finds_the_step_and_the_graph_by_name():
    assert load_plugin("agentsql.steps", "resolve_dates") is resolve_dates
    assert load_plugin("agentsql.graphs", "dated") is dated
