"""Rewards of a reply, by example and by table."""

from __future__ import annotations

import doctest

import pytest

from agentsql.train import rewards
from agentsql.types import ExecutionResult, QueryFailure


def result(*rows: tuple[object, ...], error: QueryFailure | None = None, truncated: bool = False) -> ExecutionResult:
    return ExecutionResult("", ("a",), rows, truncated, 0.0, error)  # type: ignore[arg-type]


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(rewards).failed == 0


@pytest.mark.parametrize(
    ("gold", "found", "ordered", "expected"),
    [
        pytest.param(result((1,), (2,)), result((2,), (1,)), False, 1.0, id="order does not count"),
        pytest.param(result((1,), (2,)), result((2,), (1,)), True, 0.0, id="order counts"),
        pytest.param(result((1,), (1,)), result((1,)), False, 0.0, id="repeats count"),
        pytest.param(result((1,)), result(error=QueryFailure("syntax", "no")), False, 0.0, id="failed"),
        pytest.param(result(), result(), False, 1.0, id="both empty"),
        pytest.param(result((1,)), result((1,), truncated=True), False, 0.0, id="cut off"),
    ],
)
def test_execution_match(gold, found, ordered, expected):
    assert rewards.execution_match(gold, found, ordered=ordered) == expected


@pytest.mark.parametrize(
    ("reward", "better", "worse"),
    [
        (rewards.ngram_likeness, "SELECT name FROM singer WHERE age > 3", "SELECT title FROM concert"),
        (rewards.levenshtein_likeness, "SELECT name FROM singers", "DELETE everything"),
        (rewards.length_reward, "SELECT name FROM singer", "SELECT name FROM singer " + "JOIN concert " * 5),
    ],
)
def test_a_reply_that_is_more_like_the_gold_earns_more(reward, better, worse):
    gold = "SELECT name FROM singer WHERE age > 2"
    assert 1.0 >= reward(better, gold) > reward(worse, gold) >= 0.0
    assert reward(gold, gold) == 1.0
