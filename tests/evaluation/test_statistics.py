"""Intervals, paired tests and calibration, against values known from elsewhere."""

from __future__ import annotations

import pytest

from agentsql.evaluation.statistics import ReliabilityBin, calibration_error, mcnemar, reliability, wilson_interval


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [
        pytest.param(0, 10, 0.0, 0.2775, id="none"),
        pytest.param(10, 10, 0.7225, 1.0, id="all"),
        pytest.param(81, 263, 0.2553, 0.3662, id="Newcombe 1998, method 3"),
        pytest.param(0, 0, 0.0, 1.0, id="of nothing"),
    ],
)
def test_wilson_interval(right: int, total: int, low: float, high: float) -> None:
    assert wilson_interval(right, total) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        pytest.param(0, 0, 1.0, id="no difference"),
        pytest.param(5, 5, 1.0, id="as many"),
        pytest.param(0, 5, 0.0625, id="five to none"),
        pytest.param(10, 2, 158 / 4096, id="ten to two"),
        pytest.param(1000, 1000, 1.0, id="many"),
    ],
)
def test_mcnemar_is_the_exact_binomial_test(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p)
    assert mcnemar(lost, gained) == pytest.approx(p)


def test_reliability_sorts_answers_into_bins_that_include_their_upper_end() -> None:
    answers = [(0.0, False), (0.5, True), (0.5, False), (0.51, True), (1.0, True), (1.0, True)]
    assert reliability(answers, bins=2) == (
        ReliabilityBin(low=0.0, high=0.5, count=3, confidence=pytest.approx(1 / 3), accuracy=pytest.approx(1 / 3)),
        ReliabilityBin(low=0.5, high=1.0, count=3, confidence=pytest.approx(2.51 / 3), accuracy=1.0),
    )


def test_a_confidence_on_the_edge_of_a_bin_is_not_lifted_over_it_by_rounding() -> None:
    (one,) = reliability([(0.1 + 0.2, True)])
    assert (one.low, one.high) == (0.2, 0.3)


def test_calibration_error_weighs_bins_by_their_answers() -> None:
    bins = reliability([(1.0, True), (1.0, False), (1.0, True), (0.2, False)])
    assert calibration_error(bins) == pytest.approx((3 * (1 / 3) + 0.2) / 4)
    assert calibration_error(()) == 0.0
