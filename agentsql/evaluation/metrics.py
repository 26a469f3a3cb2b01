"""Execution accuracy by the rules of the benchmarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

Row = Sequence[Any]

_MOST_SAMPLED = 20
"""Rows looked at to rule out column orders; the source samples 20 as well, at random."""


def result_match(gold: Sequence[Row], predicted: Sequence[Row], *, ordered: bool) -> bool:
    """True if both results hold the same rows, repeats counted, under some order of the columns.

    Column labels do not count. With `ordered` the rows must also come in the same order; Spider sets it when the
    gold SQL says ORDER BY. The source also strips DISTINCT from both queries before it runs them; here they are
    compared as written, which is stricter.

    Source: taoyds/test-suite-sql-eval, exec_eval.py, `result_eq` (commit e97acc5).
    """
    if not gold and not predicted:
        return True
    if len(gold) != len(predicted) or len(gold[0]) != len(predicted[0]):
        return False
    wanted = [tuple(row) for row in gold]
    if Counter(map(_bag, wanted)) != Counter(map(_bag, predicted)):
        return False
    counted = Counter(wanted)
    for order in _column_orders(wanted, predicted):
        permuted = [tuple(row[position] for position in order) for row in predicted]
        if permuted == wanted if ordered else Counter(permuted) == counted:
            return True
    return False


def _bag(row: Row) -> tuple[str, ...]:
    """A row without its column order; 1 and 1.0 are equal in Python, so they must look alike here."""
    return tuple(sorted(repr(float(cell)) if isinstance(cell, int | float) else repr(cell) for cell in row))


def _column_orders(gold: Sequence[Row], predicted: Sequence[Row]) -> Iterator[tuple[int, ...]]:
    """Yield every order in which each predicted column could be the gold column by the values it holds."""
    width = len(gold[0])
    columns = [{row[position] for row in predicted} for position in range(width)]
    fits = [
        [place for place in range(width) if all(row[position] in columns[place] for row in gold[:_MOST_SAMPLED])]
        for position in range(width)
    ]

    def extend(order: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(order) == width:
            yield order
            return
        for place in fits[len(order)]:
            if place not in order:
                yield from extend((*order, place))

    yield from extend(())
