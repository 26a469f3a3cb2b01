"""Execution match as the benchmark counts it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentsql.evaluation.metrics import bird_match, defog_match, result_match

VERDICTS = json.loads((Path(__file__).parent / "verdicts.json").read_text())
"""What the benchmarks' own functions say of made-up results: lists of gold, prediction, ordered, verdict."""


@pytest.mark.parametrize(
    ("gold", "predicted", "ordered", "expected"),
    [
        pytest.param([], [], False, True, id="both empty"),
        pytest.param([(1,)], [], False, False, id="one empty"),
        pytest.param([(1,)], [(1,)], False, True, id="same"),
        pytest.param([(1,)], [(2,)], False, False, id="other value"),
        pytest.param([(1,)], [(1.0,)], False, True, id="whole float"),
        pytest.param([(1,)], [("1",)], False, False, id="text is no number"),
        pytest.param([(1,), (1,)], [(1,)], False, False, id="repeats count"),
        pytest.param([(1,), (2,)], [(2,), (1,)], False, True, id="order of rows ignored"),
        pytest.param([(1,), (2,)], [(2,), (1,)], True, False, id="order of rows kept"),
        pytest.param([(1, "a")], [("a", 1)], False, True, id="order of columns ignored"),
        pytest.param([(1, 2), (2, 1)], [(2, 1), (1, 2)], True, True, id="columns swapped in order"),
        pytest.param([(1, 2), (2, 3)], [(1, 3), (2, 2)], False, False, id="same columns, other rows"),
        pytest.param([(1, "a")], [(1,)], False, False, id="a column missing"),
        pytest.param([(None,)], [(None,)], False, True, id="NULL"),
        pytest.param([(1, 1)], [(1, 2)], False, False, id="repeated column"),
    ],
)
def test_result_match(gold, predicted, ordered: bool, expected: bool) -> None:
    assert result_match(gold, predicted, ordered=ordered) is expected


@pytest.mark.parametrize("case", VERDICTS["spider"])
def test_spiders_own_script_agrees(case) -> None:
    gold, predicted, ordered, verdict = case
    assert result_match(gold, predicted, ordered=ordered) is verdict


@pytest.mark.parametrize("case", VERDICTS["bird"])
def test_birds_own_script_agrees(case) -> None:
    gold, predicted, _, verdict = case
    assert bird_match(gold, predicted) is verdict


@pytest.mark.parametrize("case", VERDICTS["defog"])
def test_defogs_own_script_agrees(case) -> None:
    gold, predicted, ordered, verdict = case
    assert defog_match(gold, predicted, ordered=ordered) is verdict


@pytest.mark.parametrize(
    ("gold", "predicted", "ordered", "expected"),
    [
        pytest.param([], [], False, True, id="both empty"),
        pytest.param([(1,)], [], False, False, id="one empty"),
        pytest.param([(1,)], [("a", 1)], False, True, id="a column more"),
        pytest.param([("a", 1)], [(1,)], False, False, id="a column missing"),
        pytest.param([(1 / 3,)], [(0.333333,)], False, True, id="rounded"),
        pytest.param([(1,)], [(1,), (1,)], False, True, id="repeats do not count"),
        pytest.param([(3, "a"), (2, "b")], [("b", 2), ("a", 3)], True, False, id="order kept where nothing ascends"),
        pytest.param([(None,), (1,)], [(1,), (None,)], False, True, id="NULL"),
    ],
)
def test_defog_match(gold, predicted, ordered: bool, expected: bool) -> None:
    assert defog_match(gold, predicted, ordered=ordered) is expected
