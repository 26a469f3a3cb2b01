"""Puts one question to an agent, and makes the Record of what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from agentsql.agent import SQLAgent
from agentsql.errors import (
    AgentSQLError,
    ModelFileError,
    ModelKeyError,
    ModelNotFoundError,
    ModelUnreachableError,
)
from agentsql.evaluation.questions import Question, Verdict, without_sql
from agentsql.evaluation.records import Record
from agentsql.observe.records import StepRecord, candidate_record, step_record
from agentsql.types import Answer, Answered, StepFailed, StepFinished, Usage

Judge = Callable[[Question, str], Verdict]

ERROR = "error"
"""Status of a record whose question could not be asked."""
_OF_THE_ENDPOINT = {one.__name__ for one in (ModelUnreachableError, ModelKeyError, ModelNotFoundError, ModelFileError)}
"""Errors that say nothing of the question: any other would have met them too."""
_LONGEST_ERROR = 2000


@dataclass(slots=True)
class _Seen:
    """What the steps of a question did so far, so that one that is cut short leaves its trace too."""

    updates: dict[str, Any] = field(default_factory=dict)
    steps: list[StepRecord] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    answer: Answer | None = None

    def take(self, ended: StepFinished | StepFailed) -> None:
        updates = ended.updates if isinstance(ended, StepFinished) else {}
        self.updates.update(updates)
        self.steps.append(step_record(ended.event, updates))
        self.usage += ended.event.usage


async def ask_question(agent: SQLAgent, question: Question, *, deadline_s: float) -> Record:
    """Ask, and give the record without a verdict; whatever goes wrong is a record too.

    Args:
        deadline_s: after so many seconds the question is given up and its model calls are cancelled.
    """
    seen, error = _Seen(), ""
    started = time.perf_counter()
    limit = asyncio.timeout(deadline_s)
    try:
        async with limit, aclosing(agent.astream(question.text, evidence=question.evidence)) as events:
            async for event in events:
                if isinstance(event, StepFinished | StepFailed):
                    seen.take(event)
                elif isinstance(event, Answered):
                    seen.answer = event.answer
    except TimeoutError as exc:
        error = f"deadline: no answer within {deadline_s:g} s" if limit.expired() else f"TimeoutError: {exc}"
    # Steps, routers and models of plugins may raise anything; one question's error is not the run's.
    except Exception as exc:
        error = error_text(exc)
    seconds = time.perf_counter() - started
    if seen.answer is None:
        return replace(
            error_record(question, error or "AgentSQLError: the agent stopped without an answer"),
            seconds=round(seconds, 3),
            **_spent(seen.usage),
            steps=tuple(seen.steps),
            examples=_examples(seen.updates),
        )
    return _answered(question, seen.answer, seen)


def error_record(question: Question, error: str) -> Record:
    """Give the record of a question that could not be asked; `error` is `kind: message`."""
    return Record(**_asked(question), sql="", status=ERROR, error=error)


def with_verdict(record: Record, verdict: Verdict) -> Record:
    """Give the record with what the benchmark says of its SQL."""
    return replace(
        record,
        correct=verdict.correct,
        executable=verdict.executable,
        suite=verdict.suite,
        suite_as_written=verdict.suite_as_written,
        gold_error=verdict.gold_error,
    )


def verdict_on(record: Record, question: Question, judge: Judge) -> Verdict:
    """Judge a record; an answer without SQL is wrong wherever a gold is known. Blocks as long as the queries take."""
    try:
        answered = record.status == "answered" and record.sql
        return judge(question, record.sql) if answered else without_sql(question, judge)
    # The judge may be a plugin's; without it the answer cannot count as right.
    except Exception as exc:
        return Verdict(False if question.golds else None, gold_error=f"the judge failed: {error_text(exc)}")


def is_unreachable(record: Record) -> bool:
    """Tell whether the model, not the question, is why there is no answer: such a question is worth asking again."""
    return record.status == ERROR and record.error.partition(":")[0] in _OF_THE_ENDPOINT


def _answered(question: Question, answer: Answer, seen: _Seen) -> Record:
    failure = answer.error
    return Record(
        **_asked(question),
        sql=answer.sql,
        status=answer.status,
        text=answer.text,
        error=f"{failure.kind}: {failure.message}" if failure else "",
        confidence=answer.confidence,
        path=_path(answer, str(seen.updates.get("chosen") or "")),
        **_spent(answer.usage),
        seconds=round(answer.seconds, 3),
        steps=tuple(seen.steps),
        candidates=tuple(map(candidate_record, answer.candidates)),
        examples=_examples(seen.updates),
    )


def _asked(question: Question) -> dict[str, Any]:
    return {
        "question_id": question.id,
        "db_id": question.db_id,
        "question": question.text,
        "evidence": question.evidence,
        "hardness": question.hardness,
        "golds": question.golds,
    }


def _spent(usage: Usage) -> dict[str, Any]:
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cached_tokens": usage.cached_tokens,
    }


def _path(answer: Answer, chosen: str) -> str:
    """Give the name of the candidate whose SQL is the answer."""
    if answer.status != "answered":
        return ""
    return next((one.name for one in answer.candidates if one.name == chosen or one.sql == answer.sql), "")


def _examples(updates: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(question), str(sql)) for question, sql in updates.get("examples") or ())


def error_text(error: Exception) -> str:
    """Give `kind: message` of bounded length, with the kind that agentsql knows where a plugin's is one of them."""
    kind = next((one for one in type(error).__mro__ if one.__module__ == AgentSQLError.__module__), type(error))
    return f"{kind.__name__}: {str(error)[:_LONGEST_ERROR]}"
