"""What a triplet of question, CREATE TABLE context and SQL is asked for with, and what it must stand up to."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from string import Template
from typing import Any, Literal

from agentsql.data.clean import clean_question, clean_sql
from agentsql.data.fill import inserts
from agentsql.data.places import SQLITE_FAULTS, MemoryDatabase
from agentsql.data.sqlgen import draw_sql
from agentsql.db.connect import open_database
from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.db.render import render_schema
from agentsql.db.schema import Schema
from agentsql.evaluation.hardness import spider_hardness
from agentsql.retrieval.example import normalised
from agentsql.retrieval.mask import skeleton
from agentsql.settings import Settings
from agentsql.types import Message

Kind = Literal["invent", "ask", "say"]
"""`invent` makes schema, question and SQL; `ask` question and SQL on a schema; `say` the question of an SQL."""
DIFFICULTIES = ("easy", "medium", "hard", "extra")

ALIKE = 0.95
"""Cosine from which two questions are one: `How many singers are there?` and `Count the singers.` have 0.9."""
_SYSTEM = "You make exercises for people who learn SQL. You reply with JSON only."
_DRAWS = 20
_SCHEMA_TOKENS = 3000
_TABLES = ("one", "two", "two", "three", "four")
_MOST_CHARS = 8000


@dataclass(frozen=True, slots=True)
class Given:
    """A schema that questions are to be asked about."""

    db_id: str
    schema: Schema
    schema_sql: str
    """Its CREATE TABLE statements."""
    database: str = ""
    """Path or URL, where it has data."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one triplet is asked for with."""

    kind: Kind
    difficulty: str
    skeleton: str = ""
    domain: str = ""
    tables: str = ""
    given: Given | None = None
    sql: str = ""
    """Of `say`."""

    def as_mapping(self) -> dict[str, str]:
        """Give what tells it from others."""
        return {
            "kind": self.kind,
            "difficulty": self.difficulty,
            "skeleton": self.skeleton,
            "domain": self.domain,
            "db_id": self.given.db_id if self.given else "",
        }


@dataclass(frozen=True, slots=True)
class Triplet:
    """What was asked for, having stood every test by itself."""

    question: str
    context: str
    """CREATE TABLE statements."""
    answer: str
    db_id: str
    hardness: str
    kind: Kind
    skeleton: str
    has_rows: bool
    """Whether the SQL gives rows on the data, or on rows made up for it."""

    def as_mapping(self) -> dict[str, Any]:
        return asdict(self)


class RejectedError(Exception):
    """Why what came is not kept; the text is the reason it is counted by."""


def wish(
    number: int, given: Sequence[Given], seeds: Mapping[str, Sequence[str]], *, kind: Kind, difficulty: str, seed: int
) -> Wish | None:
    """Give what to ask for next; the same for the same number and seed. None where no SQL can be drawn.

    Args:
        seeds: skeletons by difficulty.
    """
    chance = random.Random(f"{seed} {number}")
    shape = chance.choice(seeds[difficulty]) if seeds.get(difficulty) else ""
    if kind == "invent":
        return Wish(kind, difficulty, shape, chance.choice(domains()), chance.choice(_TABLES))
    one = chance.choice(given)
    if kind == "ask":
        return Wish(kind, difficulty, shape, given=one)
    drawn = (draw_sql(one.schema, difficulty, chance) for _ in range(_DRAWS))
    sql = next(filter(None, drawn), "")
    return Wish(kind, difficulty, " ".join(skeleton(sql, "sqlite")), given=one, sql=sql) if sql else None


def messages_for(wanted: Wish) -> tuple[Message, ...]:
    """Give what the model is asked."""
    schema = ""
    if wanted.given:
        schema = render_schema(wanted.given.schema, prompt_tokens=_SCHEMA_TOKENS, sample_values=2).text
    text = Template(_text(wanted.kind)).substitute(
        schema=schema,
        sql=wanted.sql,
        domain=wanted.domain,
        tables=wanted.tables,
        difficulty=wanted.difficulty,
        skeleton=wanted.skeleton,
    )
    return (Message("system", _SYSTEM), Message("user", text))


def reply_schema(kind: Kind) -> dict[str, Any]:
    """Give the JSON schema of the reply."""
    keys = {"invent": ("schema", "question", "sql"), "ask": ("question", "sql"), "say": ("question",)}[kind]
    return {
        "type": "object",
        "properties": {key: {"type": "string"} for key in keys},
        "required": list(keys),
        "additionalProperties": False,
    }


