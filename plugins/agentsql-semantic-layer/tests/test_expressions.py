"""Whether a query uses a metric, and how one is put in; each is run."""

from __future__ import annotations

import pytest
import sqlglot

from agentsql import SQLAgent
from agentsql.testing import ScriptedModel
from agentsql_semantic_layer import read_layer
from agentsql_semantic_layer.expressions import uses, with_metric

JOINED = "FROM customers c JOIN orders o ON o.customer_id = c.id JOIN items i ON i.order_id = o.id GROUP BY c.country"


@pytest.fixture
def agent(shop):
    with SQLAgent(shop, sql_model=ScriptedModel()) as agent:
        yield agent


def metric(layer_file, name):
    return next(one for one in read_layer(layer_file).metrics if one.name == name)


@pytest.mark.parametrize(
    ("used", "sql"),
    [
        (True, "SELECT SUM(quantity * price) FROM items"),
        (True, "SELECT sum(i.price * I.quantity) AS x FROM items AS i"),
        (True, f"SELECT c.country, ROUND(SUM((i.quantity * i.price)), 2) {JOINED}"),
        (True, f"SELECT c.country {JOINED} HAVING SUM(i.quantity * i.price) > 5"),
        (True, "WITH t AS (SELECT SUM(quantity * price) AS r FROM items) SELECT r FROM t"),
        (False, "SELECT SUM(price) FROM items"),
        (False, "SELECT SUM(quantity * price - discount) FROM items"),
        (False, "SELECT AVG(quantity * price) FROM items"),
        (False, "SELECT COUNT(*) FROM orders"),
    ],
)
def test_a_metric_is_known_whatever_its_aliases_and_order(agent, layer_file, used, sql):
    assert uses(sqlglot.parse_one(sql, read="sqlite"), metric(layer_file, "revenue"), agent.schema) is used


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT SUM(price) AS revenue FROM items", ((23.0,),)),
        ("SELECT revenue FROM items", ((23.0,),)),
        (f"SELECT c.country, SUM(i.price) AS revenue {JOINED} ORDER BY revenue", (("Malta", 6.0), ("France", 17.0))),
        (f"SELECT c.country {JOINED} ORDER BY revenue DESC", (("France",), ("Malta",))),
        (f"SELECT c.country, SUM(price) AS Turnover {JOINED} HAVING SUM(i.price) > 5", (("France", 17.0),)),
    ],
)
def test_a_metric_is_put_in_where_its_name_stands(agent, layer_file, sql, rows):
    revenue = metric(layer_file, "revenue")
    mended = with_metric(sqlglot.parse_one(sql, read="sqlite"), revenue, agent.schema)
    assert uses(mended, revenue, agent.schema)
    assert agent.run_sql(mended.sql(dialect="sqlite")).rows == rows


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT SUM(price) FROM items",
        "SELECT COUNT(*) AS revenue FROM orders",
        "SELECT a.price AS revenue FROM items a JOIN items b ON a.order_id = b.order_id",
    ],
)
def test_a_query_without_its_name_or_its_table_is_left_alone(agent, layer_file, sql):
    assert with_metric(sqlglot.parse_one(sql, read="sqlite"), metric(layer_file, "revenue"), agent.schema) is None
