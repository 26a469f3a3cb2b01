"""The state that steps read and write, and how a new question starts from it."""

from __future__ import annotations

from collections.abc import Iterable
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


class State(TypedDict, total=False):
    """Everything a step may read or write. Only `candidates` and `trace` may be written by parallel branches."""

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
    trace: Annotated[tuple[TraceEvent, ...], append_events]


REDUCED = frozenset({"candidates", "trace"})
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
        "trace": (),
    }
