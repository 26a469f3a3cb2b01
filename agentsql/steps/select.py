"""Chooses the query whose result is the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from agentsql.db.quote import clip
from agentsql.errors import BudgetSpentError
from agentsql.resources import Resources
from agentsql.steps.execute import is_edited
from agentsql.steps.shared import json_object, prompt_for
from agentsql.steps.step import step
from agentsql.types import Candidate, Cell, ExecutionResult

_MOST_CHOICES = 6
_ROWS_SHOWN = 5
_CELL_CHARACTERS = 60
_COLUMNS_SHOWN = 20
_SQL_CHARACTERS = 2000
_TOKENS = 10
"""Tokens whose probability weighs a vote: of 73 votes of the 0.5B model 48 were right with equal votes, 50 with the
probability of one token, 52 with that of ten."""
_ALONE, _LEAST, _BY_SHARE, _DOUBTFUL = 0.85, 0.2, 0.4, 0.1
"""What `confidence` is made of. On 75 training questions of Spider and the 0.5B model, 44 of 52 answers taken without a
vote were right, and 11 of 23 with one; benchmarks/README.md has the reliability on dev."""
_TIE = 0.001
"""Votes closer than this are even."""
_EMPTY = 0.8
"""Share of the votes with which an empty result stands against rows. Of 464 dev questions the 1.5B model had 10 such:
1 right by the rows that the few others gave, 6 by the empty result. Where all of 76 training questions were voted on,
none of whose golds is empty, the 0.5B model would lose 1 by it, and 3 by a share of 0.7."""


@step(
    reads=("question", "candidates"),
    optional=("evidence", "history"),
    writes=("chosen", "confidence"),
    choices={"judge": ("never", "ties", "always")},
)
async def select(state: Mapping[str, Any], resources: Resources, *, judge: str = "never") -> dict[str, Any]:
    """Take the result that most queries agree on, each weighing what its model's probability was; else the first.

    Rows are compared as a bag, so ORDER BY does not split votes (self-consistency by execution result: Wang et al.,
    arXiv 2203.11171). An empty result counts if no query has rows, or if most votes are for it: it may be right, and is
    then an answer like any other. What failed is never chosen; a person's own query always is. With `judge` the chat
    model chooses between results, always or where the vote is even.
    """
    executed = [one for one in state["candidates"] if one.result is not None and one.result.error is None]
    if not executed:
        return {"chosen": "", "confidence": None}
    if edited := [one for one in executed if is_edited(one)]:
        return {"chosen": edited[-1].name, "confidence": _ALONE}
    groups = _groups(_best(executed))
    leading = [group for group in groups if weight(groups[0]) - weight(group) < _TIE]
    rivals = groups if judge == "always" else leading if judge == "ties" else groups[:1]
    chosen: Sequence[Candidate] = groups[0]
    if len(rivals) > 1:
        chosen = await _judged(rivals[:_MOST_CHOICES], state, resources)
    return {"chosen": chosen[0].name, "confidence": _confidence(chosen, executed)}


def _confidence(chosen: Sequence[Candidate], executed: Sequence[Candidate]) -> float:
    """Give how often such an answer is right: `_ALONE` without a vote, else by the share of votes it got."""
    if all(one.failure for one in executed):
        return _DOUBTFUL
    if len(executed) == 1:
        return _ALONE
    return _LEAST + _BY_SHARE * weight(chosen) / max(weight(executed), 1e-9)


def weight(group: Sequence[Candidate]) -> float:
    """Give the votes of candidates with one result: the probability of ten tokens of each, or 1 where unknown."""
    return sum(math.exp(_TOKENS * one.logprob) if one.logprob is not None else 1.0 for one in group)


def _best(executed: list[Candidate]) -> list[Candidate]:
    """Give those against which nothing is held, else the merely suspicious, unless most found nothing; else all."""
    clean = [one for one in executed if one.failure is None]
    having_rows = clean or [one for one in executed if one.failure and one.failure.kind == "suspicious"]
    empty = [one for one in executed if one.failure and one.failure.kind == "empty"]
    if weight(empty) > _EMPTY * weight(having_rows + empty):
        return empty
    return having_rows or executed


def _groups(candidates: list[Candidate]) -> list[list[Candidate]]:
    """Give the candidates grouped by result, heaviest group first, among equals the one that came first."""
    groups: dict[object, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(ballot(candidate), []).append(candidate)
    return sorted(groups.values(), key=weight, reverse=True)


async def _judged(
    groups: Sequence[Sequence[Candidate]], state: Mapping[str, Any], resources: Resources
) -> Sequence[Candidate]:
    numbers = list(range(1, len(groups) + 1))
    schema = {
        "type": "object",
        "properties": {"choice": {"enum": numbers}},
        "required": ["choice"],
        "additionalProperties": False,
    }
    shown = "\n".join(f"{number}. {_shown(group[0])}" for number, group in zip(numbers, groups, strict=True))
    prompt = prompt_for("select", state, resources, results=shown)
    try:
        (completion,) = await resources.complete("chat", prompt, max_tokens=20, json_schema=schema)
    except BudgetSpentError as spent:
        resources.note(f"the vote stands unjudged: {spent}")
        return groups[0]
    choice = json_object(completion.text).get("choice")
    if choice in numbers:
        resources.note(f"the chat model chose {groups[choice - 1][0].name} of {len(groups)} results")
        return groups[choice - 1]
    resources.note("the chat model chose none of the results; the vote stands")
    return groups[0]


def _shown(candidate: Candidate) -> str:
    result = candidate.result
    assert isinstance(result, ExecutionResult)
    lines = [" | ".join(map(_cell, row[:_COLUMNS_SHOWN])) for row in result.rows[:_ROWS_SHOWN]]
    count = f"{len(result.rows)}{' or more' if result.truncated else ''} rows"
    return "\n".join(
        [
            clip(candidate.sql, _SQL_CHARACTERS),
            f"   gives {count}: {' | '.join(map(_cell, result.columns[:_COLUMNS_SHOWN]))}",
            *(f"   {line}" for line in lines),
        ]
    )


def _cell(cell: Cell) -> str:
    return clip(str(cell), _CELL_CHARACTERS)


def ballot(candidate: Candidate) -> object:
    """Give what two candidates share if they have the same result: the bag of rows."""
    result = candidate.result
    assert isinstance(result, ExecutionResult)
    rows: dict[tuple[object, ...], int] = {}
    for row in result.rows:
        key = tuple(_comparable(cell) for cell in row)
        rows[key] = rows.get(key, 0) + 1
    return frozenset(rows.items()), result.truncated


def _comparable(cell: object) -> object:
    return round(cell, 6) if isinstance(cell, float) else cell
