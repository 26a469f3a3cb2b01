"""Makes of what a model wrote for one question: preference pairs, corrections, a selection, and schema rows."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from rapidfuzz.distance import Levenshtein
from sqlglot import tokenize
from sqlglot.errors import SqlglotError

from agentsql.data.clean import clean_question, clean_sql
from agentsql.data.labels import hardness_of, labels_of
from agentsql.data.places import Place, Places
from agentsql.data.prepare import about
from agentsql.data.prompts import Catcher, Needed, PromptMaker, Shown, catching
from agentsql.data.rows import About, PreferenceRow, TrainingRow
from agentsql.data.samples import Dropped, Sample, sample_of
from agentsql.errors import DatabaseError, UsageError
from agentsql.evaluation.questions import Question, Verdict
from agentsql.graph import GraphSpec
from agentsql.resources import Resources
from agentsql.settings import Settings
from agentsql.steps.check import check
from agentsql.steps.correct import correct
from agentsql.steps.execute import execute
from agentsql.steps.select import select
from agentsql.types import Candidate, Message

_MOST_CHOICES = 6
"""Results that `select` shows at most."""

Judge = Callable[[Question, str], Verdict]


@dataclass(frozen=True, slots=True)
class Mining:
    """How rows are mined."""

    graph: GraphSpec
    """The graph whose prompts the rows have; that of the run, as a rule."""
    settings: Settings
    pairs: int = 4
    """Preference pairs of one question at most."""
    corrections: int = 2
    """Correction rows of one question at most."""


@dataclass(frozen=True, slots=True)
class Mined:
    """What one question gave."""

    pairs: tuple[PreferenceRow, ...] = ()
    corrections: tuple[TrainingRow, ...] = ()
    selections: tuple[TrainingRow, ...] = ()
    schema: tuple[TrainingRow, ...] = ()
    dropped: Dropped | None = None
    remarks: tuple[str, ...] = ()
    hard: int = 0
    """Of the pairs, those whose wrong query runs."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One distinct SQL that was written for a question, judged."""

    sql: str
    right: bool
    runs: bool


@dataclass(slots=True)
class _Asked:
    """A question on its way, with what is known of it."""

    sample: Sample
    gold: str
    needed: Needed
    about: About
    right: list[Attempt]
    wrong: list[Attempt]
    resources: Resources
    remarks: list[str] = field(default_factory=list)

    def nearest_right(self, sql: str) -> str:
        """Give the right SQL that is most like a wrong one: the model's own where there is one, else the gold."""
        return max((one.sql for one in self.right), key=lambda one: likeness(one, sql), default=self.gold)


