"""The same text, but for how it is typed."""

from __future__ import annotations

import pytest

from agentsql.evaluation.string_match import string_match

GOLD = "SELECT name FROM singer WHERE country = 'Peru'"


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        pytest.param("select NAME\n  from Singer where country='Peru' ;", True, id="how it is typed"),
        pytest.param("SELECT name FROM singer WHERE country = 'Peru' -- of Peru", True, id="a comment"),
        pytest.param("SELECT name FROM singer WHERE country = 'peru'", False, id="case of a string"),
        pytest.param('SELECT name FROM singer WHERE country = "Peru"', False, id="other quotes"),
        pytest.param("SELECT name FROM singer WHERE 'Peru' = country", False, id="another order"),
        pytest.param("SELECT name FROM singer WHERE country = 'Peru", False, id="no SQL"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_string_match(predicted: str, expected: bool) -> None:
    assert string_match(GOLD, predicted) is expected


def test_two_empty_texts_do_not_match() -> None:
    assert not string_match("", " ;")
