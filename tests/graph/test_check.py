"""What is proved of a graph before any model is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentsql import graph as graph_package
from agentsql.graph import GraphSpec, check_graph, load_graph

END = {"passed": "end", "failed": "end", "given_up": "end"}


def two(start: str = "generate") -> GraphSpec:
    return GraphSpec("two", start=start)


@pytest.mark.parametrize("name", ["default", "direct"])
def test_a_shipped_graph_has_no_problem(name: str) -> None:
    assert check_graph(load_graph(name)) == []


@pytest.mark.parametrize(
    ("graph", "problem"),
    [
        pytest.param(two().add("generate", step="generat", next="end"), "there is no step 'generat'", id="step"),
        pytest.param(
            two().add("generate", next="check").add("check", router="by_chek", next=END),
            "there is no router 'by_chek'; did you mean 'by_check'?",
            id="router",
        ),
        pytest.param(
            two().add("generate", options={"candidate": 2}, next="end"),
            "step 'generate' has no option 'candidate'; did you mean 'candidates'?",
            id="option",
        ),
        pytest.param(
            two().add("generate", options={"candidates": "two"}, next="end"),
            "option 'candidates' takes int, got 'two'",
            id="option of another type",
        ),
        pytest.param(
            two("link").add("link", options={"by": "modle"}, next="end"),
            "option 'by' is one of words, model, got 'modle'",
            id="option with a value that means nothing",
        ),
        pytest.param(two("begin").add("generate", next="end"), "start 'begin' is no node", id="start"),
        pytest.param(two().add("generate", next="chek"), "leads to 'chek', which is no node", id="target"),
        pytest.param(
            two()
            .add("generate", next="check")
            .add("check", router="by_check", next={"passed": "end", "failed": "end"}),
            "outcome 'given_up' of router 'by_check' leads nowhere",
            id="outcome not covered",
        ),
        pytest.param(
            two().add("generate", next="check").add("check", router="by_check", next={**END, "passd": "end"}),
            "router 'by_check' has no outcome 'passd'; did you mean 'passed'?",
            id="outcome that is none",
        ),
        pytest.param(
            two().add("generate", next="end").add("check", next="end"), "node 'check' is never reached", id="unreached"
        ),
        pytest.param(
            two().add("generate", next="check").add("check", next="generate"),
            "node 'generate' is in a loop without a way out",
            id="endless loop",
        ),
        pytest.param(
            two("execute").add("execute", next="end"),
            "step 'execute' reads 'candidates', which is not written on every path to it",
            id="read before written",
        ),
        pytest.param(
            two("route")
            .add(
                "route",
                router="by_intent",
                next={"sql": "generate", "chat": "select", "clarify": "end", "refused": "end"},
            )
            .add("generate", next="select")
            .add("select", next="end"),
            "node 'select': step 'select' reads 'candidates', which is not written on every path to it",
            id="written on one path only",
        ),
        pytest.param(
            two("route")
            .add("route", next=["link", "prune"])
            .add("link", next="generate")
            .add("prune", next="check")
            .add("generate", next="check")
            .add("check", next="end"),
            "nodes link, prune run side by side, so each must lead to the same one node",
            id="branches that do not meet",
        ),
        pytest.param(
            two("route")
            .add("route", next=["link", "again"])
            .add("link", next="generate")
            .add("again", step="link", next="generate")
            .add("generate", next="end"),
            "nodes link, again run side by side, but more than one writes 'links'",
            id="branches that write one key",
        ),
    ],
)
def test_each_fault_is_found_and_named(graph: GraphSpec, problem: str) -> None:
    assert any(problem in found for found in check_graph(graph)), check_graph(graph)


def test_the_example_in_the_readme_can_run(tmp_path: Path) -> None:
    text = Path(graph_package.__file__).with_name("README.md").read_text()
    example = tmp_path / "example.toml"
    example.write_text("\n".join(line[4:] for line in text.splitlines() if line.startswith("    ")))
    assert check_graph(load_graph(example)) == []


def test_a_key_written_by_either_of_two_branches_is_there_where_they_meet() -> None:
    graph = (
        two("route")
        .add("route", next=["link", "generate"])
        .add("link", next="check")
        .add("generate", next="check")
        .add("check", next="end")
    )
    assert check_graph(graph) == []
