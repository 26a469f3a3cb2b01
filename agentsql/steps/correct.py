"""Lets the SQL model write anew the queries that failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlglot

from agentsql.db.extract import extract_sql
from agentsql.resources import Resources
from agentsql.steps.check import mismatches_of
from agentsql.steps.shared import prompt_for
from agentsql.steps.step import step
from agentsql.types import Candidate, QueryFailure

_LATER_TEMPERATURE = 0.7
"""Of every round but the first: asked the same again, a greedy model writes the same again."""


@step(
    reads=("question", "candidates"),
    optional=("evidence", "history", "tables", "corrections"),
    writes=("candidates", "corrections"),
)
async def correct(state: Mapping[str, Any], resources: Resources, *, most: int = 8) -> dict[str, Any]:
    """Give each failed query that has no later form yet one, `most` at a time; a refused query gets none.

    The model is told the query, what is held against it, and what the schema and the values say about it.
    """
    candidates: tuple[Candidate, ...] = state["candidates"]
    names = {candidate.name for candidate in candidates}
    failed = {candidate.sql for candidate in candidates if candidate.failure}
    corrected: list[Candidate] = []
    for candidate in candidates:
        name = f"{candidate.name}.fix"
        is_last = not names & {name, f"{candidate.name}.mend"}
        if not candidate.failure or candidate.failure.kind == "refused" or not is_last:
            continue
        if len(corrected) == most:
            break
        sql = await _rewritten(candidate, candidate.failure, state, resources)
        if sql not in failed:
            corrected.append(Candidate(name, sql))
    return {"candidates": tuple(corrected), "corrections": state.get("corrections", 0) + 1}


async def _rewritten(
    candidate: Candidate, failure: QueryFailure, state: Mapping[str, Any], resources: Resources
) -> str:
    hint = "; ".join(filter(None, (failure.hint, _value_hint(candidate, failure, resources))))
    tables = state.get("tables", ())
    prompt = prompt_for("correct", state, resources, tables=tables, sql=candidate.sql, error=failure.message, hint=hint)
    temperature = _LATER_TEMPERATURE if state.get("corrections", 0) else 0.0
    (completion,) = await resources.complete("sql", prompt, max_tokens=400, temperature=temperature, stream=True)
    return extract_sql(completion.text, resources.database.dialect)


def _value_hint(candidate: Candidate, failure: QueryFailure, resources: Resources) -> str:
    """Say which text values of an empty query are in no row, the real ones most like them, and where they do stand."""
    if failure.kind != "empty":
        return ""
    query = sqlglot.parse_one(candidate.sql, read=resources.database.dialect)
    if not isinstance(query, sqlglot.exp.Query):
        return ""
    return "; ".join(
        f"no row of {one.table}.{one.column} holds {one.literal.name!r}"
        + (f", but there are {', '.join(map(repr, one.nearest))}" if one.nearest else "")
        + (f"; {one.literal.name!r} is in {' and in '.join(map('.'.join, one.elsewhere))}" if one.elsewhere else "")
        for one in mismatches_of(query, resources)
    )
