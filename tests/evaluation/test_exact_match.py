"""Spider's exact set match on queries of our own; the script's verdicts are in test_agreement.py."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agentsql.db.introspect import read_structure
from agentsql.evaluation.exact_match import COMPONENTS, column_keys, component_scores, exact_set_match

JOINED = "FROM singer AS T1 JOIN sings AS T2 ON T1.singer_id = T2.singer_id"


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        pytest.param("SELECT name, age FROM singer", "SELECT Age, Name FROM Singer", True, id="order of items, case"),
        pytest.param("SELECT name FROM singer", "SELECT age FROM singer", False, id="another item"),
        pytest.param("SELECT name FROM singer", "SELECT DISTINCT name FROM singer", True, id="DISTINCT"),
        pytest.param(
            "SELECT name FROM singer WHERE age > 3 AND country = 'Peru'",
            "SELECT name FROM singer WHERE country = 'Chile' AND age > 99",
            True,
            id="values, order of conditions",
        ),
        pytest.param(
            "SELECT name FROM singer WHERE age > 3", "SELECT name FROM singer WHERE age >= 3", False, id="operator"
        ),
        pytest.param(
            "SELECT name FROM singer WHERE age > 3 AND age < 9",
            "SELECT name FROM singer WHERE age > 3 OR age < 9",
            False,
            id="OR for AND",
        ),
        pytest.param(f"SELECT T1.singer_id {JOINED}", f"SELECT T2.singer_id {JOINED}", True, id="a foreign key's ends"),
        pytest.param("SELECT singer_id FROM singer", "SELECT singer_id FROM sings", False, id="of another table"),
        pytest.param(
            "SELECT name FROM singer ORDER BY age LIMIT 1",
            "SELECT name FROM singer ORDER BY age LIMIT 9",
            True,
            id="how many",
        ),
        pytest.param(
            "SELECT name FROM singer ORDER BY age", "SELECT name FROM singer ORDER BY age DESC", False, id="direction"
        ),
        pytest.param(
            "SELECT count(*) FROM singer GROUP BY country HAVING count(*) > 2",
            "SELECT count(*) FROM singer GROUP BY country",
            False,
            id="HAVING",
        ),
        pytest.param(
            "SELECT name FROM singer UNION SELECT title FROM concert",
            "SELECT name FROM singer UNION SELECT year FROM concert",
            False,
            id="behind UNION",
        ),
        pytest.param(
            "SELECT name FROM singer WHERE singer_id IN (SELECT singer_id FROM sings)",
            "SELECT name FROM singer WHERE singer_id NOT IN (SELECT singer_id FROM sings)",
            False,
            id="NOT IN",
        ),
        pytest.param(
            "SELECT count(*) FROM (SELECT name FROM singer WHERE age > 3)",
            "SELECT count(*) FROM (SELECT name FROM singer WHERE age > 4)",
            False,
            id="a value in FROM counts, as in the source",
        ),
        pytest.param("SELECT name FROM singer", "SELECT s.name FROM singer s", False, id="outside the grammar"),
        pytest.param("SELECT name FROM singer", "", False, id="no SQL"),
    ],
)
def test_exact_set_match(schema, gold: str, predicted: str, expected: bool) -> None:
    assert exact_set_match(gold, predicted, schema).matched is expected


def test_each_component_is_told_apart(schema) -> None:
    found = exact_set_match(
        "SELECT max(age) FROM singer WHERE age > 3", "SELECT min(age) FROM singer WHERE age < 3", schema
    )
    wrong = {name for name in COMPONENTS if not found.components[name].matched}
    assert wrong == {"select", "where"}
    assert not found.components["order"].in_gold


def test_a_gold_outside_the_grammar_has_no_verdict(schema) -> None:
    found = exact_set_match("SELECT name FROM singer LEFT JOIN sings", "SELECT name FROM singer", schema)
    assert (found.matched, dict(found.components), found.problem) == (None, {}, "gold: no table 'left'")


def test_why_a_prediction_is_outside_the_grammar_is_said(schema) -> None:
    found = exact_set_match("SELECT name FROM singer", "SELECT nome FROM singer", schema)
    assert (found.matched, found.problem) == (False, "prediction: no column 'nome'")


def test_component_scores_are_over_the_questions_that_have_the_component(schema) -> None:
    golds = ["SELECT name FROM singer WHERE age > 3", "SELECT name FROM singer", "SELECT name FROM nowhere"]
    own = ["SELECT name FROM singer WHERE age < 3", "SELECT name FROM singer WHERE age > 3", "SELECT 1"]
    scores = component_scores(
        [exact_set_match(gold, predicted, schema) for gold, predicted in zip(golds, own, strict=True)]
    )
    assert scores["select"].accuracy == 1.0
    where, order = scores["where"], scores["order"]
    assert (where.accuracy, where.precision, where.recall, where.f1) == (0.0, 0.0, 0.0, 1.0)
    assert (order.accuracy, order.precision, order.recall, order.f1) == (1.0, 0.0, 0.0, 1.0)
    assert component_scores([]) == {}


def test_columns_that_keys_tie_together_have_one_name(schema) -> None:
    assert column_keys(schema) == {
        "concert.concert_id": "concert.concert_id",
        "sings.concert_id": "concert.concert_id",
        "sings.singer_id": "sings.singer_id",
        "singer.singer_id": "sings.singer_id",
    }


def test_a_schema_of_create_table_statements_will_do() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE head (age INTEGER, name VARCHAR)")
        schema = read_structure(connection)
    assert exact_set_match(
        "SELECT COUNT(*) FROM head WHERE age > 56", "SELECT count(*) FROM head WHERE age > 1", schema
    )


def test_the_recorded_sample_holds_no_text_of_the_benchmark() -> None:
    recorded = json.loads((Path(__file__).parent / "exact_match.json").read_text())
    assert set(recorded) == {"script", "components", "rows", "predictions", "golds", "hardness_of_train"}
    assert all(other.startswith("spider-") and other.count(" ") == 0 for _, other, *_ in recorded["golds"])
    assert tuple(recorded["components"]) == COMPONENTS
