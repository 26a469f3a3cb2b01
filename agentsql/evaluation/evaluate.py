"""Scores the answers of a run, or any system's predictions, against a benchmark."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from agentsql.evaluation.exact_match import component_scores, exact_set_match
from agentsql.evaluation.features import features_of
from agentsql.evaluation.lost import lost_at
from agentsql.evaluation.measures import BY_DEFAULT, TIMED, Case, distances, measure
from agentsql.evaluation.questions import Benchmark, Question, Verdict, without_sql
from agentsql.evaluation.reasons import Failed, why_wrong
from agentsql.evaluation.records import Record
from agentsql.evaluation.results import Result, result_of, schema_of
from agentsql.evaluation.score import Evaluation, Scored

_EXPLAIN_S = 20.0
"""For finding out why one answer is wrong; after that the queries still to be tried count as wrong."""

Say = Callable[[int, int], None]
"""Takes how many questions are scored, and how many there are."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What to measure, beside whether an answer is right."""

    metrics: tuple[str, ...] = BY_DEFAULT
    """Names of `measures.METRICS`."""
    embedding_model: str = ""
    """For `embedding_distance`; empty for the one that examples are found with."""
    prices: tuple[float, float] | None = None
    """Of a million prompt and completion tokens."""
    explain: bool = True
    """Say of wrong answers why, and where they were lost."""
    workers: int = field(default_factory=lambda: max(2, os.cpu_count() or 1))
    """Questions scored at a time; one, where queries are timed."""


def evaluate(
    benchmark: Benchmark,
    records: Mapping[str, Record],
    *,
    name: str,
    questions: Sequence[Question] | None = None,
    run: Mapping[str, Any] | None = None,
    measures: Measures | None = None,
    say: Say = lambda _done, _total: None,
) -> Evaluation:
    """Score the answers.

    Args:
        records: by question id; a question without one counts as wrong, one of another benchmark is passed over.
        questions: those that were to be answered, if not all of the benchmark.

    Raises:
        MissingExtraError: `embedding_distance` is asked for without the extra for embeddings.
    """
    asked = benchmark.questions if questions is None else questions
    measures = measures or Measures()
    timed = any(name in measures.metrics for name in TIMED)
    scored: dict[int, Scored] = {}
    with ThreadPoolExecutor(1 if timed else measures.workers, thread_name_prefix="evaluate") as pool:
        futures = {
            pool.submit(score_question, benchmark, question, records.get(question.id), measures): place
            for place, question in enumerate(asked)
        }
        try:
            for done, future in enumerate(as_completed(futures), 1):
                scored[futures[future]] = future.result()
                say(done, len(asked))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    ordered = tuple(scored[place] for place in range(len(asked)))
    if "embedding_distance" in measures.metrics:
        ordered = _with_distances(ordered, measures.embedding_model)
    components = _components(ordered) if "exact_match" in measures.metrics else {}
    return Evaluation(name, benchmark.name, ordered, run or {}, measures.prices, components)


def score_question(benchmark: Benchmark, question: Question, record: Record | None, measures: Measures) -> Scored:
    """Score one answer; None is one that is missing, and wrong."""
    if record is None:
        record = Record(question.id, question.db_id, question.text, "", status="failed", error="missing: no prediction")
    sql = record.sql.strip() if record.status == "answered" else ""
    gold, gold_result = _gold_of(question)
    verdict = verdict_on(benchmark, question, sql)
    if gold_result and gold_result.error and not verdict.gold_error and not sql:
        verdict = replace(verdict, gold_error=gold_result.error)
    result = result_of(question, record.sql) if record.sql.strip() else None
    schema = schema_of(question)
    case = Case(question, gold, sql, verdict, schema, gold_result, result if sql else None, record)
    scored = Scored(
        record=record,
        question=question,
        verdict=verdict,
        metrics=measure(case, measures.metrics),
        features=features_of(gold),
        gold_result=gold_result.preview() if gold_result else None,
        result=result.preview() if result else None,
    )
    is_wrong = not scored.right if scored.judged else verdict.executable is False
    if not measures.explain or not is_wrong or not gold:
        return scored
    return _explained(scored, case, lambda sql: is_right(verdict_on(benchmark, question, sql)))


def verdict_on(benchmark: Benchmark, question: Question, sql: str) -> Verdict:
    """Judge a query; one that is empty is wrong, and so is one that a broken judge says nothing of."""
    try:
        return benchmark.judge(question, sql) if sql else without_sql(question, benchmark.judge)
    # The judge may be a plugin's.
    except Exception as exc:
        return Verdict(False if question.golds else None, gold_error=f"the judge failed: {type(exc).__name__}: {exc}")


def is_right(verdict: Verdict) -> bool:
    """Tell as `Scored.right` does."""
    return bool(verdict.correct if verdict.suite is None else verdict.suite)


def _gold_of(question: Question) -> tuple[str, Result | None]:
    """Give the first gold that runs with its result; the first one, if none does."""
    results = [(gold, result_of(question, gold)) for gold in question.golds]
    return next(((gold, found) for gold, found in results if found and not found.error), (*results, ("", None))[0])


def _explained(scored: Scored, case: Case, judge: Callable[[str], bool]) -> Scored:
    give_up_at = time.monotonic() + _EXPLAIN_S

    def judged(sql: str) -> bool:
        return time.monotonic() < give_up_at and judge(sql)

    record, verdict = scored.record, scored.verdict
    result, gold_result = scored.result, scored.gold_result
    failed = Failed(
        gold=case.gold,
        predicted=record.sql,
        schema=case.schema,
        status=record.status,
        gold_error=verdict.gold_error,
        error=result.error if result else _compile_error(scored),
        is_empty=bool(result and not result.error and not result.total and gold_result and gold_result.total),
    )
    category, *also = why_wrong(failed, judged)
    lost = "" if verdict.gold_error else lost_at(record, case.gold, case.schema, judged)
    return replace(scored, category=category, also=tuple(also), lost_at=lost)


def _compile_error(scored: Scored) -> str:
    """Say why a query on a schema without a database is none; empty if it is one."""
    question, sql = scored.question, scored.record.sql
    if not question.schema_sql or not sql or scored.verdict.executable is not False:
        return ""
    from contextlib import closing

    from agentsql.evaluation.schema_only import open_empty

    try:
        with closing(open_empty(question.schema_sql)) as connection:
            connection.execute(f"EXPLAIN {sql}")
    except (sqlite3.Error, sqlite3.Warning) as exc:
        return str(exc)
    return ""


def _components(scored: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """Give the scores of the components of exact set match, over the questions whose gold is within its grammar."""
    matches = [
        exact_set_match(one.question.golds[0], one.record.sql if one.record.status == "answered" else "", schema)
        for one in scored
        if one.question.golds and (schema := schema_of(one.question)) is not None
    ]
    return {name: asdict(found) for name, found in component_scores(matches).items()}


def _with_distances(scored: tuple[Scored, ...], model: str) -> tuple[Scored, ...]:
    pairs = [(one.question.golds[0] if one.question.golds else "", one.record.sql) for one in scored]
    found = distances(pairs, model)
    return tuple(
        replace(one, metrics={**one.metrics, "embedding_distance": distance})
        for one, distance in zip(scored, found, strict=True)
    )