def checked_triplet(text: str, wanted: Wish, settings: Settings, seed: int) -> Triplet:
    """Give the triplet in a reply.

    Raises:
        RejectedError: it is not what was asked for, or its SQL does not stand up on its schema.
    """
    found = _read(text, wanted.kind)
    question = clean_question(found["question"])[0]
    if not question or "select " in question.casefold():
        raise RejectedError("its question is none")
    context = found["schema"].strip() if wanted.kind == "invent" else wanted.given.schema_sql if wanted.given else ""
    try:
        empty = MemoryDatabase("", context, settings)
    except SQLITE_FAULTS as exc:
        raise RejectedError("its tables cannot be made") from exc
    schema = wanted.given.schema if wanted.given else empty.schema()
    empty.close()
    if not schema.tables or empty.has_rows:
        raise RejectedError("its schema is more or less than CREATE TABLE statements")
    sql = clean_sql(found.get("sql", wanted.sql), schema)[0]
    try:
        read_only_query(sql, "sqlite")
    except StatementRefused as refused:
        raise RejectedError(f"its SQL is refused: {refused.failure.kind}") from refused
    has_rows = _runs(sql, schema, context, wanted, settings, seed)
    shape = " ".join(skeleton(sql, "sqlite"))
    return Triplet(
        question=question,
        context=context,
        answer=sql,
        db_id=wanted.given.db_id if wanted.given else "",
        hardness=spider_hardness(sql, schema) or "extra",
        kind=wanted.kind,
        skeleton=shape,
        has_rows=has_rows,
    )


def _runs(sql: str, schema: Schema, context: str, wanted: Wish, settings: Settings, seed: int) -> bool:
    """Execute the SQL, on the data where there is some, else on rows made up; tell whether it gives any."""
    if wanted.given and wanted.given.database:
        with closing(open_database(wanted.given.database, settings=settings.database)) as real:
            result = real.run(sql, max_rows=1)
    else:
        filled = f"{context.rstrip().rstrip(';')};\n{inserts(schema, sql, seed)}"
        try:
            made = MemoryDatabase("", filled, settings)
        except SQLITE_FAULTS as exc:
            raise RejectedError("no rows can be made up for its tables") from exc
        with closing(made):
            result = made.run(sql, max_rows=1)
    if result.error:
        raise RejectedError(f"its SQL fails: {result.error.kind}")
    return bool(result.rows)


class Kept:
    """What is kept so far, and what of more may be."""

    def __init__(self, count: int, most_alike: int) -> None:
        self.triplets: list[Triplet] = []
        self._most_alike = most_alike
        self._room = {name: -(-count // len(DIFFICULTIES)) for name in DIFFICULTIES}
        self._questions: set[tuple[str, str]] = set()
        self._shapes: Counter[str] = Counter()

    def neediest(self, number: int) -> str:
        """Give the difficulty that lacks most; among equals they take turns."""
        turn = number % len(DIFFICULTIES)
        order = DIFFICULTIES[turn:] + DIFFICULTIES[:turn]
        return max(order, key=lambda name: self._room[name])

    def check(self, one: Triplet) -> None:
        """Raise a RejectedError for a triplet of which there are enough already."""
        if (one.context, normalised(one.question)) in self._questions:
            raise RejectedError("its question is there already")
        if self._shapes[one.skeleton] >= self._most_alike:
            raise RejectedError("enough have the skeleton of its SQL")
        if self._room[one.hardness] <= 0:
            raise RejectedError("enough are as difficult")

    def add(self, one: Triplet) -> None:
        """Keep a triplet."""
        self.triplets.append(one)
        self._questions.add((one.context, normalised(one.question)))
        self._shapes[one.skeleton] += 1
        self._room[one.hardness] -= 1


@cache
def domains() -> tuple[str, ...]:
    """Give the subjects that schemas are invented about."""
    return tuple(_text("domains").splitlines())


def shipped_seeds() -> dict[str, list[str]]:
    """Give the skeletons that come with the package, by difficulty."""
    seeds: dict[str, list[str]] = {}
    for line in _text("skeletons").splitlines():
        difficulty, _, shape = line.partition(": ")
        seeds.setdefault(difficulty, []).append(shape)
    return seeds


def _read(text: str, kind: Kind) -> dict[str, str]:
    start, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[start : end + 1])
    except ValueError:
        found = None
    keys = reply_schema(kind)["required"]
    if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in keys):
        raise RejectedError("its reply is not the JSON asked for")
    if len(text) > _MOST_CHARS:
        raise RejectedError("its reply is too long")
    return {key: found[key] for key in keys}


@cache
def _text(name: str) -> str:
    return resources.files(__package__).joinpath("texts", f"{name}.txt").read_text(encoding="utf-8").strip()
