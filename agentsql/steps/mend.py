"""Puts queries that failed the check right by the schema alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlglot
from sqlglot.errors import SqlglotError

from agentsql.db.join_paths import mend_joins, tables_joined_with_all
from agentsql.db.needless_joins import drop_needless_joins
from agentsql.db.repair import qualify_ambiguous, repair_columns
from agentsql.db.values import replace_values
from agentsql.resources import Resources
from agentsql.steps.check import fault_of, mismatches_of
from agentsql.steps.shared import all_asked
from agentsql.steps.step import step
from agentsql.types import Candidate, Links

_MOST_MENDS = 3
"""Of one query, one after another: a wrong name may hide a wrong value."""
_MENDABLE = ("unknown_column", "ambiguous", "suspicious")


@step(reads=("question", "candidates"), optional=("evidence", "history", "links"), writes=("candidates",))
def mend(state: Mapping[str, Any], resources: Resources) -> dict[str, Any]:
    """Give each failed query its mended form as one more candidate, where the schema leaves one way to mend it.

    This costs no model call, and is most of what `default` gains over one greedy query (benchmarks/README.md).
    """
    candidates: tuple[Candidate, ...] = state["candidates"]
    names = {candidate.name for candidate in candidates}
    failed = {candidate.sql for candidate in candidates if candidate.failure}
    mended: list[Candidate] = []
    for candidate in candidates:
        found = None if f"{candidate.name}.mend" in names else _mended(candidate, state, resources)
        if found and found.sql not in failed:
            resources.note(f"{candidate.name}: mended by the schema alone")
            mended.append(found)
    return {"candidates": tuple(mended)}


def _mended(candidate: Candidate, state: Mapping[str, Any], resources: Resources) -> Candidate | None:
    """Mend until nothing is held against the query or nothing changes; the model's certainty is kept with it."""
    current, seen = candidate, {candidate.sql}
    for _ in range(_MOST_MENDS):
        sql = repaired(current, state, resources)
        if not sql or sql in seen:
            break
        seen.add(sql)
        failure = fault_of(sql, state, resources)
        current = Candidate(f"{candidate.name}.mend", sql, failure=failure, logprob=candidate.logprob)
        if failure is None:
            break
    return None if current is candidate else current


def repaired(candidate: Candidate, state: Mapping[str, Any], resources: Resources) -> str:
    """Give the query with wrong names, values or joins put right, or "" if the schema does not say how."""
    failure = candidate.failure
    if not failure or failure.kind not in _MENDABLE or candidate.result is not None:
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
        if tables_joined_with_all(query):
            changed |= mend_joins(query, resources.schema)
        changed |= bool(drop_needless_joins(query, resources.schema, all_asked(state), state.get("links", Links())))
        sql = query.sql(dialect=dialect) if changed else ""
    return sql if sql and resources.database.check(sql) is None else ""
