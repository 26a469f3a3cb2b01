"""What steps of plugins leave for the caller of a question."""

from __future__ import annotations

import json
import math
from datetime import date

import pytest

from agentsql import SQLAgent
from agentsql.formats import answer_json, to_json
from agentsql.graph.spec import GraphSpec
from agentsql.steps.step import step
from agentsql.testing import ScriptedModel, tiny_database
from agentsql.types import Answer


@step(reads=("question",), writes=("extras",))
def shout(state, resources):
    return {"extras": {"shout": state["question"].upper()} if "loud" in state["question"] else {}}


@step(reads=("question",), writes=("extras",))
def measure(state, resources):
    return {"extras": {"length": len(state["question"])}}


@pytest.fixture
def agent(tmp_path):
    short = GraphSpec("short", "generate")
    short = short.add("generate", next=["shout", "measure"])
    short = short.add("shout", step=shout, next="check").add("measure", step=measure, next="check")
    short = short.add("check", next="execute").add("execute", next="select")
    short = short.add("select", next="answer").add("answer", options={"by": "rows"}, next="end")
    model = ScriptedModel("SELECT COUNT(*) FROM singer")
    with SQLAgent(tiny_database(tmp_path / "tiny.sqlite"), sql_model=model, graph=short) as agent:
        yield agent


def test_extras_of_steps_that_run_side_by_side_are_together_in_the_answer(agent):
    assert agent.ask("How loud?").extras == {"shout": "HOW LOUD?", "length": 9}


def test_the_next_question_of_a_thread_begins_without_extras(agent):
    agent.ask("How loud?", thread_id="t")
    assert agent.ask("How soft?", thread_id="t").extras == {"length": 9}


def test_extras_are_in_the_json_of_an_answer_as_json_can_keep_them():
    extras = {"on": date(2026, 11, 21), "share": math.nan, "rows": (1, 2)}
    shown = json.loads(to_json(answer_json(Answer("?", "answered", extras=extras))))
    assert shown["extras"] == {"on": "2026-11-21", "share": None, "rows": [1, 2]}


def test_an_answer_without_extras_looks_as_before():
    assert "extras" not in answer_json(Answer("?", "answered"))
