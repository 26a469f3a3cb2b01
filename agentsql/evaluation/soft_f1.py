"""BIRD's soft F1: how much of the gold's cells a prediction has, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = Sequence[Any]


def soft_f1(gold_rows: Sequence[Row], predicted_rows: Sequence[Row]) -> float:
    """Give 0 to 1: the F1 of the cells that the rows of both results have in common.

    Repeated rows are dropped, then the first row is held against the first, the second against the second and so on.
    Within two rows the order of the columns does not count. Each row weighs the same, however many columns it has.

    Source: bird-bench/mini_dev, evaluation/evaluation_f1.py, `calculate_f1_score` (commit 2932a2b). Older versions
    compare the rows in the order of a Python set, which changes from run to run.
    """
    if not gold_rows and not predicted_rows:
        return 1.0
    gold, predicted = (list(dict.fromkeys(map(tuple, rows))) for rows in (gold_rows, predicted_rows))
    pairs = list(zip(gold, predicted, strict=False))
    common = sum(sum(cell in wanted for cell in found) / len(wanted) for wanted, found in pairs)
    surplus = sum(sum(cell not in wanted for cell in found) / len(wanted) for wanted, found in pairs)
    missing = sum(sum(cell not in found for cell in wanted) / len(wanted) for wanted, found in pairs)
    surplus += len(predicted) - len(pairs)
    missing += len(gold) - len(pairs)
    precision = common / (common + surplus) if common + surplus else 0.0
    recall = common / (common + missing) if common + missing else 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
