"""Chooses the query whose result is the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from agentsql.resources import Resources
from agentsql.steps.step import step
from agentsql.types import Candidate, ExecutionResult


@step(reads=("candidates",), writes=("chosen", "confidence"))
def select(state: Mapping[str, Any], _resources: Resources) -> dict[str, Any]:
    """Take the result that most queries agree on; among equals the query that came first.

    Rows are compared as a bag, so ORDER BY does not split votes. An empty result counts only if no query has
    rows: it may be right, and is then an answer like any other. What failed is never chosen.
    """
    executed = [one for one in state["candidates"] if one.result is not None and one.result.error is None]
    if not executed:
        return {"chosen": "", "confidence": None}
    best = [one for one in executed if one.failure is None] or executed
    votes = Counter(_ballot(one) for one in best)
    chosen = max(best, key=lambda one: votes[_ballot(one)])
    return {"chosen": chosen.name, "confidence": votes[_ballot(chosen)] / len(executed)}


def _ballot(candidate: Candidate) -> tuple[object, ...]:
    result = candidate.result
    assert isinstance(result, ExecutionResult)
    rows = Counter(tuple(_comparable(cell) for cell in row) for row in result.rows)
    return (frozenset(rows.items()), result.truncated)


def _comparable(cell: object) -> object:
    return round(cell, 6) if isinstance(cell, float) else cell
