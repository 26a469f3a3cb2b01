"""`check_graph`: the shipped graphs pass, and each broken graph is told what to mend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agentsql.graph import GraphSpec, load_graph
from agentsql.steps.step import router, step
from agentsql.testing import ScriptedModel, check_graph
from agentsql.types import Candidate


@pytest.mark.parametrize("name", ["default", "direct", "feather", "vote"])
def test_a_shipped_graph_passes(name: str, tiny: Path) -> None:
    assert check_graph(name, database=tiny).name == name


def test_a_toml_file_and_a_function_pass(tiny: Path) -> None:
    from agentsql.graph.shipped import direct

    assert check_graph(direct, database=tiny) == direct()


def test_a_graph_that_asks_for_something_else_is_given_a_model(tiny: Path) -> None:
    @step(reads=("question",), writes=("evidence",))
    async def think(state, resources):
        from agentsql.prompts import build_prompt

        prompt = build_prompt("generate", dialect="sqlite", product="SQLite", schema="")
        (said,) = await resources.complete("chat", prompt)
        if said.text.startswith("plan:"):
            return {"evidence": said.text}
        return {"evidence": ""}

    graph = replace(load_graph("direct"), start="think").add("think", step=think, next="generate")
    model = ScriptedModel("plan: count", "SELECT count(*) FROM singer")
    check_graph(graph, database=tiny, model=model, question="How many singers are there?")
    assert "plan: count" in model.asked[1][-1].content


DIRECT = load_graph("direct")


@step(reads=("question",), writes=("status", "text"))
def boast(state, resources):
    return {"status": "answered", "text": "All is well."}


@step(reads=("candidates",), writes=("status", "text", "chosen", "candidates"))
def gloss_over(state, resources):
    made = tuple(replace(one, failure=None) for one in state["candidates"]) or (Candidate("none", ""),)
    return {"status": "answered", "text": "Done.", "chosen": made[-1].name, "candidates": made}


@step(reads=("candidates",), writes=("text",))
def take_first(state, resources):
    return {"text": [one for one in state["candidates"] if one.sql][0].sql}  # noqa: RUF015  # the mistake it stands for


@step(reads=("question",), writes=("text",))
def go_on(state, resources):
    return {"text": "again"}


@router(reads=("text",), outcomes=("again", "done"))
def for_ever(state, _resources) -> str:
    return "again"


class Changing:
    """A function that never gives one graph twice."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> GraphSpec:
        self.calls += 1
        return replace(DIRECT, name=f"graph {self.calls}")


BROKEN = [
    (lambda: "direct", "a function without arguments that gives a GraphSpec; this gave str"),
    (Changing(), "gives another graph the second time"),
    (replace(DIRECT, name=""), "a graph needs a `name`"),
    (replace(DIRECT, description=" "), "needs a `description`: a sentence for lists and traces"),
    (replace(DIRECT, start="generat"), r"cannot run:\n +- start 'generat' is no node; did you mean 'generate'"),
    (GraphSpec("g", "select", "d").add("select", next="end"), "reads 'candidates', which is not written on"),
    (GraphSpec("g", "boast", "d").add("boast", step=boast, next="end"), "answers without a query: write `chosen`"),
    (GraphSpec("g", "generate", "d").add("generate", next="end"), "ends with the status 'failed' .*lead every way to"),
    (
        DIRECT.replace_node("answer", step=gloss_over, options={}),
        "with a model that writes a wrong query, the graph 'direct' ends as answered, .* never presented as an answer",
    ),
    (
        replace(DIRECT.replace_node("generate", next={"": ("first",)}).add("first", step=take_first, next="check")),
        "with a model that writes nothing, a step of the graph 'direct' raised IndexError",
    ),
    (
        GraphSpec("g", "on", "d").add("on", step=go_on, router=for_ever, next={"again": "on", "done": "end"}),
        "with a model that writes a right query, the graph 'g' does not end: .*does a loop count its rounds",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("broken", "says"), BROKEN, ids=[says[:30] for _, says in BROKEN])
def test_each_broken_graph_is_told_what_to_mend(broken, says: str, tiny: Path) -> None:
    with pytest.raises(AssertionError, match=f"(?s){says}"):
        check_graph(broken, database=tiny)
