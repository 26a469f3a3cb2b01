"""BIRD's soft F1 on results of our own; the script's verdicts are in test_agreement.py."""

from __future__ import annotations

import pytest

from agentsql.evaluation.soft_f1 import soft_f1


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        pytest.param([], [], 1.0, id="both empty"),
        pytest.param([(1,)], [], 0.0, id="one empty"),
        pytest.param([(1, "a")], [("a", 1)], 1.0, id="order of columns"),
        pytest.param([(1,), (2,)], [(2,), (1,)], 0.0, id="order of rows"),
        pytest.param([(1,), (1,)], [(1,)], 1.0, id="repeats"),
        pytest.param([(1, 2)], [(1,)], 2 / 3, id="a column missing"),
        pytest.param([(1,)], [(1, 2)], 2 / 3, id="a column more"),
        pytest.param([(1,), (2,)], [(1,)], 2 / 3, id="a row missing"),
        pytest.param([(1,)], [(2,)], 0.0, id="nothing right"),
    ],
)
def test_soft_f1(gold, predicted, expected: float) -> None:
    assert soft_f1(gold, predicted) == pytest.approx(expected)
