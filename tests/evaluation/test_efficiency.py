"""BIRD's efficiency scores; the scripts' verdicts are in test_agreement.py."""

from __future__ import annotations

import sqlite3
from itertools import count
from pathlib import Path

import pytest

from agentsql.evaluation.efficiency import r_ves, time_both, time_ratio, ves


def test_a_query_twice_as_fast_as_the_gold_has_the_ratio_2() -> None:
    assert time_ratio([2.0, 2.0], [1.0, 1.0]) == 2.0
    assert ves(True, [2.0, 2.0], [1.0, 1.0]) == pytest.approx(2**0.5)


def test_the_gold_s_time_is_never_held_against_itself() -> None:
    assert ves(True, [1.0] * 5, [4.0] * 5) == 0.5
    assert ves(True, [4.0] * 5, [1.0] * 5) == 2.0


@pytest.mark.parametrize(
    ("ratio", "reward"), [(8, 1.25), (2, 1.25), (1.5, 1), (1, 1), (0.7, 0.75), (0.3, 0.5), (0.1, 0.25)]
)
def test_rewards_come_in_bands(ratio: float, reward: float) -> None:
    assert r_ves(True, [ratio, ratio], [1.0, 1.0]) == pytest.approx(reward**0.5)


def test_a_wrong_query_is_worth_nothing_however_fast() -> None:
    assert ves(False, [9.0], [1.0]) == r_ves(False, [9.0], [1.0]) == 0.0


def test_a_round_far_off_the_others_does_not_count() -> None:
    usual = [1.0, 1.1] * 15
    assert time_ratio([*usual, 1000.0], [1.0] * 31) == pytest.approx(1.05)


def test_both_queries_are_timed_in_turn_by_the_given_clock(tiny: Path) -> None:
    ticks = count()
    gold_s, predicted_s = time_both(
        tiny, "SELECT 1", "SELECT count(*) FROM singer", repeats=3, clock=lambda: float(next(ticks))
    )
    assert (gold_s, predicted_s) == ([1.0] * 3, [1.0] * 3)


def test_no_round_begins_after_a_minute(tiny: Path) -> None:
    ticks = count(step=100)
    gold_s, _ = time_both(tiny, "SELECT 1", "SELECT 1", repeats=3, clock=lambda: float(next(ticks)))
    assert len(gold_s) == 1


def test_a_slower_query_takes_longer(tiny: Path) -> None:
    slow = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000) SELECT count(*) FROM n"
    gold_s, predicted_s = time_both(tiny, "SELECT 1", slow, repeats=3)
    assert time_ratio(gold_s, predicted_s) < 0.5


def test_a_query_cannot_write_while_it_is_timed(tiny: Path) -> None:
    with pytest.raises(sqlite3.Error):
        time_both(tiny, "SELECT 1", "DELETE FROM singer", repeats=1)
