"""Spider's hardness; what the script says of Spider's own queries is in test_agreement.py."""

from __future__ import annotations

import pytest

from agentsql.evaluation.hardness import spider_hardness


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT count(*) FROM singer", "easy"),
        ("SELECT name FROM singer WHERE age > 3", "easy"),
        ("SELECT name , age FROM singer WHERE age > 3", "medium"),
        ("SELECT name FROM singer ORDER BY age LIMIT 1", "medium"),
        ("SELECT name , age FROM singer WHERE age > 3 ORDER BY age LIMIT 1", "hard"),
        ("SELECT name FROM singer WHERE age > (SELECT avg(age) FROM singer)", "hard"),
        ("SELECT name , age FROM singer WHERE age > (SELECT avg(age) FROM singer)", "extra"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", ""),
    ],
)
def test_spider_hardness(sql: str, expected: str) -> None:
    assert spider_hardness(sql) == expected


def test_a_schema_has_to_have_the_names(schema) -> None:
    assert spider_hardness("SELECT nome FROM singer") == "easy"
    assert spider_hardness("SELECT nome FROM singer", schema) == ""
