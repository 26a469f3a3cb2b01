"""Examines each new query before anything is executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlglot
from sqlglot import exp

from agentsql.db.join_paths import tables_joined_with_all
from agentsql.db.needless_joins import drop_needless_joins
from agentsql.db.values import ValueMismatch, find_value_mismatches
from agentsql.resources import Resources
from agentsql.steps.shared import all_asked
from agentsql.steps.step import router, step
from agentsql.types import Candidate, Links, QueryFailure

_VALUE_CHECK_S = 0.5
"""A column without an index is scanned for at most this long; then nothing is claimed about it."""


@step(reads=("question", "candidates"), optional=("evidence", "history", "links"), writes=("candidates",))
def check(state: Mapping[str, Any], resources: Resources, *, meaning: bool = True) -> dict[str, Any]:
    """Hold against a query what the guard refuses and names the schema lacks.

    With `meaning` also what runs but is surely not meant and can be mended: text that a column holds in another
    letter case only, a join of every row with every row, and a joined table that does nothing but repeat rows.
    """
    checked = []
    for candidate in filter(is_new, state["candidates"]):
        checked.append(replace(candidate, failure=fault_of(candidate.sql, state, resources, meaning=meaning)))
    for candidate in checked:
        if candidate.failure:
            resources.note(f"{candidate.name}: {candidate.failure.kind}: {candidate.failure.message}")
    return {"candidates": tuple(checked)}


def fault_of(sql: str, state: Mapping[str, Any], resources: Resources, *, meaning: bool = True) -> QueryFailure | None:
    """Give what is held against a query before it is executed, the guard's and the names' faults first."""
    failure = resources.database.check(sql)
    if failure is None and meaning:
        failure = _suspicion(sql, state, resources)
    return failure


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


def _suspicion(sql: str, state: Mapping[str, Any], resources: Resources) -> QueryFailure | None:
    query = sqlglot.parse_one(sql, read=resources.database.dialect)
    if not isinstance(query, exp.Query):
        return None
    for one in mismatches_of(query, resources):
        if one.same_but_case:
            message = f"no row of {one.table}.{one.column} holds {one.literal.name!r}"
            return QueryFailure("suspicious", message, f"the value is written {one.same_but_case!r}")
    if tables := tables_joined_with_all(query):
        message = f"it joins every row of {', '.join(tables)}, as the condition compares a column with itself"
        return QueryFailure("suspicious", message, "compare a column of each of the two tables")
    if needless := drop_needless_joins(query, resources.schema, all_asked(state), state.get("links", Links())):
        message = f"it joins {', '.join(needless)}, of which nothing is used, so that rows are repeated"
        return QueryFailure("suspicious", message, "leave the join out")
    return None


def mismatches_of(query: exp.Query, resources: Resources) -> tuple[ValueMismatch, ...]:
    """Give the text values in a query that passed the guard which no cell of their column holds."""
    return find_value_mismatches(
        query, resources.schema, lambda sql: resources.database.run(sql, max_rows=4, timeout_s=_VALUE_CHECK_S)
    )
