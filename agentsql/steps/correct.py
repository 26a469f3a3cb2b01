"""Mends the queries that failed: first by the schema alone, then by the SQL model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlglot
from sqlglot.errors import SqlglotError

from agentsql.db.extract import extract_sql
from agentsql.db.join_paths import mend_joins, tables_joined_with_all
from agentsql.db.needless_joins import drop_needless_joins
from agentsql.db.repair import qualify_ambiguous, repair_columns
from agentsql.db.values import replace_values
from agentsql.resources import Resources
from agentsql.steps.check import mismatches_of
from agentsql.steps.shared import all_asked, prompt_for
from agentsql.steps.step import step
from agentsql.types import Candidate, Links, QueryFailure

_LATER_TEMPERATURE = 0.7
"""Of every round but the first: asked the same again, a greedy model writes the same again."""


@step(
    reads=("question", "candidates"),
    optional=("evidence", "history", "links", "tables", "corrections"),
    writes=("candidates", "corrections"),
)
async def correct(state: Mapping[str, Any], resources: Resources, *, mend: bool = True) -> dict[str, Any]:
    """Give each failed query that has no correction yet one; a refused query gets none.

    With `mend` a query is first put right by the schema alone, where that leaves one way; this costs no model call.
    """
    candidates: tuple[Candidate, ...] = state["candidates"]
    names = {candidate.name for candidate in candidates}
    known = {candidate.sql for candidate in candidates}
    corrected: list[Candidate] = []
    for candidate in candidates:
        name = f"{candidate.name}.fix1"
        if not candidate.failure or candidate.failure.kind == "refused" or name in names:
            continue
        sql = repaired(candidate, state, resources) if mend else ""
        if sql:
            resources.note(f"{candidate.name}: mended by the schema alone")
        else:
            sql = await _rewritten(candidate, candidate.failure, state, resources)
        if sql not in known:
            corrected.append(Candidate(name, sql))
            known.add(sql)
    return {"candidates": tuple(corrected), "corrections": state.get("corrections", 0) + 1}


def repaired(candidate: Candidate, state: Mapping[str, Any], resources: Resources) -> str:
    """Give the query with wrong names, values or joins put right, or "" if the schema does not say how."""
    failure = candidate.failure
    if not failure or failure.kind not in ("unknown_column", "ambiguous", "empty", "suspicious"):
        return ""
    dialect = resources.database.dialect
    try:
        query = sqlglot.parse_one(candidate.sql, read=dialect)
    except SqlglotError:
        return ""
    if not isinstance(query, sqlglot.exp.Query):
        return ""
    if failure.kind == "unknown_column":
        mended = repair_columns(query, resources.schema)
        sql = mended.sql(dialect=dialect) if mended else ""
    elif failure.kind == "ambiguous":
        sql = query.sql(dialect=dialect) if qualify_ambiguous(query, resources.schema) else ""
    else:
        changed = replace_values(mismatches_of(query, resources))
        if failure.kind == "suspicious":
            if tables_joined_with_all(query):
                changed |= mend_joins(query, resources.schema)
            links = state.get("links", Links())
            changed |= bool(drop_needless_joins(query, resources.schema, all_asked(state), links))
        sql = query.sql(dialect=dialect) if changed else ""
    return sql if sql and resources.database.check(sql) is None else ""


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
    """Say which text values of an empty query are in no row, with the real ones most like them."""
    if failure.kind != "empty":
        return ""
    query = sqlglot.parse_one(candidate.sql, read=resources.database.dialect)
    if not isinstance(query, sqlglot.exp.Query):
        return ""
    return "; ".join(
        f"no row of {one.table}.{one.column} holds {one.literal.name!r}"
        + (f", but there are {', '.join(map(repr, one.nearest))}" if one.nearest else "")
        for one in mismatches_of(query, resources)
    )