class Miner:
    """Mines questions one at a time; a context manager, as it keeps databases open."""

    def __init__(self, mining: Mining) -> None:
        self._mining = mining
        self._maker = PromptMaker(mining.graph, Shown(examples=False))
        self._places = Places(mining.settings, mining.graph, Catcher())
        self._meaning = next(
            (bool(node.options.get("meaning", True)) for node in mining.graph.nodes if node.step_name == "check"), True
        )

    def __enter__(self) -> Miner:
        self._places.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._places.__exit__(kind, exc, tb)

    async def mine(self, question: Question, written: Iterable[str], judge: Judge, source: str) -> Mined:
        """Make every row that what was written for a question gives.

        Args:
            written: SQL texts, in any order; equal ones count once.
        """
        sample = sample_of(question, source)
        if isinstance(sample, Dropped):
            return Mined(dropped=sample)
        try:
            place = self._places.open(sample.db_id, sample.database, sample.schema_sql)
            asked = self._asked(sample, question, written, judge, place)
        except DatabaseError as exc:
            return _dropped("no database", sample, str(exc))
        if isinstance(asked, Mined):
            return asked
        try:
            (prompt, *_) = await self._maker.sql(
                sample.question, sample.evidence, asked.gold, asked.needed, asked.resources
            )
            schema = await self._maker.schema(sample.question, sample.evidence, asked.needed, asked.resources)
        except UsageError as exc:
            return _dropped("its question cannot be asked", sample, str(exc))
        pairs = self._pairs(prompt.messages, asked)
        _, own = catching(asked.needed, asked.resources)
        state = await self._maker.state_before(sample.question, sample.evidence, own)
        return Mined(
            pairs=tuple(pair for pair, _ in pairs),
            corrections=tuple(await self._corrections(asked, state)),
            selections=tuple(await self._selections(asked, state)),
            schema=tuple(TrainingRow(one.messages, one.reply, replace(asked.about, task="schema")) for one in schema),
            remarks=tuple(asked.remarks),
            hard=sum(runs for _, runs in pairs),
        )

    def _asked(
        self, sample: Sample, question: Question, written: Iterable[str], judge: Judge, place: Place
    ) -> _Asked | Mined:
        """Judge what was written."""
        schema = place.resources.schema
        gold = clean_sql(sample.gold, schema)[0]
        sample = replace(sample, question=clean_question(sample.question)[0])
        verdict = judge(question, sample.gold)
        if verdict.gold_error:
            return _dropped("its gold fails", sample, verdict.gold_error)
        if verdict.correct is None:
            return _dropped("nothing can be judged without rows", sample)
        labels = labels_of(gold, schema)
        if labels is None or not labels.tables:
            return _dropped("its gold reads no table that is known", sample, gold)
        attempts = [
            Attempt(sql, bool(found.correct), bool(found.executable))
            for sql in dict.fromkeys(clean_sql(one, schema)[0] for one in written if one.strip())
            if (found := judge(question, sql))
        ]
        hardness = sample.hardness or hardness_of(gold, schema)
        return _Asked(
            sample,
            gold,
            Needed(labels.tables, labels.columns),
            about("sql", sample, gold, labels, hardness),
            [one for one in attempts if one.right],
            [one for one in attempts if not one.right],
            place.resources,
        )

    def _pairs(self, prompt: tuple[Message, ...], asked: _Asked) -> list[tuple[PreferenceRow, bool]]:
        """Pair each wrong query with the right one it is most like: those that run first, then the most similar."""
        found = sorted(
            ((one.runs, likeness(asked.nearest_right(one.sql), one.sql), one.sql) for one in asked.wrong), reverse=True
        )
        if len(found) > self._mining.pairs:
            asked.remarks.append("more wrong queries than pairs are kept")
        if not asked.wrong:
            asked.remarks.append("no query is wrong")
        elif not asked.right:
            asked.remarks.append("no query is right: the gold is preferred")
        return [
            (PreferenceRow(prompt, asked.nearest_right(sql), sql, asked.about), runs)
            for runs, _, sql in found[: self._mining.pairs]
        ]

    async def _corrections(self, asked: _Asked, state: Mapping[str, Any]) -> list[TrainingRow]:
        """Give what `correct` asks about the wrong queries in which the graph itself would see a fault."""
        rows: list[TrainingRow] = []
        for one in sorted(asked.wrong, key=lambda one: one.runs):
            if len(rows) >= self._mining.corrections:
                break
            own = {**state, "candidates": (Candidate("written", one.sql),), "corrections": 0}
            for step, options in ((check, {"meaning": self._meaning}), (execute, {})):
                updates = await step(own, asked.resources.for_step(step.name), **options)
                own["candidates"] = updates["candidates"] or own["candidates"]
            catcher, quiet = catching(asked.needed, asked.resources)
            await correct(own, quiet)
            reply = asked.nearest_right(one.sql)
            rows += [TrainingRow(told, reply, replace(asked.about, task="correct")) for told, _ in catcher.asked]
        return rows

    async def _selections(self, asked: _Asked, state: Mapping[str, Any]) -> list[TrainingRow]:
        """Give what `select` asks about the results of right and wrong queries, with the number of a right one."""
        if not asked.right or not asked.wrong:
            return []
        right = {one.sql for one in asked.right}
        candidates = tuple(
            Candidate(f"written-{number}", one.sql)
            for number, one in enumerate((*asked.right, *asked.wrong))
            if one.runs
        )
        ran = (await execute({"candidates": candidates}, asked.resources.for_step("execute")))["candidates"]
        by_name = {one.name: one for one in ran}
        own = {**state, "candidates": _dealt(ran, asked.sample)}
        for number in range(1, _MOST_CHOICES + 1):
            # Which result has which number only the step knows, so it is asked what it would take for each.
            catcher, quiet = catching(asked.needed, asked.resources, {"choice": number})
            taken = await select(own, quiet, judge="always")
            if not catcher.asked:
                return []  # all of them give the same
            chosen = by_name.get(taken["chosen"])
            if chosen and chosen.sql in right and f"\n{number}. " in f"\n{catcher.asked[0][0][-1].content}":
                messages, _ = catcher.asked[0]
                reply = json.dumps({"choice": number})
                return [TrainingRow(messages, reply, replace(asked.about, task="select"))]
        return []


def likeness(one: str, other: str) -> float:
    """Give how much of two queries is the same by their words and signs in order, 0 to 1."""
    return Levenshtein.normalized_similarity(_words(one), _words(other))


def _words(sql: str) -> list[str]:
    try:
        return [token.text.casefold() for token in tokenize(sql, read="sqlite")]
    except SqlglotError:
        return sql.casefold().split()


def _dealt(candidates: Sequence[Candidate], sample: Sample) -> tuple[Candidate, ...]:
    """Give the candidates in an order that says nothing of which is right, and is the same every time."""
    dealt = list(candidates)
    random.Random(f"{sample.id} {sample.question}").shuffle(dealt)
    return tuple(dealt)


def _dropped(reason: str, sample: Sample, detail: str = "") -> Mined:
    return Mined(dropped=Dropped(reason, sample.id, sample.question, detail, sample.source))
