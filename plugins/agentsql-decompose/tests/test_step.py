"""The step and the graph `decomposed`, with a scripted model."""

from __future__ import annotations

import json

import pytest

from agentsql import SQLAgent
from agentsql.graph.check import check_graph
from agentsql.plugins import load_plugin
from agentsql.testing import ScriptedModel, check_step, tiny_database
from agentsql_decompose.graph import decomposed
from agentsql_decompose.step import decompose

QUESTION = "Which singers are older than the average singer?"
SPLIT = json.dumps(
    {"parts": [{"name": "average", "question": "The average age"}, {"name": "ages", "question": "Each name and age"}]}
)
AVERAGE, AGES = "SELECT AVG(age) AS age FROM singer", "SELECT name, age FROM singer"
LAST = "SELECT ages.name FROM ages, average WHERE ages.age > average.age"


@pytest.fixture
def database(tmp_path):
    return tiny_database(tmp_path / "tiny.sqlite")


async def test_the_parts_become_one_query(database):
    model = ScriptedModel(SPLIT, AVERAGE, AGES, LAST)
    written = await check_step(decompose, database=database, model=model, state={"question": QUESTION})
    (candidate,) = written["candidates"]
    assert candidate.sql == (
        "WITH average AS (SELECT AVG(age) AS age FROM singer), ages AS (SELECT name, age FROM singer) "
        "SELECT ages.name FROM ages CROSS JOIN average WHERE ages.age > average.age"
    )
    assert {asked[0].content for asked in model.asked} == {model.asked[0][0].content}
    assert "average (age): The average age" in model.asked[2][-1].content
    assert model.asked[3][-1].content.endswith(f"Question: {QUESTION}")


@pytest.mark.parametrize(
    ("replies", "calls"),
    [
        (['{"parts": []}'], 1),
        (["no JSON"], 1),
        ([SPLIT, "SELECT * FROM singer"], 2),
        ([SPLIT, "SELECT nothing FROM singer"], 2),
        ([SPLIT, "DROP TABLE singer"], 2),
        ([SPLIT, AVERAGE, AGES, "SELECT name FROM singer"], 4),
        ([SPLIT, AVERAGE, AGES, "SELECT nothing FROM ages"], 4),
    ],
)
async def test_what_does_not_fit_is_dropped_at_the_first_piece_that_does_not(database, replies, calls):
    model = ScriptedModel(*replies)
    state = {"question": QUESTION}
    assert await check_step(decompose, database=database, model=model, state=state) == {"candidates": ()}
    assert len(model.asked) == calls


def agent_with(database, reply):
    return SQLAgent(database, sql_model=ScriptedModel(reply), graph=decomposed())


def reply(messages, *, split=SPLIT):
    asked = messages[-1].content
    if "Split the question" in asked:
        return split
    if "Part: The average age" in asked:
        return AVERAGE
    if "Part: Each name" in asked:
        return AGES
    return LAST if "do not write them again" in asked else "SELECT name FROM singer WHERE age > 1000"


def test_a_question_whose_first_query_gives_nothing_is_answered_in_parts(database):
    with agent_with(database, reply) as agent:
        answer = agent.ask(QUESTION)
    steps = [event.step for event in answer.trace]
    assert answer.rows == (("Joe Sharp",), ("Rose White",))
    assert "sample" not in steps
    assert steps.index("decompose") == steps.index("execute") + 1


def test_where_the_parts_do_not_fit_the_plain_way_is_gone(database):
    with agent_with(database, lambda messages: reply(messages, split='{"parts": []}')) as agent:
        steps = [event.step for event in agent.ask(QUESTION).trace]
    assert steps[steps.index("decompose") + 1] == "sample"


def test_a_first_query_that_is_certain_is_not_split(database):
    with agent_with(database, lambda _messages: "SELECT COUNT(*) FROM singer") as agent:
        answer = agent.ask("How many singers are there?")
    assert "decompose" not in [event.step for event in answer.trace]


def test_the_graph_can_run_and_all_are_found_by_name():
    assert check_graph(decomposed()) == []
    assert load_plugin("agentsql.steps", "decompose") is decompose
    assert load_plugin("agentsql.graphs", "decomposed") is decomposed
