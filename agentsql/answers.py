"""Follows the events of a question and makes its Answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agentsql.db.quote import clip
from agentsql.errors import BudgetSpentError, NotApprovedError
from agentsql.prompts.tokens import without_special_tokens
from agentsql.state import REDUCED, append_events, merge_candidates, merge_extras
from agentsql.types import (
    Answer,
    ApprovalRequest,
    Candidate,
    Cell,
    Event,
    QueryFailure,
    Row,
    Status,
    StepFailed,
    StepFinished,
    Usage,
)

Ended = BudgetSpentError | NotApprovedError | ApprovalRequest | None
"""Why a question stopped before its graph did, a query left waiting included."""

_CELL_CHARACTERS = 1000
"""Of a cell in the text for another model."""


class StateFollower:
    """Passes events on, and keeps the state they add up to, so that a question cut short still has an Answer."""

    def __init__(self, state: Mapping[str, Any], emit: Callable[[Event], None]) -> None:
        self.state = dict(state)
        self._emit = emit

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepFinished):
            updates: Mapping[str, Any] = event.updates
            self.state.update((key, value) for key, value in updates.items() if key not in REDUCED)
            self.state["candidates"] = merge_candidates(self.state["candidates"], updates.get("candidates", ()))
            self.state["extras"] = merge_extras(self.state["extras"], updates.get("extras", {}))
        if isinstance(event, StepFinished | StepFailed):
            self.state["trace"] = append_events(self.state["trace"], (event.event,))
        self._emit(event)


def answer_from(state: Mapping[str, Any], usage: Usage, seconds: float, ended: Ended = None) -> Answer:
    """Make the Answer of a finished question, or of one that stopped on the way."""
    candidates: tuple[Candidate, ...] = state["candidates"]
    chosen = next((one for one in candidates if one.name == state["chosen"]), None)
    result = chosen.result if chosen else None
    status, text = state["status"], state["text"]
    error: QueryFailure | None = None
    if ended is not None:
        status, text, error = _ended(ended)
    elif status in ("failed", "refused"):
        failed = [one.failure for one in candidates if one.failure]
        error = failed[-1] if failed else QueryFailure("refused" if status == "refused" else "other", text)
    last = chosen or (candidates[-1] if candidates else None)
    sql = last.sql if last else ""
    return Answer(
        question=state["question"],
        status=status,
        text=text,
        sql=sql if ended is None or isinstance(ended, BudgetSpentError) else ended.sql,
        columns=result.columns if result else (),
        rows=result.rows if result else (),
        truncated=result.truncated if result else False,
        confidence=state["confidence"],
        error=error,
        candidates=candidates,
        extras=state["extras"],
        usage=usage,
        trace=state["trace"],
        seconds=seconds,
    )


def _ended(why: BudgetSpentError | NotApprovedError | ApprovalRequest) -> tuple[Status, str, QueryFailure | None]:
    if isinstance(why, ApprovalRequest):
        return "waiting", "The query waits for a person's decision; nothing of it has been run.", None
    if isinstance(why, NotApprovedError):
        return "refused", f"Not answered: {why}.", QueryFailure("refused", str(why))
    return "failed", f"Stopped: {why}.", QueryFailure("timeout" if why.what == "seconds" else "other", str(why))


def as_text(answer: Answer, *, max_rows: int = 20) -> str:
    """Give the Answer as text for another model: status if it is none, sentence, SQL and rows."""
    if answer.status not in ("answered", "chat"):
        return f"{answer.status}: {answer.text}"
    if not answer.sql:
        return answer.text
    more = f"({len(answer.rows) - max_rows} more rows)" if len(answer.rows) > max_rows else ""
    shown = rows_text(answer.columns, answer.rows[:max_rows])
    return "\n".join(filter(None, [answer.text, f"SQL: {answer.sql}", *shown, more]))


def rows_text(columns: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """Give a line of labels and a line a row; no cell passes for another line, or for a turn of a conversation."""
    return [without_special_tokens(" | ".join(map(_cell, row))) for row in (columns, *rows)]


def _cell(cell: Cell) -> str:
    return clip(str(cell), _CELL_CHARACTERS)
