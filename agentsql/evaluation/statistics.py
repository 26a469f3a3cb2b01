"""What a count of right answers is worth: intervals, paired tests and calibration."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_Z_95 = 1.959964


def wilson_interval(right: int, total: int, *, z: float = _Z_95) -> tuple[float, float]:
    """Give the bounds of a share of successes, 0 to 1; 95 % sure with the default `z`, and (0, 1) of nothing.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
    """
    if total == 0:
        return (0.0, 1.0)
    share = right / total
    scale = 1 + z * z / total
    middle = (share + z * z / (2 * total)) / scale
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / scale
    return (max(0.0, middle - half), min(1.0, middle + half))


def mcnemar(gained: int, lost: int) -> float:
    """Give the exact two-sided p-value that two systems are equally good.

    Args:
        gained: questions that only the one gets right.
        lost: questions that only the other gets right; the questions that both get right or wrong do not matter.

    Source: McNemar, Psychometrika 1947, with the binomial distribution in place of its approximation.
    """
    differing = gained + lost
    tail = sum(math.comb(differing, count) for count in range(min(gained, lost) + 1))
    return float(min(1.0, 2 * tail / 2**differing))


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The answers whose confidence lies in one interval."""

    low: float
    high: float
    """The interval is closed at `high`, and at `low` only where that is 0."""
    count: int
    confidence: float
    """Mean confidence of its answers."""
    accuracy: float
    """Share of its answers that are right."""


def reliability(answers: Iterable[tuple[float, bool]], *, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """Sort (confidence from 0 to 1, right?) pairs into equal intervals; empty intervals are left out."""
    sorted_in: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in answers:
        # 0.3 * 10 is 3.0000000000000004 in some spellings of 0.3; it still belongs below 0.3.
        place = max(0, math.ceil(round(confidence * bins, 9)) - 1)
        sorted_in.setdefault(place, []).append((confidence, right))
    return tuple(
        ReliabilityBin(
            low=place / bins,
            high=(place + 1) / bins,
            count=len(found),
            confidence=sum(confidence for confidence, _ in found) / len(found),
            accuracy=sum(right for _, right in found) / len(found),
        )
        for place, found in sorted(sorted_in.items())
    )


def calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Give the mean distance of confidence and accuracy over the answers, 0 to 1; 0 of nothing.

    Source: Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / total if total else 0.0
