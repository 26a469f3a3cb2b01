"""Answers and events as the JSON that callers get."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agentsql.formats import answer_json, json_cell
from agentsql.types import (
    Answer,
    Answered,
    ApprovalNeeded,
    Candidate,
    Event,
    ExecutionResult,
    Row,
    StepFailed,
    StepFinished,
    StepStarted,
    Token,
)

EVENTS = ("step_started", "token", "step_finished", "step_failed", "approval_needed", "answered")
"""Names of `event_body`."""


def answer_body(answer: Answer, database: str, conversation: str | None) -> dict[str, Any]:
    """Give an answer with its steps, and what it is about."""
    body = answer_json(answer, trace=True)
    return {**body, "rows": json_rows(answer.rows), "database": database, "conversation": conversation}


def rows_body(result: ExecutionResult) -> dict[str, Any]:
    """Give what a query of the caller's own came to."""
    error = result.error
    return {
        "sql": result.sql,
        "columns": list(result.columns),
        "rows": json_rows(result.rows),
        "truncated": result.truncated,
        "seconds": round(result.seconds, 6),
        "error": {"kind": error.kind, "message": error.message, "hint": error.hint} if error else None,
    }


def json_rows(rows: Iterable[Row]) -> list[list[Any]]:
    """Give rows as JSON values; a text that is no UTF-8 has the wrong characters replaced."""
    return [[_encodable(json_cell(cell)) for cell in row] for row in rows]


def event_body(event: Event, database: str, conversation: str | None) -> tuple[str, dict[str, Any]]:
    """Give an event's name and what it holds; rows are in `answered` alone."""
    match event:
        case StepStarted():
            return "step_started", {"step": event.step}
        case Token():
            return "token", {"step": event.step, "text": event.text}
        case StepFinished():
            done = event.event
            return "step_finished", {
                "step": done.step,
                "seconds": round(done.seconds, 3),
                "notes": list(done.notes),
                "prompt_tokens": done.usage.prompt_tokens,
                "completion_tokens": done.usage.completion_tokens,
                **_found(event),
            }
        case StepFailed():
            return "step_failed", {"step": event.event.step, "seconds": round(event.event.seconds, 3)}
        case ApprovalNeeded():
            wanted = event.request
            return "approval_needed", {"sql": wanted.sql, "dialect": wanted.dialect, "findings": list(wanted.findings)}
        case Answered():
            return "answered", answer_body(event.answer, database, conversation)


def _found(event: StepFinished) -> dict[str, Any]:
    """Give what of a step's findings a person can follow: the tables it took and the SQL it wrote."""
    found: dict[str, Any] = {}
    tables, candidates = event.updates.get("tables"), event.updates.get("candidates")
    if isinstance(tables, tuple) and tables:
        found["tables"] = list(tables)
    if isinstance(candidates, tuple) and candidates:
        found["queries"] = [_query(one) for one in candidates if isinstance(one, Candidate)]
    return found


def _query(candidate: Candidate) -> dict[str, Any]:
    result, failure = candidate.result, candidate.failure
    return {
        "name": candidate.name,
        "sql": candidate.sql,
        "rows": len(result.rows) if result and result.error is None else None,
        "failure": {"kind": failure.kind, "message": failure.message} if failure else None,
    }


def _encodable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and not value.isascii() else value
