"""Lets a model write many queries for each question, to mine them; what is written is kept at once."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agentsql.data.clean import clean_question, clean_sql
from agentsql.data.journal import journal_lines, resume_journal
from agentsql.data.labels import labels_of
from agentsql.data.places import Places
from agentsql.data.prompts import Catcher, Needed, PromptMaker, Shown
from agentsql.data.samples import Dropped, sample_of
from agentsql.db.extract import extract_sql
from agentsql.errors import DatabaseError, ModelError, TrainingDataError, UsageError
from agentsql.evaluation.questions import Question
from agentsql.graph import GraphSpec
from agentsql.models.endpoint import Endpoint
from agentsql.settings import Settings
from agentsql.types import Message

SAMPLES = "samples.jsonl"
"""A line that says how was sampled, and one a question: its database and id, and the SQL texts that were written."""

_MOST_TOKENS = 400
"""Of one query, as in `generate`."""
_IN_FLIGHT = 8


@dataclass(frozen=True, slots=True)
class Sampling:
    """How queries are sampled."""

    count: int
    """Of each question."""
    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 0
    """Likeliest tokens of which each is drawn; 0 leaves it to the server."""


Key = tuple[str, str]
"""Name of the database and id of a question, which is told by both: benchmarks count from the same number."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What was sampled for one question."""

    sql: tuple[str, ...]
    degraded: tuple[str, ...] = ()
    """What was asked of the model that it cannot do."""


def read_written(path: Path) -> dict[Key, Texts]:
    """Give what was sampled for each question.

    Raises:
        TrainingDataError: a line of it is no sample.
    """
    written: dict[Key, Texts] = {}
    for number, found in enumerate(journal_lines(path), 2):
        try:
            key = str(found["db_id"]), str(found["question_id"])
            written[key] = Texts(tuple(map(str, found["written"])), tuple(map(str, found["degraded"])))
        except (KeyError, TypeError) as exc:
            raise TrainingDataError(f"line {number} of {path} is no sample: {exc}; remove that line") from exc
    return written


async def sample_questions(
    questions: Sequence[Question],
    path: Path,
    *,
    endpoint: Endpoint,
    sampling: Sampling,
    graph: GraphSpec,
    settings: Settings,
    say: Callable[[str], None],
) -> None:
    """Ask for those questions that `path` does not have yet, and append what comes, question by question.

    Raises:
        ModelError: the model cannot be used; what was written is in `path`.
        UsageError: `path` was sampled otherwise.
    """
    resume_journal(path, _header(endpoint, sampling, graph, settings))
    done = read_written(path)
    left = [one for one in questions if (one.db_id, one.id) not in done]
    maker = PromptMaker(graph, Shown())
    waiting = asyncio.Semaphore(_IN_FLIGHT)
    preparing = asyncio.Lock()
    finished = len(questions) - len(left)
    only_if_set: dict[str, Any] = {"top_k": sampling.top_k} if sampling.top_k else {}
    with Places(settings, graph, Catcher()) as places, path.open("a", encoding="utf-8", errors="replace") as file:

        async def ask(question: Question) -> None:
            nonlocal finished
            async with waiting:
                async with preparing:  # places are closed for others
                    messages = await _messages(question, maker, places)
                texts: list[str] = []
                degraded: list[str] = []
                if messages:
                    completions = await endpoint.complete(
                        messages,
                        n=sampling.count,
                        temperature=sampling.temperature,
                        top_p=sampling.top_p,
                        **only_if_set,
                        max_tokens=_MOST_TOKENS,
                    )
                    degraded = sorted({name for one in completions for name in one.degraded})
                    texts = [extract_sql(one.text, "sqlite") for one in completions]
            told = {"db_id": question.db_id, "question_id": question.id}
            line = {**told, "written": texts, "degraded": degraded}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            finished += 1
            say(f"{finished:,} of {len(questions):,} questions sampled")

        try:
            async with asyncio.TaskGroup() as tasks:
                for one in left:
                    tasks.create_task(ask(one))
        except* ModelError as problems:
            raise problems.exceptions[0] from None


async def _messages(question: Question, maker: PromptMaker, places: Places) -> tuple[Message, ...]:
    """Give the question's prompt; empty if it cannot be asked, which mining then says why."""
    sample = sample_of(question, "")
    if isinstance(sample, Dropped):
        return ()
    try:
        resources = places.open(sample.db_id, sample.database, sample.schema_sql).resources
        gold = clean_sql(sample.gold, resources.schema)[0]
        labels = labels_of(gold, resources.schema)
        needed = Needed(labels.tables, labels.columns) if labels else Needed((), ())
        asked = await maker.sql(clean_question(sample.question)[0], sample.evidence, gold, needed, resources)
    except (DatabaseError, UsageError):
        return ()
    return asked[0].messages


def _header(endpoint: Endpoint, sampling: Sampling, graph: GraphSpec, settings: Settings) -> str:
    """Say what samples follow from."""
    shown = repr((graph, settings.schema, settings.examples, settings.values))
    told = {
        "model": endpoint.name,
        "sampling": asdict(sampling),
        "prompts": hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()[:16],
    }
    return json.dumps(told)
