"""Execution match as the benchmark counts it."""

from __future__ import annotations

import pytest

from agentsql.evaluation.metrics import result_match


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
