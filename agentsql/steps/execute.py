"""Runs each query that passed the check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agentsql.resources import Resources
from agentsql.steps.check import correction_left, is_new
from agentsql.steps.step import router, step
from agentsql.types import Candidate, ExecutionResult, QueryFailure


@step(reads=("candidates",), writes=("candidates",))
def execute(state: Mapping[str, Any], resources: Resources) -> dict[str, Any]:
    """Execute within the query's own time limit and what is left of the question's."""
    timeout_s = max(0.1, min(resources.settings.database.timeout_s, resources.meter.seconds_left()))
    executed = []
    for candidate in filter(is_new, state["candidates"]):
        result = resources.database.run(candidate.sql, timeout_s=timeout_s)
        failure = result.error or _empty(result)
        if failure:
            resources.note(f"{candidate.name}: {failure.kind}: {failure.message}")
        executed.append(replace(candidate, result=result, failure=failure))
    return {"candidates": tuple(executed)}


@router(reads=("candidates", "corrections"), outcomes=("done", "failed", "given_up"))
def by_execution(state: Mapping[str, Any], resources: Resources) -> str:
    """`done` once a query has rows, `failed` while corrections are left for one that has not, else `given_up`."""
    if any(gave_rows(candidate) for candidate in state["candidates"]):
        return "done"
    return correction_left(state, resources)


def gave_rows(candidate: Candidate) -> bool:
    """True if it was executed and nothing is held against its result."""
    return candidate.result is not None and candidate.failure is None


def _empty(result: ExecutionResult) -> QueryFailure | None:
    """An empty result may be right: it is held against a query only until nothing better comes."""
    if not result.rows:
        return QueryFailure("empty", "the query gives no rows", "if that is right, write the same query again")
    if len(result.rows) == 1 and all(cell is None for cell in result.rows[0]):
        return QueryFailure("empty", "the query gives only NULL", "if that is right, write the same query again")
    return None
