"""What a run, a kept trace and a report say of a step and of a query that was tried."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from agentsql.types import Candidate, Links, TraceEvent


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What one step of a question did."""

    step: str
    seconds: float
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_hashes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tables: tuple[str, ...] | None = None
    """Tables it left for the steps behind it, where it chose any (`prune`, `link`); None where it did not."""
    columns: tuple[tuple[str, str], ...] | None = None
    """(table, column) pairs, likewise."""
    started: float | None = None
    """Seconds after the question began; None in records that are older than this field."""
    models: tuple[str, ...] = ()
    """Specs of the models it asked."""
    error: str = ""
    """Class of the error that ended it."""


@dataclass(frozen=True, slots=True)
class CandidateRecord:
    """One SQL text that a model wrote, with what became of it."""

    name: str
    sql: str
    failure: str = ""
    """`kind: message`; empty while nothing is held against it."""
    result: str = ""
    """Hash of its rows, their order left out; empty if it was not executed. Equal results have equal hashes."""
    rows: int | None = None
    logprob: float | None = None


def step_record(event: TraceEvent, updates: Mapping[str, object]) -> StepRecord:
    """Give the record of a step that wrote `updates`."""
    links, tables = updates.get("links"), updates.get("tables")
    columns = None
    if isinstance(links, Links):
        tables, columns = links.tables, links.columns
    return StepRecord(
        step=event.step,
        seconds=round(event.seconds, 4),
        calls=event.usage.calls,
        prompt_tokens=event.usage.prompt_tokens,
        completion_tokens=event.usage.completion_tokens,
        prompt_hashes=event.prompt_hashes,
        notes=event.notes,
        tables=tuple(tables) if isinstance(tables, tuple) else None,
        columns=columns,
        started=round(event.started, 4),
        models=tuple(dict.fromkeys(call.model for call in event.model_calls)),
        error=event.error,
    )


def candidate_record(candidate: Candidate) -> CandidateRecord:
    """Give the record of a query that was tried."""
    result, failure = candidate.result, candidate.failure
    rows = sorted(map(repr, result.rows)) if result and not result.error else None
    text = "\n".join(rows or ()).encode("utf-8", "surrogatepass")
    return CandidateRecord(
        name=candidate.name,
        sql=candidate.sql,
        failure=f"{failure.kind}: {failure.message}" if failure else "",
        result=hashlib.sha256(text).hexdigest()[:10] if rows is not None else "",
        rows=len(rows) if rows is not None else None,
        logprob=candidate.logprob,
    )
