"""A compiled graph: contracts enforced, trace kept, loops bounded, nothing inherited from the turn before."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from agentsql import Settings
from agentsql.errors import GraphError, StepContractError
from agentsql.graph import GraphSpec, load_graph
from agentsql.settings import BudgetSettings
from agentsql.steps.step import router, step


def alone(function) -> GraphSpec:
    return GraphSpec("alone", start="only").add("only", step=function, next="end")


def test_every_step_leaves_one_trace_event(make_agent) -> None:
    agent, _ = make_agent("SELECT count(*) FROM singer", "There are 4 singers.")
    answer = agent.ask("How many singers are there?")
    steps = [event.step for event in answer.trace]
    assert steps[0] == "route"
    assert set(steps[1:4]) == {"link", "prune", "retrieve"}
    assert steps[4:] == ["generate", "check", "mend", "execute", "select", "answer"]
    generate = next(event for event in answer.trace if event.step == "generate")
    assert generate.writes == ("candidates",)
    assert generate.usage.calls == 1
    assert [len(prompt_hash) for prompt_hash in generate.prompt_hashes] == [12]


def test_a_step_that_reads_what_it_does_not_declare_is_stopped(make_agent) -> None:
    @step(writes=("text",))
    def greedy(state, resources):
        return {"text": state["question"]}

    agent, _ = make_agent(graph=alone(greedy))
    with pytest.raises(StepContractError, match="step 'greedy' reads 'question', which it does not declare"):
        agent.ask("Who?")


def test_a_step_that_writes_what_it_does_not_declare_is_stopped(make_agent) -> None:
    @step(reads=("question",), writes=("text",))
    def loose(state, resources):
        return {"txt": "x"}

    agent, _ = make_agent(graph=alone(loose))
    with pytest.raises(StepContractError, match="step 'loose' writes txt undeclared"):
        agent.ask("Who?")


def test_a_key_of_a_plugin_is_kept_between_steps(make_agent) -> None:
    @step(reads=("question",), writes=("mood",))
    def feel(state, resources):
        return {"mood": "good"}

    @step(reads=("mood",), writes=("status", "text"))
    def tell(state, resources):
        return {"status": "chat", "text": state["mood"]}

    graph = GraphSpec("moody", start="feel").add("feel", step=feel, next="tell").add("tell", step=tell, next="end")
    agent, _ = make_agent(graph=graph)
    assert agent.ask("How are you?").text == "good"


def test_independent_steps_run_side_by_side(make_agent) -> None:
    spans = {}

    def slow(name: str):
        @step(reads=("question",), writes=(name,))
        async def wait(state, resources):
            started = time.perf_counter()
            await asyncio.sleep(0.2)
            spans[name] = (started, time.perf_counter())
            return {name: 1}

        return wait

    @step(reads=("a", "b"), writes=("text",))
    def meet(state, resources):
        return {"text": "met"}

    graph = (
        GraphSpec("parallel", start="begin")
        .add("begin", step=slow("c"), next=["first", "second"])
        .add("first", step=slow("a"), next="meet")
        .add("second", step=slow("b"), next="meet")
        .add("meet", step=meet, next="end")
    )
    agent, _ = make_agent(graph=graph)
    agent.ask("Who?")
    assert max(spans["a"][0], spans["b"][0]) < min(spans["a"][1], spans["b"][1])


def test_a_loop_that_never_counts_is_stopped(make_agent) -> None:
    @step(reads=("question",), writes=("text",))
    def turn(state, resources):
        return {"text": "again"}

    @router(reads=("text",), outcomes=("again", "done"))
    def for_ever(state, resources):
        return "again"

    graph = GraphSpec("round", start="turn").add(
        "turn", step=turn, router=for_ever, next={"again": "turn", "done": "end"}
    )
    agent, _ = make_agent(graph=graph)
    with pytest.raises(GraphError, match="no end after 4 rounds"):
        agent.ask("Who?")


def test_corrections_end_after_as_many_rounds_as_are_allowed(make_agent) -> None:
    wrong = [f"SELECT x{number} FROM singer" for number in range(20)]
    settings = replace(Settings(), budget=BudgetSettings(corrections=2))
    agent, model = make_agent(*wrong, settings=settings)
    answer = agent.ask("How many singers are there?")
    assert answer.status == "failed"
    assert [one.sql for one in answer.candidates] == wrong[:11]  # one, eight for a vote, two corrections
    assert len(model.asked) == 1 + 1 + 2
    assert answer.error is not None
    assert answer.error.kind == "unknown_column"


def test_the_shipped_graphs_draw_each_node_once() -> None:
    from agentsql.graph import to_mermaid

    for name in ("default", "direct"):
        spec = load_graph(name)
        drawn = to_mermaid(spec)
        for node in spec.nodes:
            boxes = [f"    {node.name}[{node.name}]", f"    {node.name}{{{{{node.name}}}}}"]
            assert sum(drawn.count(f"{box}\n") for box in boxes) == 1


def test_a_key_of_a_plugins_own_is_not_left_for_the_next_question_of_a_thread(make_agent) -> None:
    found: list[object] = []

    @step(optional=("plan",), writes=("plan",))
    def plan(state, resources):
        found.append(state.get("plan", "none yet"))
        return {"plan": "made"}

    @step(reads=("plan",), writes=("evidence",))
    def tell(state, resources):
        return {"evidence": state["plan"]}

    graph = replace(load_graph("direct"), start="plan").add("plan", step=plan, next="generate")
    graph = graph.replace_node("select", next={"": ("tell",)}).add("tell", step=tell, next="answer")
    agent, _ = make_agent("SELECT 1", graph=graph)
    for _ in range(2):
        assert agent.ask("How many singers?", thread_id="t").status == "answered"
    assert agent.ask("How many singers?", thread_id="t", approve=lambda _request: "later").status == "waiting"
    assert agent.resume("t", "run").status == "answered"
    assert found == ["none yet"] * 3
