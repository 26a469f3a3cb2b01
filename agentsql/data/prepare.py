"""Makes the training rows of one question: cleans it, runs its gold, labels it, and catches its prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Literal

from agentsql.data.clean import clean_question, clean_sql, has_lost_characters
from agentsql.data.labels import Labels, hardness_of, labels_of
from agentsql.data.leaks import LeakIndex, LeakKind, schema_key
from agentsql.data.places import Place, Places
from agentsql.data.prompts import Asked, Catcher, Needed, PromptMaker, Shown
from agentsql.data.rows import About, Task, TrainingRow
from agentsql.data.samples import Dropped, Sample
from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.errors import DatabaseError, UsageError
from agentsql.graph import GraphSpec
from agentsql.resources import Resources
from agentsql.retrieval.example import normalised
from agentsql.settings import Settings
from agentsql.types import ExecutionResult, QueryFailure

Tasks = Literal["sql", "schema", "both"]
Unwanted = Literal["failing", "timeout", "empty", "leak"]
"""Golds that fail, that take longer than the settings' time limit, or that give no row; questions that leak."""


@dataclass(frozen=True, slots=True)
class Making:
    """How rows are made; two equal ones make equal rows of equal questions."""

    graph: GraphSpec
    settings: Settings
    tasks: Tasks = "sql"
    shown: Shown = field(default_factory=Shown)
    drop: frozenset[Unwanted] = frozenset({"failing", "timeout"})
    leaks: LeakIndex = field(default_factory=LeakIndex)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question."""

    rows: tuple[TrainingRow, ...] = ()
    dropped: Dropped | None = None
    remarks: tuple[str, ...] = ()
    """Names of repairs, and of what is worth counting of a question that was kept."""
    leaks: tuple[tuple[LeakKind, str], ...] = ()
    """What it shares with the evaluation set, and the id of the question there; kinds at most once."""
    key: tuple[str, ...] = ()
    """What two questions have in common of which one is a duplicate."""
    warning: str = ""


class RowMaker:
    """Makes the rows of questions, one at a time; a context manager, as it keeps databases open."""

    def __init__(self, making: Making) -> None:
        """Find the way through the graph; `GraphError` or `TrainingDataError` if there is none."""
        self._making = making
        self._maker = PromptMaker(making.graph, making.shown)
        self._places = Places(making.settings, making.graph, Catcher())

    def __enter__(self) -> RowMaker:
        self._places.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._places.__exit__(kind, exc, tb)

    async def make(self, sample: Sample) -> Outcome:
        """Make the rows of a question, or say why there are none."""
        question, repairs = clean_question(sample.question)
        sample = replace(sample, question=question)
        if has_lost_characters(question) or has_lost_characters(sample.gold):
            return _dropped("characters that could not be read", sample)
        try:
            place = self._places.open(sample.db_id, sample.database, sample.schema_sql)
        except DatabaseError as exc:
            return _dropped("no database", sample, str(exc))
        resources = place.resources
        gold, gold_repairs = clean_sql(sample.gold, resources.schema)
        remarks = [*repairs, *gold_repairs]
        ran = _ran(gold, place)
        if isinstance(ran, QueryFailure):
            if not _is_query(gold, resources.database.dialect):
                return _dropped("its gold is more than a query that reads", sample, gold)
            fault: Unwanted = "timeout" if ran.kind == "timeout" else "failing"
            if fault in self._making.drop:
                reason = "its gold takes too long" if fault == "timeout" else "its gold fails"
                return _dropped(reason, sample, f"{ran.kind}: {ran.message}")
            remarks.append(f"kept: gold {'takes too long' if fault == 'timeout' else 'fails'}")
        elif ran is not None and not ran.rows:
            if "empty" in self._making.drop:
                return _dropped("its gold gives no row", sample)
            remarks.append("kept: gold gives no row")
        labels = labels_of(gold, resources.schema)
        if labels is None or not labels.tables:
            return _dropped("its gold reads no table that is known", sample, gold)
        return await self._rows(sample, gold, labels, place, remarks)

    async def _rows(self, sample: Sample, gold: str, labels: Labels, place: Place, remarks: list[str]) -> Outcome:
        resources, question = place.resources, sample.question
        leaks = self._making.leaks.found(question, gold, schema_key(resources.schema), sample.db_id)
        if "leak" in self._making.drop and any(kind != "skeleton" for kind, _ in leaks):
            return _dropped(
                "it leaks from the evaluation set", sample, ", ".join(f"{kind} of {one}" for kind, one in leaks)
            )
        needed = Needed(labels.tables, labels.columns)
        hardness = sample.hardness or hardness_of(gold, resources.schema)
        try:
            asked = await self._asked(question, sample.evidence, gold, needed, resources)
        except UsageError as exc:
            return _dropped("its question cannot be asked", sample, str(exc))
        rows = []
        for task, one in asked:
            if one.lacks:
                return _dropped("its prompt lacks a table that the gold reads", sample, ", ".join(one.lacks))
            rows.append(TrainingRow(one.messages, one.reply, about(task, sample, gold, labels, hardness)))
        key = (sample.db_id.casefold(), normalised(question), normalised(sample.evidence), gold.casefold())
        return Outcome(tuple(rows), None, tuple(remarks), leaks, key, place.warning)

    async def _asked(
        self, question: str, evidence: str, gold: str, needed: Needed, resources: Resources
    ) -> list[tuple[Task, Asked]]:
        found: list[tuple[Task, Asked]] = []
        if self._making.tasks != "schema":
            found += [("sql", one) for one in await self._maker.sql(question, evidence, gold, needed, resources)]
        if self._making.tasks != "sql":
            found += [("schema", one) for one in await self._maker.schema(question, evidence, needed, resources)]
        return found


def about(task: Task, sample: Sample, gold: str, labels: Labels, hardness: str) -> About:
    """Give what a row of a cleaned question says of itself."""
    return About(
        task=task,
        db_id=sample.db_id,
        question=sample.question,
        gold=gold,
        database=sample.database,
        hardness=hardness,
        question_id=sample.id,
        evidence=sample.evidence,
        schema_sql=sample.schema_sql,
        tables=labels.tables,
        columns=tuple(map(".".join, labels.columns)),
        columns_without_keys=tuple(map(".".join, labels.without_keys)),
        source=sample.source,
    )


def _ran(gold: str, place: Place) -> ExecutionResult | QueryFailure | None:
    """Run a gold for its first row; without rows in the tables it is compiled only, and None is given."""
    database = place.resources.database
    failure = database.check(gold)
    if failure or not place.has_rows:
        return failure
    result = database.run(gold, max_rows=1)
    return result.error or result


def _is_query(gold: str, dialect: str) -> bool:
    """Tell whether a gold that fails could be a query at all: what writes is not to be learnt, whatever is kept."""
    try:
        read_only_query(gold, dialect)
    except StatementRefused as exc:
        return exc.failure.kind != "refused"
    return True


def _dropped(reason: str, sample: Sample, detail: str = "") -> Outcome:
    return Outcome(dropped=Dropped(reason, sample.id, sample.question, detail, sample.source))


def as_mapping(outcome: Outcome) -> Mapping[str, object]:
    """Give what JSON can hold of it; `rows` are lines."""
    dropped = outcome.dropped
    return {
        "rows": [row.to_json() for row in outcome.rows],
        "db_id": outcome.rows[0].about.db_id if outcome.rows else "",
        "dropped": [dropped.reason, dropped.id, dropped.question, dropped.detail, dropped.source] if dropped else None,
        "remarks": outcome.remarks,
        "leaks": outcome.leaks,
        "key": outcome.key,
        "warning": outcome.warning,
    }
