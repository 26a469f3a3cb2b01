"""One question of a run with all that is known of its answer, and what many of them come to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Literal

from agentsql.evaluation.questions import Question, Verdict
from agentsql.evaluation.records import Record
from agentsql.evaluation.statistics import wilson_interval
from agentsql.types import Cell

GroupedBy = Literal["hardness", "database", "feature", "category", "lost_at"]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a result, or why there is none."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    """A few of them, in the order the database sent them."""
    total: int = 0
    """Rows of the whole result; if `more`, only those that were fetched."""
    more: bool = False
    error: str = ""
    """Why it could not be executed; empty if it was."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A question, what came of it, and what that is worth."""

    record: Record
    question: Question
    verdict: Verdict
    """As judged now; what the run itself saw is in the record."""
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    """By metric's name, yes and no as 1 and 0; None where the metric says nothing of this question."""
    features: tuple[str, ...] = ()
    """What the gold SQL is made of, such as `join` and `having`."""
    category: str = ""
    """Why it failed; empty if it is right."""
    also: tuple[str, ...] = ()
    """Categories that hold of it besides."""
    lost_at: str = ""
    """Step at which a table, column or right candidate was lost; empty if it is right, or nobody can tell."""
    gold_result: Preview | None = None
    result: Preview | None = None

    @property
    def right(self) -> bool:
        """By the test suite where the benchmark has one, else by the benchmark's own rule on the one database."""
        return bool(self.verdict.correct if self.verdict.suite is None else self.verdict.suite)

    @property
    def judged(self) -> bool:
        """False where nobody can tell: no gold is known, or there are no rows to compare."""
        return self.verdict.correct is not None or self.verdict.suite is not None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All questions of one run, scored."""

    name: str
    """Of the run's folder, or of the file of predictions."""
    benchmark: str
    scored: tuple[Scored, ...]
    """In the order of the benchmark."""
    run: Mapping[str, Any] = field(default_factory=dict)
    """What the run's run.json says; empty for predictions."""
    prices: tuple[float, float] | None = None
    """Price of a million prompt and completion tokens."""
    components: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Accuracy, precision, recall and F1 of each component of exact set match; empty if it was not measured."""

    @property
    def rule(self) -> str:
        """Name the rule that `Scored.right` goes by."""
        return "test suite" if any(one.verdict.suite is not None for one in self.scored) else "one database"

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Name the metrics that any question has a value of."""
        names = dict.fromkeys(name for one in self.scored for name in one.metrics)
        return tuple(name for name in names if any(one.metrics.get(name) is not None for one in self.scored))


@dataclass(frozen=True, slots=True)
class Share:
    """A count of right answers with its 95 % interval."""

    right: int
    total: int

    @property
    def value(self) -> float:
        """The share, 0 to 1; 0 of nothing."""
        return self.right / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's bounds, 0 to 1."""
        return wilson_interval(self.right, self.total)


@dataclass(frozen=True, slots=True)
class Costs:
    """What the questions of a run cost; means are of one question."""

    calls: float
    prompt_tokens: float
    completion_tokens: float
    seconds: float
    p50_s: float
    p95_s: float
    price: float | None = None
    """Of all questions together, in the currency of the prices; None without prices."""


def accuracy(scored: Iterable[Scored]) -> Share:
    """Give how many are right, of those that can be judged."""
    found = [one.right for one in scored if one.judged]
    return Share(sum(found), len(found))


def grouped(scored: Iterable[Scored], by: GroupedBy) -> dict[str, tuple[Scored, ...]]:
    """Give the questions of each group in the order in which groups first come; those of none are left out.

    By feature a question is in the group of each feature of its gold, so that groups overlap.
    """
    groups: dict[str, list[Scored]] = {}
    for one in scored:
        for name in _groups_of(one, by):
            if name:
                groups.setdefault(name, []).append(one)
    return {name: tuple(found) for name, found in groups.items()}


def metric_mean(scored: Iterable[Scored], name: str) -> float | None:
    """Give the mean of a metric over the questions that have it; None if none does."""
    values = [value for one in scored if (value := one.metrics.get(name)) is not None]
    return fmean(values) if values else None


def percentile(values: Iterable[float], share: float) -> float:
    """Give the smallest value that at least this share (0 to 1) of them does not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def costs(scored: Sequence[Scored], prices: tuple[float, float] | None = None) -> Costs:
    """Give what the questions cost.

    Args:
        prices: of a million prompt and completion tokens.
    """
    records = [one.record for one in scored] or [Record("", "", "", "")]
    prompt, completion = (sum(getattr(one, name) for one in records) for name in ("prompt_tokens", "completion_tokens"))
    seconds = [one.seconds for one in records]
    return Costs(
        calls=fmean(one.calls for one in records),
        prompt_tokens=prompt / len(records),
        completion_tokens=completion / len(records),
        seconds=fmean(seconds),
        p50_s=percentile(seconds, 0.5),
        p95_s=percentile(seconds, 0.95),
        price=(prompt * prices[0] + completion * prices[1]) / 1e6 if prices else None,
    )


def _groups_of(scored: Scored, by: GroupedBy) -> tuple[str, ...]:
    if by == "feature":
        return scored.features
    if by == "hardness":
        return (scored.question.hardness,)
    if by == "database":
        return (scored.question.db_id,)
    return (scored.category if by == "category" else scored.lost_at,)
