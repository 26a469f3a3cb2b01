"""Examines each new query before anything is executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp

from agentsql.db.findings.finding import SURE, Finding
from agentsql.db.findings.registry import examine, find_all
from agentsql.db.parsing import parse_statement
from agentsql.db.values import ValueMismatch, find_value_mismatches
from agentsql.resources import Resources
from agentsql.steps.shared import all_asked
from agentsql.steps.step import router, step
from agentsql.types import Candidate, ExecutionResult, Links, QueryFailure

_VALUE_CHECK_S = 0.5
"""A column without an index is scanned for at most this long; then nothing is claimed about it."""


@step(reads=("question", "candidates"), optional=("evidence", "history", "links"), writes=("candidates",))
def check(state: Mapping[str, Any], resources: Resources, *, meaning: bool = True) -> dict[str, Any]:
    """Hold against a query what the guard refuses and names the schema lacks.

    With `meaning` also what runs but is hardly meant (`db/findings`): what is nearly always wrong is a failure, the
    rest are doubts, with which the query is executed but not taken without a vote.
    """
    checked = tuple(
        examined(candidate, state, resources, meaning=meaning) for candidate in filter(is_new, state["candidates"])
    )
    for candidate in checked:
        if candidate.failure:
            resources.note(f"{candidate.name}: {candidate.failure.kind}: {candidate.failure.message}")
        if candidate.doubts:
            resources.note(f"{candidate.name}: doubtful: {', '.join(candidate.doubts)}")
    return {"candidates": checked}


def examined(
    candidate: Candidate, state: Mapping[str, Any], resources: Resources, *, meaning: bool = True
) -> Candidate:
    """Give the candidate with what is held against it before it is executed, the guard's and the names' first."""
    failure = resources.database.check(candidate.sql)
    if failure or not meaning:
        return replace(candidate, failure=failure)
    found = findings_of(candidate.sql, state, resources)
    worst = max(found, key=lambda one: one.precision, default=None)
    if worst and worst.precision >= SURE:
        failure = QueryFailure("suspicious", worst.message, worst.hint)
    doubts = tuple(one.kind for one in found if one.precision < SURE)
    return replace(candidate, failure=failure, doubts=doubts)


def findings_of(sql: str, state: Mapping[str, Any], resources: Resources) -> tuple[Finding, ...]:
    """Give what a query that can be parsed shows of not being what the question asks for."""
    query = parse_statement(sql, resources.database.dialect)
    if not isinstance(query, exp.Query):
        return ()
    links = state.get("links", Links())
    return find_all(
        examine(query, resources.schema, all_asked(state), links, resources.values, _looked_up_in(resources))
    )


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


def mismatches_of(query: exp.Query, resources: Resources) -> tuple[ValueMismatch, ...]:
    """Give the text values in a query that passed the guard which no cell of their column holds."""
    return find_value_mismatches(query, resources.schema, _looked_up_in(resources), resources.values)


def _looked_up_in(resources: Resources) -> Callable[[str], ExecutionResult]:
    return lambda sql: resources.database.run(sql, max_rows=4, timeout_s=_VALUE_CHECK_S)
