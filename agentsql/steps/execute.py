"""Runs each query that passed the check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from agentsql.resources import Resources
from agentsql.steps.check import correction_left, findings_of, is_new
from agentsql.steps.step import router, step
from agentsql.types import ApprovalRequest, Candidate, Consent, EditedSQL, ExecutionResult, QueryFailure

_EDITED = ".edit"
SURE_LOGPROB = -0.15
"""Mean log-probability of a query's tokens from which it is taken without a vote."""


@step(reads=("question", "candidates"), optional=("evidence", "history", "links"), writes=("candidates",))
def execute(state: Mapping[str, Any], resources: Resources, *, suspicious: bool = False) -> dict[str, Any]:
    """Execute within the query's own time limit and what is left of the question's, each text once.

    With `suspicious` also what runs but is hardly meant, so that there is an answer if nothing better was found.
    Where a person is to be asked, nothing runs before every query has been approved; a refusal ends the question.
    """
    waiting = [one for one in state["candidates"] if is_new(one) or (suspicious and is_suspicious(one))]
    if resources.approve:
        waiting = _approved(waiting, state, resources, resources.approve)
    timeout_s = max(0.1, min(resources.settings.database.timeout_s, resources.meter.seconds_left()))
    executed: list[Candidate] = []
    results = {one.sql: one.result for one in state["candidates"] if one.result}
    for candidate in waiting:
        if candidate.sql not in results:
            results[candidate.sql] = resources.database.run(candidate.sql, timeout_s=timeout_s)
        result = results[candidate.sql]
        failure = result.error or candidate.failure or (None if is_edited(candidate) else _empty(result))
        if failure:
            resources.note(f"{candidate.name}: {failure.kind}: {failure.message}")
        executed.append(replace(candidate, result=result, failure=failure))
    return {"candidates": tuple(executed)}


def _approved(
    waiting: list[Candidate],
    state: Mapping[str, Any],
    resources: Resources,
    approve: Callable[[ApprovalRequest], Consent],
) -> list[Candidate]:
    """Give what may run: all, or the one query that the person wrote; each text is asked for once in a question."""
    known = {one.sql for one in state["candidates"] if one.result}
    for candidate in waiting:
        if candidate.sql in known:
            continue
        known.add(candidate.sql)
        found = findings_of(candidate.sql, state, resources)
        said = tuple(f"{one.message}; {one.hint}" if one.hint else one.message for one in found)
        decision = approve(ApprovalRequest(state["question"], candidate.sql, resources.database.dialect, said))
        if isinstance(decision, EditedSQL):
            resources.note(f"{candidate.name}: a person wrote another query in its place")
            return [Candidate(f"{candidate.name}{_EDITED}", decision.sql)]
    return waiting


@router(reads=("candidates", "corrections"), outcomes=("done", "failed", "given_up"))
def by_execution(state: Mapping[str, Any], resources: Resources) -> str:
    """`done` once a query has rows, `failed` while corrections are left for one that has not, else `given_up`."""
    if any(gave_rows(candidate) for candidate in state["candidates"]):
        return "done"
    return correction_left(state, resources)


@router(reads=("candidates", "corrections"), outcomes=("done", "failed", "given_up"))
def by_every_execution(state: Mapping[str, Any], resources: Resources) -> str:
    """As `by_execution`, but `failed` while corrections are left for any query, rows of others or not."""
    names = {candidate.name for candidate in state["candidates"]}
    last = [one for one in state["candidates"] if f"{one.name}.fix" not in names]
    if all(map(gave_rows, last)):
        return "done"
    return correction_left({**state, "candidates": last}, resources)


@router(reads=("candidates",), outcomes=("certain", "uncertain", "refused"))
def by_certainty(state: Mapping[str, Any], _resources: Resources) -> str:
    """`certain` once a query has rows of which the model was sure, `refused` if every query is, else `uncertain`.

    A server that gives no log-probabilities is believed; a query with doubts is not.
    """
    candidates = state["candidates"]
    if candidates and all(one.failure and one.failure.kind == "refused" for one in candidates):
        return "refused"
    undoubted = (one for one in candidates if gave_rows(one) and not one.doubts)
    sure = (one.logprob is None or one.logprob >= SURE_LOGPROB for one in undoubted)
    return "certain" if any(sure) else "uncertain"


def is_suspicious(candidate: Candidate) -> bool:
    """True if it has not been executed because it is hardly what was meant."""
    return candidate.result is None and candidate.failure is not None and candidate.failure.kind == "suspicious"


def is_edited(candidate: Candidate) -> bool:
    """True for a query that a person wrote; an empty result of it is not held against it."""
    return candidate.name.endswith(_EDITED)


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
