"""A graph as data: TOML and the builder give the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentsql.errors import GraphError, PluginError
from agentsql.graph import GraphSpec, graph_names, load_graph, read_graph

TOML = """
name = "short"
description = "Two nodes."
start = "generate"

[nodes.generate]
options = { candidates = 2 }
next = "check"

[nodes.check]
router = "by_check"
next = { passed = "end", failed = ["end"], given_up = "end" }
"""


def test_the_builder_and_a_toml_file_give_the_same_graph(tmp_path: Path) -> None:
    (tmp_path / "short.toml").write_text(TOML)
    built = (
        GraphSpec("short", start="generate", description="Two nodes.")
        .add("generate", options={"candidates": 2}, next="check")
        .add("check", router="by_check", next={"passed": "end", "failed": ["end"], "given_up": "end"})
    )
    assert read_graph(tmp_path / "short.toml") == built


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("nodes = ", "not valid TOML", id="no TOML"),
        pytest.param('start = "a"\nnode = {}', "an unknown key 'node'; did you mean 'nodes'?", id="unknown key"),
        pytest.param('[nodes.a]\nnext = "end"', "`start` is missing", id="no start"),
        pytest.param('start = "a"\n[nodes.a]\nstep = "check"', "node 'a' has no `next`", id="no way on"),
        pytest.param('start = "a"\n[nodes.a]\nnext = "end"\noption = {}', "did you mean 'options'?", id="node key"),
        pytest.param('start = "a"\n[nodes.a]\nnext = "end"\nrouter = "x"', "needs a router and outcomes", id="router"),
        pytest.param('start = "a"\nnodes = 3', "write each node as", id="nodes that are no section"),
        pytest.param('start = "a"\n[nodes]\na = "end"', "node 'a' must be a section", id="node that is no section"),
        pytest.param('start = "a"\n[nodes.a]\nnext = 3', "`next` must be a node, a list .*, not 3", id="next"),
        pytest.param('start = "a"\n[nodes.a]\nnext = ["b", 3]', "`next` must be a node, a list", id="next's items"),
        pytest.param(
            'start = "a"\n[nodes.a]\nrouter = "r"\nnext = { failed = { b = 1 } }',
            "`next` after 'failed' must be a node or a list of nodes, not {'b': 1}",
            id="an outcome's nodes",
        ),
        pytest.param('start = "a"\n[nodes.a]\nnext = "end"\noptions = 3', "`options` must be a table", id="options"),
    ],
)
def test_a_file_that_is_no_graph_says_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(GraphError, match=problem.replace("?", r"\?")):
        read_graph(tmp_path / "bad.toml")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(GraphError, match=r"cannot read 'nowhere.toml'"):
        load_graph("nowhere.toml")


def test_an_unknown_graph_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(PluginError, match="there is no graph 'defalt'; did you mean 'default'"):
        load_graph("defalt")


def test_the_shipped_graphs_are_installed() -> None:
    assert {"default", "direct"} <= set(graph_names())
    assert load_graph("default").name == "default"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param({"failed": "check", "passed": ["end"]}, {"failed": ("check",), "passed": ("end",)}, id="outcomes"),
        pytest.param("check", {"": ("check",)}, id="a node"),
        pytest.param(["link", "prune"], {"": ("link", "prune")}, id="nodes"),
        pytest.param({"": ("check",)}, {"": ("check",)}, id="as a node has it"),
    ],
)
def test_a_replaced_node_takes_every_form_of_next(given: object, kept: object) -> None:
    graph = GraphSpec("short", start="a").add("a", next="end")
    assert graph.replace_node("a", next=given).node("a").next == kept


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(
            {"next": {"failed": 3}}, "`next` after 'failed' must be a node or a list of nodes, not 3", id="next"
        ),
        pytest.param({"option": {}}, "an unknown key 'option'; did you mean 'options'?", id="field"),
    ],
)
def test_a_change_that_means_nothing_is_refused(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(GraphError, match=problem.replace("?", r"\?")):
        GraphSpec("short", start="a").add("a", next="end").replace_node("a", **changes)
