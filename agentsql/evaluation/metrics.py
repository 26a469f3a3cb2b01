"""Execution accuracy by the rules of the benchmarks."""

from __future__ import annotations

import math
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
    compared as they come: see `suite.without_distinct`.

    Source: taoyds/test-suite-sql-eval, exec_eval.py, `result_eq` (commit 14784c3).
    """
    if not gold and not predicted:
        return True
    if len(gold) != len(predicted) or len(gold[0]) != len(predicted[0]):
        return False
    wanted = [tuple(row) for row in gold]
    bags, other_bags = list(map(_bag, wanted)), list(map(_bag, predicted))
    if bags != other_bags if ordered else set(bags) != set(other_bags):
        return False
    counted = Counter(wanted)
    for order in _column_orders(wanted, predicted):
        permuted = [tuple(row[position] for position in order) for row in predicted]
        if permuted == wanted if ordered else Counter(permuted) == counted:
            return True
    return False


def bird_match(gold: Sequence[Row], predicted: Sequence[Row]) -> bool:
    """True if both results hold the same set of rows: order and repeats do not count, the order of columns does.

    Source: bird-bench/mini_dev, evaluation/evaluation_ex.py, `calculate_ex` (commit 4d970a9).
    """
    return set(map(tuple, gold)) == set(map(tuple, predicted))


def defog_match(gold: Sequence[Row], predicted: Sequence[Row], *, ordered: bool) -> bool:
    """True if every gold column is a column of the prediction, which may have more, and the rows then agree.

    Labels and repeated rows do not count, and numbers agree to five digits. Defog sets `ordered` for its category
    `order_by` and where the question says order, sort or arrange; rows in ascending order of some column are then
    sorted by it first, so that ties may come in any order. A gold has several texts; matching one is enough.

    Source: defog-ai/sql-eval, eval/eval.py, `compare_df` and `subset_df` (commit 079e59c). There NULL differs from
    NULL where repeated rows are dropped, and rows are compared with their columns sorted by label first.
    """
    if not gold or not predicted:
        return not gold and not predicted
    if len(gold[0]) == len(predicted[0]) and _same_rows(gold, predicted, ordered=ordered):
        return True
    if len(gold) != len(predicted):
        return False
    columns = _matching_columns(gold, predicted)
    shown = [tuple(row[place] for place in columns) for row in predicted]
    return bool(columns) and _same_rows(gold, shown, ordered=ordered)


def _same_rows(gold: Sequence[Row], predicted: Sequence[Row], *, ordered: bool) -> bool:
    wanted, found = (_normalised(_without_repeats(rows), ordered=ordered) for rows in (gold, predicted))
    return len(wanted) == len(found) and all(map(_close_rows, wanted, found))


def _without_repeats(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    return list(dict.fromkeys(map(tuple, rows)))


def _normalised(rows: Sequence[Row], *, ordered: bool) -> list[Row]:
    """Sort the rows by their cells; those that are `ordered` only if some column ascends, and by such columns first."""
    places = range(len(rows[0]))
    if ordered:
        columns = {place: [_sort_key(row[place]) for row in rows] for place in places}
        ascending = [place for place in places if columns[place] == sorted(columns[place])]
        if not ascending:
            return list(rows)
        places_sorted = [*ascending, *(place for place in places if place not in ascending)]
    else:
        places_sorted = list(places)
    return sorted(rows, key=lambda row: [_sort_key(row[place]) for place in places_sorted])


def _matching_columns(gold: Sequence[Row], predicted: Sequence[Row]) -> tuple[int, ...]:
    """Find for each gold column the first free predicted one with the same cells; empty if one has none."""
    free = {place: sorted((row[place] for row in predicted), key=_sort_key) for place in range(len(predicted[0]))}
    found = []
    for position in range(len(gold[0])):
        wanted = sorted((row[position] for row in gold), key=_sort_key)
        place = next((place for place, cells in free.items() if _close_rows(wanted, cells)), None)
        if place is None:
            return ()
        del free[place]
        found.append(place)
    return tuple(found)


def _sort_key(cell: Any) -> tuple[int, Any]:
    if isinstance(cell, int | float):
        return (0, cell)
    return (1, cell) if isinstance(cell, str) else (2, repr(cell))


def _close_rows(one: Row, other: Row) -> bool:
    return all(map(_close, one, other))


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-8)
    return bool(one == other)


def _bag(row: Row) -> tuple[Any, ...]:
    """A row without its column order, sorted as the source does: a row with 3 and one with 3.0 may then differ."""
    return tuple(sorted(row, key=lambda cell: f"{cell}{type(cell)}"))


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
