"""The steps and the graph `semantic`, from question to rows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.db.policy import Policy, Rules
from agentsql.errors import UsageError
from agentsql.graph.check import check_graph
from agentsql.plugins import load_plugin
from agentsql.settings import load_settings
from agentsql.testing import ScriptedModel, check_step
from agentsql.types import Candidate
from agentsql_semantic_layer import SemanticLayerError
from agentsql_semantic_layer.graph import semantic
from agentsql_semantic_layer.steps import define_metrics, use_metrics


async def test_what_a_question_names_is_explained_in_the_evidence(shop, layer_file):
    state = {"question": "Revenue for each client?", "evidence": "All amounts are in euros."}
    written = await check_step(define_metrics, database=shop, state=state, file=layer_file)
    assert written["evidence"] == (
        'All amounts are in euros. "revenue" or "turnover" or "sales" means SUM(items.quantity * items.price), from'
        ' items (what customers are charged, before discounts). "client" means the table customers.'
    )


async def test_a_question_that_names_nothing_keeps_its_evidence(shop, layer_file):
    state = {"question": "How many orders?", "evidence": "x"}
    assert await check_step(define_metrics, database=shop, state=state, file=layer_file) == {
        "evidence": "x",
        "metrics": (),
    }


async def test_a_query_that_does_without_the_metric_is_held_to_be_suspicious(shop, layer_file):
    state = {"question": "What is the revenue?", "candidates": (Candidate("full-1", "SELECT SUM(price) FROM items"),)}
    written = await check_step(use_metrics, database=shop, state=state, file=layer_file)
    (candidate,) = written["candidates"]
    assert candidate.failure.kind == "suspicious"
    assert candidate.failure.hint == "write revenue as SUM(items.quantity * items.price)"


async def test_sql_that_is_none_is_left_to_the_check(shop, layer_file):
    wrong = Candidate("full-1", "SELECT FROM WHERE")
    state = {"question": "What is the revenue?", "candidates": (wrong,)}
    assert (await check_step(use_metrics, database=shop, state=state, file=layer_file))["candidates"] == (wrong,)


def test_a_question_that_names_nothing_but_a_metric_is_not_sent_away(shop, layer_file):
    def reply(messages):
        return '{"intent": "refused", "reason": "no"}' if "turnover" not in messages[-1].content else "SELECT 1"

    with SQLAgent(shop, sql_model=ScriptedModel(reply), graph=semantic(layer_file)) as agent:
        assert [event.step for event in agent.ask("What is our turnover?").trace][1] != "route"
        assert agent.ask("What is the weather?").status == "refused"


def test_the_schema_comes_before_the_definition_and_the_question_last(shop, layer_file):
    model = ScriptedModel("SELECT SUM(quantity * price) FROM items")
    with SQLAgent(shop, sql_model=model, graph=semantic(layer_file)) as agent:
        answer = agent.ask("What is our turnover?")
        plain = agent.ask("How many orders are there?")
    assert (answer.status, answer.rows) == ("answered", ((23.0,),))
    system, user = model.asked[0][0].content, model.asked[0][-1].content
    assert "SUM(items.quantity" not in system
    assert user.index("SUM(items.quantity * items.price)") < user.index("What is our turnover?")
    assert {asked[0].content for asked in model.asked} == {system}
    assert plain.status == "answered"


def test_a_wrong_expression_under_the_right_name_is_put_right_without_a_model(shop, layer_file):
    model = ScriptedModel("SELECT SUM(price) AS revenue FROM items", "It is 23.")
    with SQLAgent(shop, sql_model=model, graph=semantic(layer_file)) as agent:
        answer = agent.ask("What is the revenue?")
    assert answer.rows == ((23.0,),)
    assert answer.usage.calls <= 2


def test_the_model_is_told_the_expression_when_it_writes_another(shop, layer_file):
    def reply(messages):
        asked = messages[-1].content
        right = "but it fails" in asked and "write revenue as SUM(items.quantity * items.price)" in asked
        return f"SELECT SUM({'quantity * price' if right else 'price'}) FROM items"

    with SQLAgent(shop, sql_model=ScriptedModel(reply), graph=semantic(layer_file)) as agent:
        answer = agent.ask("What is the revenue?")
    assert answer.rows == ((23.0,),)


def test_the_file_may_come_from_the_environment_and_is_read_anew_when_it_changes(shop, layer_file, monkeypatch):
    monkeypatch.setenv("AGENTSQL_PLUGIN_SEMANTIC_LAYER", layer_file)
    model = ScriptedModel("SELECT SUM(quantity * price) FROM items")
    with SQLAgent(shop, sql_model=model, graph="semantic", settings=load_settings().settings) as agent:
        assert agent.ask("What is the revenue?").rows == ((23.0,),)
        Path(layer_file).write_text("metrics: [{name: revenue, expression: SUM(cost), tables: [items]}]")
        os.utime(layer_file, ns=(1, 1))
        with pytest.raises(SemanticLayerError, match="no column 'cost'"):
            agent.ask("What is the revenue?")


def test_without_a_file_the_step_says_where_to_name_one(shop, monkeypatch):
    monkeypatch.delenv("AGENTSQL_PLUGIN_SEMANTIC_LAYER", raising=False)
    with (
        SQLAgent(shop, sql_model=ScriptedModel("SELECT 1"), graph="semantic") as agent,
        pytest.raises(UsageError, match="AGENTSQL_PLUGIN_SEMANTIC_LAYER"),
    ):
        agent.ask("What is the revenue?")


def test_under_a_policy_a_metric_of_a_hidden_table_is_not_told_of(shop, layer_file):
    policy = Policy(Rules(denied_tables=("items",)))
    model = ScriptedModel("SELECT COUNT(*) FROM orders")
    with SQLAgent(shop, sql_model=model, graph=semantic(layer_file), policy=policy) as agent:
        answer = agent.ask("What is the revenue of all orders?")
    assert "items" not in model.asked[0][-1].content
    assert "items" not in str(answer.trace)


def test_the_graph_can_run_and_all_are_found_by_name(layer_file):
    assert check_graph(semantic(layer_file)) == []
    assert load_plugin("agentsql.steps", "define_metrics") is define_metrics
    assert load_plugin("agentsql.steps", "use_metrics") is use_metrics
    assert load_plugin("agentsql.graphs", "semantic") is semantic
