"""The metrics of one scored question, by name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentsql.db.schema import Schema
from agentsql.evaluation.canonical import Names
from agentsql.evaluation.efficiency import r_ves, time_both, ves
from agentsql.evaluation.embedding_distance import embedding_distances
from agentsql.evaluation.exact_match import exact_set_match
from agentsql.evaluation.linking import LinkingScores, choice_scores, linking_scores
from agentsql.evaluation.metrics import bird_match
from agentsql.evaluation.questions import Question, Verdict
from agentsql.evaluation.records import Record
from agentsql.evaluation.results import Result
from agentsql.evaluation.soft_f1 import soft_f1
from agentsql.evaluation.string_match import string_match
from agentsql.evaluation.suite import mended_operators


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
        return {"bird": 0.0, "soft_f1": 0.0}
    return {"bird": float(bird_match(gold.rows, result.rows)), "soft_f1": soft_f1(gold.rows, result.rows)}


def _exact(case: Case) -> Values:
    if case.schema is None or not case.gold:
        return {}
    return {
        "exact_match": _number(exact_set_match(case.gold, case.sql, case.schema).matched),
        "string_match": float(string_match(case.gold, case.sql, case.schema.dialect)),
    }


def _linking(case: Case) -> Values:
    """Give how the tables and columns of the prediction cover those of the gold."""
    scores = linking_scores(case.gold, case.sql, case.schema) if case.schema and case.gold else None
    return _overlaps("", scores) if scores else {}


def _steps(case: Case) -> Values:
    """Give what the last step that pruned kept, and what the last one that linked found, of what the gold reads."""
    found: dict[str, float | None] = {}
    if case.schema is None or not case.gold:
        return found
    for step in case.record.steps:
        if step.tables is None:
            continue
        is_pruning = step.columns is None
        kept = step.tables or (tuple(table.name for table in case.schema) if is_pruning else ())
        scores = choice_scores(case.gold, Names(frozenset(kept), frozenset(step.columns or ())), case.schema)
        if scores and is_pruning:
            found |= {"pruning_recall": scores.tables.recall, "pruning_complete": float(scores.tables.complete)}
        elif scores:
            found |= _overlaps("link_", scores)
    return found


def _overlaps(prefix: str, scores: LinkingScores) -> dict[str, float | None]:
    return {
        f"{prefix}{kind}_{part}": getattr(overlap, part)
        for kind, overlap in (("table", scores.tables), ("column", scores.columns))
        for part in ("recall", "precision", "f1")
    }


def _speed(case: Case) -> Values:
    """Give BIRD's two efficiency scores; of queries that are right on the one database."""
    database = Path(case.question.database)
    if case.gold_result is None or case.gold_result.error or not database.is_file():
        return {}
    if not case.verdict.correct:
        return {"ves": 0.0, "r_ves": 0.0}
    try:
        seconds = time_both(database, mended_operators(case.gold), mended_operators(case.sql))
    except sqlite3.Error:
        return {"ves": 0.0, "r_ves": 0.0}
    return {"ves": ves(True, *seconds), "r_ves": r_ves(True, *seconds)}


def _number(found: bool | None) -> float | None:
    return None if found is None else float(found)


_OVERLAPS = tuple(f"{kind}_{part}" for kind in ("table", "column") for part in ("recall", "precision", "f1"))

_GROUPS: tuple[tuple[tuple[str, ...], Callable[[Case], Values]], ...] = (
    (("execution", "test_suite", "test_suite_as_written", "executable"), _verdicts),
    (("bird", "soft_f1"), _rows),
    (("exact_match", "string_match"), _exact),
    (_OVERLAPS, _linking),
    (("pruning_recall", "pruning_complete", *(f"link_{name}" for name in _OVERLAPS)), _steps),
    (("ves", "r_ves"), _speed),
)

TIMED = ("ves", "r_ves")
"""Metrics that run queries many times and must not be measured side by side."""
METRICS: tuple[str, ...] = (*(name for group, _ in _GROUPS for name in group), "embedding_distance")
BY_DEFAULT: tuple[str, ...] = tuple(name for name in METRICS if name not in (*TIMED, "embedding_distance"))
"""Those that neither time queries nor load a model."""


def distances(pairs: Sequence[tuple[str, str]], model: str) -> list[float | None]:
    """Give how far apart gold and predicted SQL are to an embedding model; None where one of them is missing.

    Raises:
        MissingExtraError: the libraries are not installed.
        ModelNotFoundError: there is no such model.
    """
    from agentsql.retrieval.embed import load_embedder

    both = [pair for pair in pairs if all(pair)]
    found = iter(embedding_distances(both, load_embedder(model)) if both else ())
    return [next(found) if all(pair) else None for pair in pairs]
