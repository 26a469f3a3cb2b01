"""Lets a model write many queries for each question, to mine them; what is written is kept at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentsql.data.clean import clean_question, clean_sql
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
"""One line a question: its id, and the SQL texts that were written."""

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


def read_written(path: Path) -> dict[str, tuple[str, ...]]:
    """Give what was sampled for each question; a half-written last line is passed over.

    Raises:
        TrainingDataError: another line is none.
    """
    written: dict[str, tuple[str, ...]] = {}
    if not path.exists():
        return written
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                break
            try:
                found = json.loads(line)
                written[str(found["question_id"])] = tuple(map(str, found["written"]))
            except (ValueError, KeyError, TypeError) as exc:
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
    """
    done = read_written(path)
    _cut_half_line(path)
    left = [one for one in questions if one.id not in done]
    maker = PromptMaker(graph, Shown())
    waiting = asyncio.Semaphore(_IN_FLIGHT)
    preparing = asyncio.Lock()
    finished = len(questions) - len(left)
    with Places(settings, graph, Catcher()) as places, path.open("a", encoding="utf-8", errors="replace") as file:

        async def ask(question: Question) -> None:
            nonlocal finished
            async with waiting:
                async with preparing:  # places are closed for others
                    messages = await _messages(question, maker, places)
                texts: list[str] = []
                if messages:
                    completions = await endpoint.complete(
                        messages,
                        n=sampling.count,
                        temperature=sampling.temperature,
                        top_p=sampling.top_p,
                        max_tokens=_MOST_TOKENS,
                    )
                    texts = [extract_sql(one.text, "sqlite") for one in completions]
            line = {"question_id": question.id, "written": texts}
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


def _cut_half_line(path: Path) -> None:
    if not path.exists():
        return
    with path.open("r+b") as file:
        end = file.read().rfind(b"\n") + 1
        file.truncate(end)
