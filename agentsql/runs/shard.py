"""Which questions of a benchmark one run asks, and in which order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from agentsql.errors import UsageError
from agentsql.evaluation.questions import Question


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a run, which together are the whole."""

    number: int = 1
    """From 1."""
    of: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


def read_shard(text: str) -> Shard:
    """Read `2/8`; UsageError if it is no part of a whole."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    shard = Shard(int(found[1]), int(found[2])) if found else Shard(0, 0)
    if not 1 <= shard.number <= shard.of:
        raise UsageError(f"shard {text!r} is not of the form 2/8, the second of eight parts; the first is 1/8")
    return shard


def by_database(questions: Sequence[Question]) -> list[Question]:
    """Give the questions a database at a time, databases in the order of their first question."""
    places: dict[tuple[str, ...], int] = {}
    for one in questions:
        places.setdefault(database_key(one), len(places))
    return sorted(questions, key=lambda one: places[database_key(one)])


def groups(questions: Sequence[Question]) -> list[list[Question]]:
    """Give the questions of each database."""
    return [list(group) for _, group in groupby(by_database(questions), key=database_key)]


def part_of(questions: Sequence[Question], shard: Shard) -> tuple[Question, ...]:
    """Give the questions of a shard, in the benchmark's order.

    Shards are equal parts, give or take a question, of the questions sorted by database: so each has few databases.
    """
    count = len(questions)
    of_shard = by_database(questions)[(shard.number - 1) * count // shard.of : shard.number * count // shard.of]
    wanted = {one.id for one in of_shard}
    return tuple(one for one in questions if one.id in wanted)


def database_key(question: Question) -> tuple[str, ...]:
    """Give what questions that one agent can answer have in common."""
    return (question.database, question.schema_sql, question.notes)
