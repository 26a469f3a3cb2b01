"""The step in the graph `charted`, from question to `answer.extras`."""

from __future__ import annotations

import pytest

from agentsql import SQLAgent
from agentsql.graph.check import check_graph
from agentsql.plugins import load_plugin
from agentsql.settings import DatabaseSettings, Settings
from agentsql.testing import ScriptedModel, check_step, tiny_database
from agentsql.types import Candidate, ExecutionResult
from agentsql_chart.graph import charted
from agentsql_chart.step import chart


@pytest.fixture
def database(tmp_path):
    return tiny_database(tmp_path / "tiny.sqlite")


def ask(path, sql, **settings):
    model = ScriptedModel(sql, "There are some.")
    with SQLAgent(path, sql_model=model, graph=charted(), settings=Settings(**settings)) as agent:
        return agent.ask("How many singers are there in each country?")


def test_an_answer_carries_its_chart(database):
    answer = ask(database, "SELECT country, COUNT(*) AS singers FROM singer GROUP BY country")
    assert answer.status == "answered"
    chosen = answer.extras["chart"]
    assert chosen["mark"]["type"] == "bar"
    assert {value["c0"]: value["c1"] for value in chosen["data"]["values"]} == dict(answer.rows)
    assert answer.trace[-1].notes == ("chart: bar",)


def test_rows_that_no_chart_suits_get_none(database):
    assert ask(database, "SELECT name FROM singer").extras == {}


def test_rows_that_were_cut_off_get_none(database):
    sql = "SELECT country, COUNT(*) AS singers FROM singer GROUP BY country"
    answer = ask(database, sql, database=DatabaseSettings(max_rows=2))
    assert (answer.truncated, answer.extras) == (True, {})


async def test_the_step_keeps_the_contract(database):
    result = ExecutionResult("", ("year", "concerts"), ((2014, 2), (2015, 1)), False, 0.0)
    state = {"candidates": (Candidate("full-1", "", result),), "chosen": "full-1"}
    written = await check_step(chart, database=database, state=state)
    assert written["extras"]["chart"]["mark"]["type"] == "line"
    assert await check_step(chart, database=database) == {"extras": {}}


def test_the_graph_can_run_and_both_are_found_by_name():
    assert check_graph(charted()) == []
    assert load_plugin("agentsql.steps", "chart") is chart
    assert load_plugin("agentsql.graphs", "charted") is charted
