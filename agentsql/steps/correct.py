"""Lets the SQL model write anew the queries that failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from sqlglot import exp

from agentsql.db.extract import extract_sql
from agentsql.db.parsing import parse_statement
from agentsql.db.quote import clip
from agentsql.errors import BudgetSpentError
from agentsql.resources import Resources
from agentsql.steps.check import mismatches_of
from agentsql.steps.shared import prompt_for
from agentsql.steps.step import step
from agentsql.types import Candidate, QueryFailure

_SQL_CHARACTERS = 8000
_LATER_TEMPERATURE = 0.7
"""Of every round but the first: asked the same again, a greedy model writes the same again."""


@step(
    reads=("question", "candidates"),
    optional=("evidence", "history", "tables", "corrections"),
    writes=("candidates", "corrections"),
)
async def correct(state: Mapping[str, Any], resources: Resources, *, most: int = 8) -> dict[str, Any]:
    """Give each failed query that has no later form yet one, `most` at a time, equal ones once; none if refused.

    The model is told the query, what is held against it, and what the schema and the values say about it.
    """
    candidates: tuple[Candidate, ...] = state["candidates"]
    failed = {candidate.sql for candidate in candidates if candidate.failure}
    corrected: list[Candidate] = []
    for candidate, failure in islice(_last_failed(candidates), most):
        try:
            sql = await _rewritten(candidate, failure, state, resources)
        except BudgetSpentError as spent:
            if not any(one.result for one in candidates):
                raise
            # Another query has run: its answer must not be lost to a correction that cannot be paid.
            resources.note(f"corrected no further: {spent}")
            return {"candidates": tuple(corrected), "corrections": resources.settings.budget.corrections}
        if sql not in failed:
            corrected.append(Candidate(f"{candidate.name}.fix", sql))
    return {"candidates": tuple(corrected), "corrections": state.get("corrections", 0) + 1}


def _last_failed(candidates: tuple[Candidate, ...]) -> Iterator[tuple[Candidate, QueryFailure]]:
    """Give each text that failed once, without those that have a later form or were refused."""
    names = {candidate.name for candidate in candidates}
    seen: set[str] = set()
    for candidate in candidates:
        has_later_form = names & {f"{candidate.name}.fix", f"{candidate.name}.mend"}
        if candidate.failure and candidate.failure.kind != "refused" and not has_later_form:
            if candidate.sql not in seen:
                yield candidate, candidate.failure
            seen.add(candidate.sql)


async def _rewritten(
    candidate: Candidate, failure: QueryFailure, state: Mapping[str, Any], resources: Resources
) -> str:
    hint = "; ".join(filter(None, (failure.hint, _value_hint(candidate, failure, resources))))
    tables = state.get("tables", ())
    told = {"sql": candidate.sql[:_SQL_CHARACTERS], "error": clip(failure.message, 600), "hint": clip(hint, 1200)}
    prompt = prompt_for("correct", state, resources, tables=tables, **told)
    temperature = _LATER_TEMPERATURE if state.get("corrections", 0) else 0.0
    (completion,) = await resources.complete("sql", prompt, max_tokens=400, temperature=temperature, stream=True)
    return extract_sql(completion.text, resources.database.dialect)


def _value_hint(candidate: Candidate, failure: QueryFailure, resources: Resources) -> str:
    """Say which text values of an empty query are in no row, the real ones most like them, and where they do stand."""
    if failure.kind != "empty":
        return ""
    query = parse_statement(candidate.sql, resources.database.dialect)
    if not isinstance(query, exp.Query):
        return ""
    return "; ".join(
        f"no row of {one.table}.{one.column} holds {one.literal.name!r}"
        + (f", but there are {', '.join(map(repr, one.nearest))}" if one.nearest else "")
        + (f"; {one.literal.name!r} is in {' and in '.join(map('.'.join, one.elsewhere))}" if one.elsewhere else "")
        for one in mismatches_of(query, resources)
    )
