"""BIRD's efficiency scores: how fast a right query is beside the gold, on the same database in the same moment."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import fmean, pstdev

from agentsql.db.lock import Deadline, locked
from agentsql.evaluation.suite import QUERY_TIMEOUT_S

REPEATS = 100
"""As often BIRD's mini-dev times each of two queries; its first script does 10 times."""
_LONGEST_S = 60.0
_CELL_BYTES = 100_000_000
_REWARDS = ((2.0, 1.25), (1.0, 1.0), (0.5, 0.75), (0.25, 0.5), (0.0, 0.25))
"""Lower bounds of the time ratio, with the reward from there on."""


def ves(matched: bool, gold_s: Sequence[float], predicted_s: Sequence[float]) -> float:
    """Give one question's share of the valid efficiency score: 0 if wrong, else the root of the time ratio.

    The mean over all questions, times 100, is the benchmark's number; one question can be worth more than 1.

    Source: AlibabaResearch/DAMO-ConvAI, bird/llm/src/evaluation_ves.py, `compute_ves` (commit 03898f5).
    """
    return math.sqrt(time_ratio(gold_s, predicted_s)) if matched else 0.0


def r_ves(matched: bool, gold_s: Sequence[float], predicted_s: Sequence[float]) -> float:
    """Give one question's share of the reward-based score: 0 if wrong, else the root of a reward of 0.25 to 1.25.

    The mean over all questions, times 100, is the benchmark's number.

    Source: bird-bench/mini_dev, evaluation/evaluation_ves.py, `iterated_execute_sql`, `compute_ves` (commit bb37377).
    """
    if not matched:
        return 0.0
    ratio = time_ratio(gold_s, predicted_s)
    return math.sqrt(next(reward for at_least, reward in _REWARDS if ratio >= at_least))


def time_ratio(gold_s: Sequence[float], predicted_s: Sequence[float]) -> float:
    """Give how many times as fast the prediction is, as the mean over rounds without the outliers.

    Args:
        gold_s, predicted_s: seconds of each round, pairwise.

    Outliers are rounds three standard deviations or more off the mean. Where that would leave none, because all are
    equal, all are kept; the sources divide by zero there and count the query as wrong.
    """
    ratios = [gold / max(own, 1e-9) for gold, own in zip(gold_s, predicted_s, strict=True)]
    mean, spread = fmean(ratios), pstdev(ratios)
    return fmean([ratio for ratio in ratios if abs(ratio - mean) < 3 * spread] or ratios)


def time_both(
    database: Path,
    gold: str,
    predicted: str,
    *,
    repeats: int = REPEATS,
    clock: Callable[[], float] = time.thread_time,
    timeout_s: float = QUERY_TIMEOUT_S,
) -> tuple[list[float], list[float]]:
    """Run both queries in turn and give the seconds of each round, gold's first.

    Each run has a connection of its own, read-only and under the lock of model-written SQL; the time is of execution
    and fetch. After a minute no further round begins, so that a slow pair has fewer of them.

    Args:
        clock: gives seconds. The sources take the time of day, which on a busy machine measures the others: eight
            golds of BIRD timed against themselves, with 17 programs on 2 cores, had ratios of 0.9 to 9.8 by it, and of
            0.9 to 1.5 by the processor time of this thread. On a quiet machine and a cached file both say the same.

    Raises:
        sqlite3.Error: one of them fails, or takes longer than `timeout_s` seconds.
    """
    gold_s: list[float] = []
    predicted_s: list[float] = []
    started = clock()
    while len(gold_s) < repeats and (not gold_s or clock() - started < _LONGEST_S):
        predicted_s.append(_seconds(database, predicted, clock, timeout_s))
        gold_s.append(_seconds(database, gold, clock, timeout_s))
    return gold_s, predicted_s


def _seconds(database: Path, sql: str, clock: Callable[[], float], timeout_s: float) -> float:
    with (
        closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection,
        locked(connection, Deadline(timeout_s), cell_bytes=_CELL_BYTES),
        closing(connection.cursor()) as cursor,
    ):
        started = clock()
        cursor.execute(sql).fetchall()
        return clock() - started
