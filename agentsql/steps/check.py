"""Examines each new query before anything is executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlglot

from agentsql.db.values import ValueMismatch, find_value_mismatches
from agentsql.resources import Resources
from agentsql.steps.step import router, step
from agentsql.types import Candidate, QueryFailure

_VALUE_CHECK_S = 0.5


@step(reads=("candidates",), writes=("candidates",))
def check(state: Mapping[str, Any], resources: Resources, *, values: bool = True) -> dict[str, Any]:
    """Hold against a query what the guard refuses, names the schema lacks, and (`values`) text that no cell holds."""
    checked = [
        replace(candidate, failure=_failure(candidate, resources, values))
        for candidate in state["candidates"]
        if is_new(candidate)
    ]
    for candidate in checked:
        if candidate.failure:
            resources.note(f"{candidate.name}: {candidate.failure.kind}: {candidate.failure.message}")
    return {"candidates": tuple(checked)}


@router(reads=("candidates", "corrections"), outcomes=("passed", "failed", "given_up"))
def by_check(state: Mapping[str, Any], resources: Resources) -> str:
    """`passed` if a query may be executed, `failed` if none may but corrections are left, else `given_up`."""
    if any(is_new(candidate) for candidate in state["candidates"]):
        return "passed"
    return correction_left(state, resources)


def is_new(candidate: Candidate) -> bool:
    """True for a query that was neither executed nor found faulty."""
    return candidate.result is None and candidate.failure is None


def correction_left(state: Mapping[str, Any], resources: Resources) -> str:
    """Give `failed` while another round of correction is allowed and some fault can be corrected, else `given_up`."""
    faults = [candidate.failure for candidate in state["candidates"] if candidate.failure]
    correctable = any(fault.kind != "refused" for fault in faults)
    allowed = state.get("corrections", 0) < resources.settings.budget.corrections
    return "failed" if correctable and allowed else "given_up"


def _failure(candidate: Candidate, resources: Resources, values: bool) -> QueryFailure | None:
    failure = resources.database.check(candidate.sql)
    if failure or not values:
        return failure
    query = sqlglot.parse_one(candidate.sql, read=resources.database.dialect)
    return _as_failure(mismatches_of(query, resources)) if isinstance(query, sqlglot.exp.Query) else None


def mismatches_of(query: sqlglot.exp.Query, resources: Resources) -> tuple[ValueMismatch, ...]:
    """Give the text values in a query that passed the guard which no cell of their column holds."""
    return find_value_mismatches(
        query, resources.schema, lambda sql: resources.database.run(sql, max_rows=4, timeout_s=_VALUE_CHECK_S)
    )


def _as_failure(mismatches: tuple[ValueMismatch, ...]) -> QueryFailure | None:
    mendable = [one for one in mismatches if one.same_but_case]
    if not mendable:
        return None
    first = mendable[0]
    return QueryFailure(
        "empty",
        f"no row of {first.table}.{first.column} holds {first.literal.name!r}",
        f"the value is written {first.same_but_case!r}",
    )
