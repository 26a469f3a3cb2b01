"""Reading the file, what a question names, and what does not fit a database."""

from __future__ import annotations

import pytest

from agentsql import SQLAgent
from agentsql.testing import ScriptedModel
from agentsql_semantic_layer import SemanticLayerError, read_layer
from agentsql_semantic_layer.expressions import layer_problems


@pytest.mark.parametrize(
    ("question", "metrics"),
    [
        ("What is our revenue?", ["revenue"]),
        ("Net Revenue by country", ["net_revenue"]),
        ("net  revenue and turnover", ["revenue", "net_revenue"]),
        ("How did SALES develop?", ["revenue"]),
        ("Compare the revenues", ["revenue"]),
        ("Which salesman is best?", []),
        ("", []),
    ],
)
def test_a_question_names_metrics_by_name_and_synonym_the_longer_first(layer_file, question, metrics):
    assert [metric.name for metric in read_layer(layer_file).named(question)] == metrics


def test_a_question_names_tables_and_columns_by_synonym(layer_file):
    found = read_layer(layer_file).meant("How many clients of each nation?")
    assert found == (("client", "customers"), ("nation", "customers.country"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("metrics: [", "not valid YAML"),
        ("- a", "no `metrics:`"),
        ("metrics: {a: 1}", "must be a list"),
        ("metrics: [revenue]", "metric 1 must have lines"),
        ("metrics: [{name: revenue, tables: [a]}]", "'revenue' has no `expression`"),
        ("metrics: [{name: r, expression: COUNT(*), tables: a}]", "`tables` must be a list"),
        ("metrics: [{name: 5, expression: COUNT(*), tables: [a]}]", "`name` must be a text"),
        ("metrics: [{name: r, expresion: COUNT(*), tables: [a]}]", "did you mean 'expression'"),
        ("metric: []", "did you mean 'metrics'"),
        ("synonyms: {client: 3}", "must be lines like"),
        ("metrics: [{name: r, expression: COUNT(*), tables: [a], synonyms: [R]}]", "'r' is there twice"),
        ("metrics: ['!!python/object/apply:os.system [true]']", "metric 1 must have"),
        ("!!python/object/apply:os.system [true]", "not valid YAML"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_the_reason(write, text, said):
    with pytest.raises(SemanticLayerError) as caught:
        read_layer(write(text))
    assert said in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SemanticLayerError, match=r"nowhere\.yaml"):
        read_layer(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("expression", "tables", "said"),
    [
        ("SUM(items.prize)", "[items]", "there is no column 'items.prize'; did you mean 'price'?"),
        ("SUM(items.price)", "[item]", "there is no table 'item'; did you mean 'items'?"),
        ("SUM(items.price)", "[orders]", "`tables` does not name; add items"),
        ("COUNT(id)", "[orders, customers]", "'id' is in orders and customers; write orders.id"),
        ("SUM(price", "[items]", "is no sqlite expression"),
        ("price", "[items]", "has no aggregate"),
        ("SUM(price) FROM items; DROP TABLE items", "[items]", "one expression"),
        ("SUM(price) FROM items", "[items]", "one expression"),
        ("(SELECT SUM(price) FROM items)", "[items]", "one expression"),
        ("SUM(price), 1", "[items]", "one expression"),
    ],
)
def test_a_metric_that_does_not_fit_the_database_says_why(shop, write, expression, tables, said):
    layer = read_layer(write(f'metrics: [{{name: total, expression: "{expression}", tables: {tables}}}]'))
    with SQLAgent(shop, sql_model=ScriptedModel()) as agent:
        (problems,) = layer_problems(layer, agent.schema).values()
    assert said in problems[0]


def test_a_synonym_of_nothing_says_what_there_is(shop, write):
    layer = read_layer(write("synonyms: {client: customer, nation: customers.county}"))
    with SQLAgent(shop, sql_model=ScriptedModel()) as agent:
        problems = layer_problems(layer, agent.schema)
    assert "did you mean 'customers'?" in problems["client"][0]
    assert "did you mean 'country'?" in problems["nation"][0]


def test_a_layer_that_fits_has_no_problems(shop, layer_file):
    with SQLAgent(shop, sql_model=ScriptedModel()) as agent:
        assert layer_problems(read_layer(layer_file), agent.schema) == {}
