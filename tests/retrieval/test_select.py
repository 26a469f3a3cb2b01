"""Which of the found examples are shown."""

from __future__ import annotations

import pytest

from agentsql.retrieval.example import Example
from agentsql.retrieval.select import Limits, select_examples, without_leaks
from agentsql.retrieval.view import Found

COUNT = Found(Example("How many?", "SELECT count(*) FROM a", "one"), 0.9)
SORTED = Found(Example("Which is oldest?", "SELECT b FROM a ORDER BY c LIMIT 1", "two"), 0.8)
AGAIN = Found(Example("The number?", "SELECT  count(*)\nFROM a", "three"), 0.7)
PLAIN = Found(Example("List all.", "SELECT d FROM e", "one"), 0.4)
ALL = (COUNT, SORTED, AGAIN, PLAIN)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param(Limits(9, 0.0, 999), (PLAIN, SORTED, COUNT), id="most similar last, each SQL once"),
        pytest.param(Limits(2, 0.0, 999), (SORTED, COUNT), id="k"),
        pytest.param(Limits(9, 0.5, 999), (SORTED, COUNT), id="threshold"),
        pytest.param(Limits(9, 0.0, 60), (PLAIN, COUNT), id="what is too long gives way to what fits"),
        pytest.param(Limits(9, 0.95, 999), (), id="none similar"),
    ],
)
def test_select(limits, expected):
    assert select_examples(ALL, limits, question="?", size=len) == expected


def test_of_equally_similar_questions_the_one_with_more_words_in_common_is_nearer():
    one = Found(Example("How many cats?", "SELECT 1"), 0.9)
    other = Found(Example("How many dogs?", "SELECT 2"), 0.9)
    limits = Limits(1, 0.0, 999)
    assert select_examples((one, other), limits, question="How many DOGS?", size=len) == (other,)
    assert select_examples((one, other), limits, question="How many cats?", size=len) == (one,)


def test_a_preliminary_query_brings_its_like_to_the_front():
    preliminary = "SELECT x FROM y ORDER BY z LIMIT 3"
    assert select_examples(
        ALL, Limits(1, 0.0, 999), question="?", size=len, preliminary=preliminary, dialect="sqlite"
    ) == (SORTED,)
    assert select_examples(
        ALL, Limits(1, 0.0, 999), question="?", size=len, preliminary="no SQL (", dialect="sqlite"
    ) == (COUNT,)


def test_nothing_leaks_from_an_evaluated_database_or_of_the_asked_question():
    assert without_leaks(ALL, "list ALL", frozenset({"TWO"})) == (COUNT, AGAIN)
    assert without_leaks(ALL, "list ALL", frozenset()) == ALL
