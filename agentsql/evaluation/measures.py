"""The metrics of one scored question, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agentsql.db.schema import Schema
from agentsql.evaluation.exact_match import exact_set_match
from agentsql.evaluation.metrics import bird_match
from agentsql.evaluation.questions import Question, Verdict
from agentsql.evaluation.records import Record
from agentsql.evaluation.results import Result


@dataclass(frozen=True, slots=True)
class Case:
    """What the metrics of one question are made from."""

    question: Question
    gold: str
    """The one that `gold_result` is of; empty where nobody knows any."""
    sql: str
    """Empty if there is no answer."""
    verdict: Verdict
    schema: Schema | None
    gold_result: Result | None
    result: Result | None
    record: Record


Values = Mapping[str, float | None]


def measure(case: Case, names: Iterable[str]) -> dict[str, float | None]:
    """Give the metrics of these names, without `embedding_distance`: that is measured for all questions at once."""
    wanted = dict.fromkeys(names)
    found: dict[str, float | None] = {}
    for group, take in _GROUPS:
        if any(name in wanted for name in group):
            values = take(case)
            found |= {name: values.get(name) for name in group if name in wanted}
    return {name: found[name] for name in wanted if name in found}


def _verdicts(case: Case) -> Values:
    verdict = case.verdict
    return {
        "execution": _number(verdict.correct),
        "test_suite": _number(verdict.suite),
        "test_suite_as_written": _number(verdict.suite_as_written),
        "executable": _number(verdict.executable),
    }


def _rows(case: Case) -> Values:
    gold, result = case.gold_result, case.result
    if gold is None or gold.error:
        return {}
    if result is None or result.error:
        return {"bird": 0.0}
    return {"bird": float(bird_match(gold.rows, result.rows))}


def _exact(case: Case) -> Values:
    if case.schema is None or not case.gold:
        return {}
    return {"exact_match": _number(exact_set_match(case.gold, case.sql, case.schema).matched)}


def _number(found: bool | None) -> float | None:
    return None if found is None else float(found)


_GROUPS: tuple[tuple[tuple[str, ...], Callable[[Case], Values]], ...] = (
    (("execution", "test_suite", "test_suite_as_written", "executable"), _verdicts),
    (("bird",), _rows),
    (("exact_match",), _exact),
)

METRICS: tuple[str, ...] = (*(name for group, _ in _GROUPS for name in group), "embedding_distance")
_COSTLY = ("embedding_distance",)
BY_DEFAULT: tuple[str, ...] = tuple(name for name in METRICS if name not in _COSTLY)
"""Those that neither time queries nor load a model."""


def distances(pairs: Sequence[tuple[str, str]], model: str) -> list[float | None]:
    """Give how far apart the meanings of gold and predicted SQL are, 0 (the same) to 2; None where one is missing."""
    raise NotImplementedError
