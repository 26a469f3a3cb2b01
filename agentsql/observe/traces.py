"""The traces of the last questions asked on this machine, one file each, in the form of a run's records."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Callable, Container, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from agentsql.observe.literals import texts_of, without_literals, without_texts
from agentsql.observe.records import CandidateRecord, StepRecord, candidate_record, step_record
from agentsql.observe.watching import Asked, QueryRan
from agentsql.types import Answer, Event, ExecutionResult, StepFailed, StepFinished

logger = logging.getLogger(__name__)

FOLDER = "traces"
"""Name of their folder in the user's data folder."""
_ROWS = 5
"""Rows that are kept where values may be."""


class TraceKeeper:
    """Keeps the trace of each question, and the last so many of them."""

    sees_queries = False

    def __init__(self, folder: Path, *, most: int, values: bool, names: Callable[[], Container[str]]) -> None:
        """Keep `most` traces in `folder`.

        Args:
            values: literals, sentences and some rows may be kept too.
            names: gives the names of the schema, folded.
        """
        self.folder = folder
        self._most = most
        self._values = values
        self._names = names

    def watch(self, asked: Asked) -> TraceWatch:
        return TraceWatch(self, asked)

    def query(self, asked: Asked, run: Callable[[], ExecutionResult], sql: str) -> ExecutionResult:
        """Run it; a query of no question leaves no trace."""
        del asked, sql
        return run()

    def keep(self, asked: Asked, steps: list[StepRecord], answer: Answer | None, error: BaseException | None) -> None:
        """Write a trace and drop the oldest; what goes wrong is logged, as a trace is worth no question."""
        shown = self._document(asked, steps, answer, error)
        name = f"{asked.asked_at:%Y%m%dT%H%M%S.%f}-{asked.question_id}.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, partial = tempfile.mkstemp(dir=self.folder, prefix=".")  # mode 0600
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(json.dumps(shown, default=str))  # `json.dump` encodes in Python, in six times the time
            Path(partial).replace(self.folder / name)
            for old in _names_kept(self.folder)[: -self._most]:
                (self.folder / old).unlink(missing_ok=True)
        except OSError as exc:
            logger.warning("the trace cannot be kept in %s (%s); going on without", self.folder, exc)

    def _document(
        self, asked: Asked, steps: list[StepRecord], answer: Answer | None, error: BaseException | None
    ) -> dict[str, Any]:
        """Give the keys of `evaluation.records.Record`, so that one reader reads both, and when and of whom."""
        document: dict[str, Any] = {
            "question_id": asked.question_id,
            "db_id": asked.database,
            "question": asked.question,
            "sql": "",
            "evidence": asked.evidence if self._values else "",
            "asked_at": asked.asked_at.isoformat(timespec="milliseconds"),
            "principal": asked.principal,
            "thread": asked.thread_id,
            "steps": [asdict(one) for one in steps],
        }
        if answer is None:
            return {**document, "status": "error", "error": type(error).__name__}
        names = self._names()
        texts: frozenset[str] = frozenset()
        if not self._values:
            texts = texts.union(*(texts_of(one.sql, asked.dialect) for one in answer.candidates))
        document["steps"] = [
            {**asdict(one), "notes": [without_texts(note, texts) for note in one.notes]} for one in steps
        ]
        candidates = [self._shown(candidate_record(one), asked.dialect, names, texts) for one in answer.candidates]
        usage = answer.usage
        document |= {
            "sql": answer.sql if self._values else without_literals(answer.sql, asked.dialect, names=names),
            "status": answer.status,
            "error": without_texts(f"{answer.error.kind}: {answer.error.message}", texts) if answer.error else "",
            "confidence": answer.confidence,
            "path": next((one.name for one in answer.candidates if one.sql == answer.sql), ""),
            "calls": usage.calls,
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "cached_tokens": usage.cached_tokens,
            "seconds": round(answer.seconds, 4),
            "rows_given": len(answer.rows),
            "candidates": [asdict(one) for one in candidates],
        }
        if self._values:
            document |= {"text": answer.text, "columns": answer.columns, "rows": answer.rows[:_ROWS]}
        return document

    def _shown(
        self, candidate: CandidateRecord, dialect: str, names: Container[str], texts: frozenset[str]
    ) -> CandidateRecord:
        """Leave out what may be cell values: literals, and the hash of rows, which may be guessed from few."""
        if self._values:
            return candidate
        sql, failure = without_literals(candidate.sql, dialect, names=names), without_texts(candidate.failure, texts)
        return replace(candidate, sql=sql, failure=failure, result="")


class TraceWatch:
    """Gathers the steps of one question."""

    def __init__(self, keeper: TraceKeeper, asked: Asked) -> None:
        self._keeper = keeper
        self._asked = asked
        self._steps: list[StepRecord] = []

    async def begin(self) -> None:
        """Do nothing: a trace begins with the first step."""

    def event(self, event: Event) -> None:
        if isinstance(event, StepFinished | StepFailed):
            updates: Mapping[str, object] = event.updates if isinstance(event, StepFinished) else {}
            self._steps.append(step_record(event.event, updates))

    def query_begins(self, sql: str) -> None:
        """Do nothing: the candidates of the answer say what ran."""

    def query_ended(self, query: QueryRan) -> None:
        """Do nothing, likewise."""

    async def end(self, answer: Answer | None, error: BaseException | None) -> None:
        self._keeper.keep(self._asked, self._steps, answer, error)


def kept_traces(folder: Path) -> list[Path]:
    """Give the files of the traces that are kept, oldest first."""
    return [folder / name for name in _names_kept(folder)] if folder.is_dir() else []


def _names_kept(folder: Path) -> list[str]:
    """Give their names; as text, because each question looks at them and a thousand paths take a while to sort."""
    with os.scandir(folder) as entries:
        return sorted(one.name for one in entries if one.name.startswith("2") and one.name.endswith(".json"))
