"""The state that steps read and write, and how a new question starts from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypedDict

from agentsql.types import Candidate, Intent, Links, Status, TraceEvent, Turn


def merge_candidates(old: Iterable[Candidate], new: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Give `old` with each candidate of `new` put in the place of its namesake, or at the end."""
    merged = {candidate.name: candidate for candidate in old}
    merged.update((candidate.name, candidate) for candidate in new)
    return tuple(merged.values())


def append_events(old: Iterable[TraceEvent], new: Iterable[TraceEvent]) -> tuple[TraceEvent, ...]:
    """Give both in order."""
    return (*old, *new)


def merge_extras(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    """Give both, the newer where they have one name."""
    return {**old, **new}


class State(TypedDict, total=False):
    """Everything a step may read or write. Only keys of `REDUCED` may be written by parallel branches."""

    question: str
    """As asked, unless a step of one's own writes it anew."""
    evidence: str
    """What the asker, or a step, knows beyond the schema; may be empty."""
    history: tuple[Turn, ...]
    """Finished turns of this thread, oldest first. The one key that outlives a question."""
    intent: Intent
    reason: str
    """Why the intent is not `sql`; for the person."""
    links: Links
    tables: tuple[str, ...]
    """Tables to show to the SQL model; empty means all."""
    examples: tuple[tuple[str, str], ...]
    """Solved (question, SQL) pairs to show, most similar last."""
    candidates: Annotated[tuple[Candidate, ...], merge_candidates]
    corrections: int
    """Rounds of correction so far."""
    chosen: str
    """Name of the candidate that is the answer; empty if none can be."""
    confidence: float | None
    status: Status
    text: str
    extras: Annotated[Mapping[str, object], merge_extras]
    """What steps of one's own have for the caller, under names of theirs: plain data that JSON can keep. A step writes
    its own names only; those of others stay."""
    trace: Annotated[tuple[TraceEvent, ...], append_events]


REDUCED = frozenset({"candidates", "extras", "trace"})
"""Keys with a reducer: a write is added to what is there."""


def first_state(question: str, evidence: str) -> dict[str, Any]:
    """Give the value every per-question key starts with, so that nothing of an earlier turn is left.

    The keys in `REDUCED` need their reducer bypassed by whoever passes this to a graph.
    """
    return {
        "question": question,
        "evidence": evidence,
        "intent": "sql",
        "reason": "",
        "links": Links(),
        "tables": (),
        "examples": (),
        "candidates": (),
        "corrections": 0,
        "chosen": "",
        "confidence": None,
        "status": "failed",
        "text": "",
        "extras": {},
        "trace": (),
    }
