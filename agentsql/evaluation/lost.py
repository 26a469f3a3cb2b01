"""Where in a run a wrong answer was lost: the first step behind which something that it needed was gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from agentsql.db.schema import Schema
from agentsql.evaluation.linking import names_read
from agentsql.evaluation.records import Record
from agentsql.observe.records import CandidateRecord, StepRecord

_PLAIN_REPLIES = ("chat", "clarify", "refused")


def lost_at(record: Record, gold: str, schema: Schema | None, is_right: Callable[[str], bool]) -> str:
    """Give the step at which a wrong answer was lost; empty if the record has no steps.

    A candidate that is right was lost where something was held against it, or else at `select`. A table or column
    that the gold has and the answer lacks was lost at the first step from which on no step chose it. What the SQL
    model was shown and did not use was lost at `generate`.

    Args:
        is_right: judges a query by the benchmark's rule.
    """
    steps = [step.step for step in record.steps]
    if not steps:
        return ""
    if record.status in _PLAIN_REPLIES and not record.candidates:
        return "route" if "route" in steps else steps[-1]
    for candidate in record.candidates:
        if candidate.sql and candidate.sql != record.sql and is_right(candidate.sql):
            return _dropped_at(candidate, record.steps) or "select"
    if record.status == "error":
        return steps[-1]
    places = _places_lost(record, gold, schema) if schema else []
    return steps[min(places)] if places else "generate"


def _dropped_at(candidate: CandidateRecord, steps: Iterable[StepRecord]) -> str:
    """Give the first step that held something against a candidate; empty if nothing was."""
    if not candidate.failure:
        return ""
    mark = f"{candidate.name}:"
    noted = (step.step for step in steps if any(note.startswith(mark) for note in step.notes))
    return next(noted, "check")


def _places_lost(record: Record, gold: str, schema: Schema) -> list[int]:
    """Give for each table and column that only the gold uses the place of the step that lost it, if one did.

    The name of a candidate begins with the view that its model was shown: `full` has every table, whatever `prune`
    chose, and only one that ends in `-links` has what `link` found.
    """
    wanted, used = names_read(gold, schema), names_read(record.sql, schema)
    if wanted is None or used is None:
        return []
    shown_all, shown_links = record.path.startswith("full"), "-links" in record.path
    tables: list[tuple[int, Collection[Any]]] = []
    columns: list[tuple[int, Collection[Any]]] = []
    for place, step in enumerate(record.steps):
        if step.columns is None and step.tables and not shown_all:
            tables.append((place, {one.casefold() for one in step.tables}))
        elif step.columns is not None and shown_links:
            tables.append((place, {one.casefold() for one in step.tables or ()}))
            columns.append((place, {(table.casefold(), column.casefold()) for table, column in step.columns}))
    found = [_first_without(table, tables) for table in wanted.tables - used.tables]
    found += [_first_without(column, columns) for column in wanted.columns - used.columns]
    return [place for place in found if place is not None]


def _first_without(name: Any, chosen: Sequence[tuple[int, Collection[Any]]]) -> int | None:
    """Give the place of the first choice from which on none has the name; None if the last one has it."""
    first = None
    for place, names in reversed(chosen):
        if name in names:
            break
        first = place
    return first
