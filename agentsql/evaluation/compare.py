"""Whether one run is better than another, on the same questions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from agentsql.errors import UsageError
from agentsql.evaluation.score import Costs, Evaluation, Scored, Share, accuracy, costs
from agentsql.evaluation.statistics import mcnemar

RESAMPLES = 10_000
_SEED = 20_261
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The difference of two accuracies, with its 95 % interval by resampling questions."""

    difference: float
    """Second minus first, -1 to 1."""
    low: float
    high: float
    p: float
    """Two-sided: twice the share of resamples on the far side of no difference, at most 1."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run held against another one, question by question."""

    first: Evaluation
    second: Evaluation
    """Both cut to the questions that are compared."""
    gained: tuple[tuple[Scored, Scored], ...]
    """Of each question that only the second gets right, both answers."""
    lost: tuple[tuple[Scored, Scored], ...]
    """Likewise of those that only the first gets right."""
    bootstrap: Bootstrap
    p: float
    """Of McNemar's exact two-sided test."""
    left_out: int = 0
    """Questions that only one of the runs has."""

    @property
    def shares(self) -> tuple[Share, Share]:
        """Give both accuracies."""
        return accuracy(self.first.scored), accuracy(self.second.scored)

    @property
    def costs(self) -> tuple[Costs, Costs]:
        """Give what a question of each run cost."""
        return costs(self.first.scored, self.first.prices), costs(self.second.scored, self.second.prices)


def compare(first: Evaluation, second: Evaluation, *, shared_only: bool = False, seed: int = _SEED) -> Comparison:
    """Hold the second run against the first.

    Args:
        shared_only: leave out questions that only one of them has.

    Raises:
        UsageError: the runs have different questions, golds or rules, or none in common.
    """
    before = {one.question.id: one for one in first.scored}
    after = {one.question.id: one for one in second.scored}
    shared = [name for name in before if name in after]
    left_out = len(before) + len(after) - 2 * len(shared)
    _check(first, second, shared, left_out if not shared_only else 0)
    pairs = [(before[name], after[name]) for name in shared]
    gained = tuple(pair for pair in pairs if pair[1].right and not pair[0].right)
    lost = tuple(pair for pair in pairs if pair[0].right and not pair[1].right)
    return Comparison(
        first=_cut(first, [one for one, _ in pairs]),
        second=_cut(second, [other for _, other in pairs]),
        gained=gained,
        lost=lost,
        bootstrap=paired_bootstrap(len(gained), len(lost), len(pairs), seed=seed),
        p=mcnemar(len(gained), len(lost)),
        left_out=left_out,
    )


def paired_bootstrap(gained: int, lost: int, total: int, *, resamples: int = RESAMPLES, seed: int = _SEED) -> Bootstrap:
    """Resample the questions with replacement, each with both of its answers.

    A resample is told by how many of its questions were gained and lost, so these two numbers are drawn in place of
    the questions themselves; they have the same distribution.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile interval); paired
    over questions as in Berg-Kirkpatrick et al., "An Empirical Investigation of Statistical Significance in NLP", 2012.

    Args:
        gained: questions that only the second system gets right.
        lost: questions that only the first gets right.
        total: all questions, at least 1.
    """
    rng = random.Random(seed)
    differences = []
    for _ in range(resamples):
        differing = _binomial(rng, total, (gained + lost) / total)
        better = _binomial(rng, differing, gained / (gained + lost) if gained + lost else 0.0)
        differences.append((2 * better - differing) / total)
    differences.sort()
    tail = min(sum(one <= 0 for one in differences), sum(one >= 0 for one in differences))
    low, high = differences[int(0.025 * resamples)], differences[int(0.975 * resamples) - 1]
    return Bootstrap((gained - lost) / total, low, high, min(1.0, 2 * tail / resamples))


def _binomial(rng: random.Random, trials: int, chance: float) -> int:
    """Draw a number of successes, exactly: a trial is one if a random number's binary digits are below the chance's.

    All trials draw one digit at a time together, and about half of them are decided by it.
    """
    successes = 0
    while trials and chance > 0:
        chance *= 2
        zeros = rng.getrandbits(trials).bit_count()
        if chance >= 1:
            chance -= 1
            successes += zeros
            trials -= zeros
        else:
            trials = zeros
    return successes


def _check(first: Evaluation, second: Evaluation, shared: Sequence[str], left_out: int) -> None:
    if not shared:
        raise UsageError(
            f"{first.name!r} and {second.name!r} have no question in common; compare runs of one benchmark"
        )
    if left_out:
        only = [
            f"{len(names)} only in {one.name!r} ({', '.join(names[:_NAMED])}{', …' if len(names) > _NAMED else ''})"
            for one in (first, second)
            if (names := [scored.question.id for scored in one.scored if scored.question.id not in set(shared)])
        ]
        raise UsageError(
            f"the runs have different questions: {len(shared)} shared, {'; '.join(only)}. "
            "Finish both runs, or compare the shared ones with --shared"
        )
    golds = {one.question.id: one.question.golds for one in first.scored}
    other = {one.question.id: one.question.golds for one in second.scored}
    if differing := [name for name in shared if golds[name] != other[name]]:
        raise UsageError(
            f"the golds of {len(differing)} questions differ, such as {differing[0]!r}; score both by one file"
        )
    if first.rule != second.rule:
        raise UsageError(
            f"{first.name!r} is scored by {first.rule}, {second.name!r} by {second.rule}; score both alike"
        )


def _cut(evaluation: Evaluation, scored: Sequence[Scored]) -> Evaluation:
    return Evaluation(evaluation.name, evaluation.benchmark, tuple(scored), evaluation.run, evaluation.prices)
