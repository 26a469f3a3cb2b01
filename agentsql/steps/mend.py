"""Puts queries that failed the check right by the schema alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from agentsql.db.dialects.own import in_own_dialect, respelt
from agentsql.db.parsing import parse_statement
from agentsql.db.repair import qualify_ambiguous, repair_columns
from agentsql.db.schema import Schema
from agentsql.resources import Resources
from agentsql.steps.check import examined, findings_of
from agentsql.steps.step import step
from agentsql.types import Candidate

_MOST_MENDS = 5
"""Of one query, one after another: a wrong name may hide a wrong value, and that a needless join."""
_DIALECT_ONLY = frozenset({"unknown_table", "type", "other"})
"""Failures that only another dialect explains."""
_MENDABLE = _DIALECT_ONLY | {"unknown_column", "ambiguous", "syntax", "suspicious"}


@step(reads=("question", "candidates"), optional=("evidence", "history", "links"), writes=("candidates",))
def mend(state: Mapping[str, Any], resources: Resources, *, meaning: bool = True) -> dict[str, Any]:
    """Give each query with a fault or a doubt its mended form as one more candidate, where there is one way to mend it.

    This costs no model call, and is most of what `default` gains over one greedy query (benchmarks/README.md). A query
    with a fault is not executed, so the mended one replaces it; beside one with doubts only, both stand. With `meaning`
    a mended query is examined as `check` does, and mended further.
    """
    candidates: tuple[Candidate, ...] = state["candidates"]
    names = {candidate.name for candidate in candidates}
    known = {candidate.sql for candidate in candidates}
    mended: list[Candidate] = []
    for candidate in candidates:
        found = None if f"{candidate.name}.mend" in names else _mended(candidate, state, resources, meaning)
        if found and found.sql not in known:
            resources.note(f"{candidate.name}: mended by the schema alone")
            mended.append(found)
            known.add(found.sql)
    return {"candidates": tuple(mended)}


def _mended(candidate: Candidate, state: Mapping[str, Any], resources: Resources, meaning: bool) -> Candidate | None:
    """Mend until nothing is held against the query or nothing changes; the model's certainty is kept with it."""
    current, seen, doubts = candidate, {candidate.sql}, candidate.doubts
    for _ in range(_MOST_MENDS):
        ways = (sql for sql in _ways(current, state, resources) if sql not in seen)
        sql = next((sql for sql in ways if resources.database.check(sql) is None), "")
        if not sql:
            break
        seen.add(sql)
        fresh = Candidate(f"{candidate.name}.mend", sql, logprob=candidate.logprob)
        current = examined(fresh, state, resources, meaning=meaning)
        doubts = tuple(dict.fromkeys((*doubts, *current.doubts)))
    return None if current is candidate else replace(current, doubts=doubts)


def _ways(candidate: Candidate, state: Mapping[str, Any], resources: Resources) -> Iterator[str]:
    """Yield the query with wrong names put right, without a finding or in the own dialect, the surest first."""
    kind = candidate.failure.kind if candidate.failure else ""
    if candidate.result is not None or not (kind in _MENDABLE or (not kind and candidate.doubts)):
        return
    dialect, schema = resources.database.dialect, resources.schema
    query = _parsed(candidate.sql, dialect)
    if query is not None and kind == "unknown_column":
        if mended := repair_columns(query, schema):
            yield mended.sql(dialect=dialect)
            yield respelt(mended, schema).sql(dialect=dialect)
    elif query is not None and kind == "ambiguous":
        if qualify_ambiguous(query, schema):
            yield query.sql(dialect=dialect)
    elif query is not None and kind not in _DIALECT_ONLY:
        found = sorted(findings_of(candidate.sql, state, resources), key=lambda one: one.precision, reverse=True)
        yield from (one.mended for one in found if one.mended)
    if kind and kind != "suspicious":
        yield from _in_own_dialect(candidate.sql, schema)


def _in_own_dialect(sql: str, schema: Schema) -> Iterator[str]:
    """Yield the query as it may have been meant in another dialect, then those of which a column is still unknown."""
    forms = list(in_own_dialect(sql, schema))
    yield from forms
    for form in forms:
        query = _parsed(form, schema.dialect)
        if query is not None and (mended := repair_columns(query, schema)):
            yield respelt(mended, schema).sql(dialect=schema.dialect)


def _parsed(sql: str, dialect: str) -> exp.Query | None:
    try:
        query = parse_statement(sql, dialect)
    except (SqlglotError, RecursionError):
        return None
    return query if isinstance(query, exp.Query) else None
