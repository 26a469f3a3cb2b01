"""The questions of a run that are worth a look, picked by rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentsql.evaluation.score import Evaluation, Scored, grouped

_MOST = 5
"""Questions given for one rule."""
_SURE = 0.8
"""Confidence from which a wrong answer misleads its reader."""
_SELECTING = ("select", "check", "execute", "mend", "correct")
"""Steps that had a right candidate, or the making of one, and let it go; the default graph has some of them twice."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question with why it was picked."""

    why: str
    scored: Scored


def worth_looking_at(evaluation: Evaluation) -> tuple[Example, ...]:
    """Give wrong answers that say more than others, each once; the most telling first.

    First come those that were sure, and wrong; then those where a right candidate was there, but another was chosen;
    golds that fail; and of each reason for failure the one whose answer was surest.
    """
    wrong = [one for one in evaluation.scored if not one.right]
    sure = [one for one in wrong if (one.record.confidence or 0) >= _SURE and not one.verdict.gold_error]
    dropped = [one for one in wrong if one.lost_at.startswith(_SELECTING)]
    broken = [one for one in wrong if one.verdict.gold_error]
    picked = [
        *_first("sure, and wrong", sure),
        *_first("a right candidate was not chosen", dropped),
        *_first("the gold fails", broken),
        *(Example(name, _surest(found)[0]) for name, found in grouped(wrong, "category").items()),
        *_first("wrong", [one for one in wrong if not one.category]),  # nobody looked for reasons
    ]
    return tuple({one.scored.question.id: one for one in reversed(picked)}[name] for name in _ids(picked))


def _ids(picked: Iterable[Example]) -> list[str]:
    """Give the ids of the questions, each once."""
    return list(dict.fromkeys(one.scored.question.id for one in picked))


def _first(why: str, found: Iterable[Scored]) -> list[Example]:
    return [Example(why, one) for one in _surest(found)[:_MOST]]


def _surest(found: Iterable[Scored]) -> Sequence[Scored]:
    return sorted(found, key=lambda one: -(one.record.confidence or 0))
