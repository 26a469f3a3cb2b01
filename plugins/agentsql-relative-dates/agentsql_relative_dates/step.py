"""The step `resolve_dates`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from agentsql.errors import UsageError
from agentsql.steps.step import Step, step
from agentsql_relative_dates.phrases import find_date_phrases

if TYPE_CHECKING:
    from agentsql.resources import Resources


def make_step(clock: Callable[[], date]) -> Step:
    """Give the step with `clock` as its source of today's date."""

    @step(reads=("question",), optional=("evidence",), writes=("evidence",))
    def resolve_dates(state: Mapping[str, Any], resources: Resources, *, today: str = "") -> dict[str, object]:
        """Add what each relative date in the question means to the evidence.

        Args:
            today: an ISO date to count from, for data that ends in the past; empty asks the clock.

        Raises:
            UsageError: `today` is not an ISO date.
        """
        phrases = find_date_phrases(state["question"], _parsed(today) if today else clock())
        for phrase in phrases:
            resources.note(str(phrase))
        known = state.get("evidence", "")
        return {"evidence": "\n".join(filter(None, [known, *(f"{phrase}." for phrase in phrases)]))}

    return resolve_dates


def _parsed(today: str) -> date:
    try:
        return date.fromisoformat(today)
    except ValueError:
        raise UsageError(f"step 'resolve_dates': option 'today' takes a date like 2025-12-31, got {today!r}") from None


resolve_dates = make_step(date.today)
