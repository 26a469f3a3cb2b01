"""Keeps every completion in a SQLite file and gives it back when the same is asked again.

Graphs that share a call then share its reply, so that what differs between them is no sampling noise, and a second run
asks only what a change has changed. A reply that is given back keeps its recorded tokens, and the agent that asked adds
its recorded seconds to its step and its answer.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from agentsql import SQLAgent
from agentsql.evaluation.records import Record
from agentsql.models.endpoint import Endpoint
from agentsql.types import Answered, Completion, Event, Message, StepFinished, TraceEvent, Usage

_DEFAULTS: dict[str, Any] = {
    "n": 1,
    "temperature": 0.0,
    "top_p": 1.0,
    "max_tokens": 512,
    "json_schema": None,
    "grammar": None,
    "logprobs": False,
}
_NOT_ASKED = ("deadline_s", "on_token")
"""Options that do not change what the model is asked."""


@dataclass(slots=True)
class Tally:
    """What one question asked of recording endpoints."""

    calls: list[float | None] = field(default_factory=list)
    """Of each call that was answered, in order, the seconds it took when it was recorded; None if it was asked now."""
    seen: Counter[str] = field(default_factory=Counter)
    """How often each sampled prompt was asked: the second time must not give the first time's samples."""


TALLY: ContextVar[Tally] = ContextVar("tally")
"""A RecordedAgent sets it to a fresh Tally for each question."""
_REPLAYED = "replayed, "
"""How the note on a call that was given back begins."""


class Recording:
    """The file of completions; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open the file, and make it if it is not there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS completions (key TEXT PRIMARY KEY, model TEXT, completions TEXT, seconds REAL)"
        )

    def find(self, key: str) -> tuple[tuple[Completion, ...], float] | None:
        """Give the completions and the seconds they took, or None if nothing is recorded under `key`."""
        with self._lock:
            row = self._file.execute("SELECT completions, seconds FROM completions WHERE key = ?", (key,)).fetchone()
        return (tuple(map(_completion, json.loads(row[0]))), row[1]) if row else None

    def add(self, key: str, model: str, completions: Sequence[Completion], seconds: float) -> None:
        """Record completions; those that another process has recorded meanwhile stay."""
        text = json.dumps([asdict(one) for one in completions])
        with self._lock:
            self._file.execute("INSERT OR IGNORE INTO completions VALUES (?, ?, ?, ?)", (key, model, text, seconds))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class RecordingEndpoint:
    """An Endpoint that asks another one only for what is not recorded yet."""

    def __init__(self, inner: Endpoint, recording: Recording) -> None:
        self.name = inner.name
        self._inner = inner
        self._recording = recording

    async def complete(
        self, messages: Sequence[Message], *, on_token: Callable[[str], None] | None = None, **options: Any
    ) -> tuple[Completion, ...]:
        """Give what is recorded for these messages and options, or ask and record it."""
        tally = TALLY.get()
        key = call_key(self.name, messages, options)
        if options.get("temperature"):
            tally.seen[key] += 1
            key = f"{key}-{tally.seen[key]}"
        if found := self._recording.find(key):
            completions, seconds = found
            tally.calls.append(seconds)
            if on_token:
                on_token(completions[0].text)
            return completions
        started = time.perf_counter()
        completions = await self._inner.complete(messages, on_token=on_token, **options)
        self._recording.add(key, self.name, completions, time.perf_counter() - started)
        tally.calls.append(None)
        return completions

    async def close(self) -> None:
        """Close the endpoint below; the recording stays open."""
        await self._inner.close()


class RecordedAgent(SQLAgent):
    """An agent on RecordingEndpoints, whose seconds are those that it would have taken had nothing been replayed."""

    async def astream(self, question: str, **options: Any) -> AsyncGenerator[Event]:
        """Do as the agent does, with the recorded seconds of replayed calls, and a note on each of them in its step."""
        tally = Tally()
        TALLY.set(tally)
        taken = 0
        async with aclosing(super().astream(question, **options)) as events:
            async for event in events:
                if isinstance(event, StepFinished):
                    # By the step's own count: the next one may have been answered before this event arrives.
                    calls = tally.calls[taken : taken + event.event.usage.calls]
                    taken += len(calls)
                    yield replace(event, event=_as_spent(event.event, calls))
                elif isinstance(event, Answered):
                    yield Answered(
                        replace(event.answer, seconds=event.answer.seconds + sum(map(_seconds, tally.calls)))
                    )
                else:
                    yield event


def replayed_calls(record: Record) -> int:
    """Give how many calls of a question were not asked but given back."""
    return sum(note.startswith(_REPLAYED) for step in record.steps for note in step.notes)


def call_key(name: str, messages: Sequence[Message], options: dict[str, Any]) -> str:
    """Give a hash of what a model is asked; the same model at another address has the same."""
    asked = _DEFAULTS | {option: value for option, value in options.items() if option not in _NOT_ASKED}
    turns = [(message.role, message.content) for message in messages]
    text = json.dumps([name.partition("@http")[0], turns, asked], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _completion(recorded: dict[str, Any]) -> Completion:
    usage = Usage(**recorded["usage"])
    return Completion(**{**recorded, "usage": usage, "degraded": tuple(recorded["degraded"])})


def _as_spent(event: TraceEvent, calls: Sequence[float | None]) -> TraceEvent:
    notes = tuple(f"{_REPLAYED}{seconds:.2f} s when recorded" for seconds in calls if seconds is not None)
    return replace(event, seconds=event.seconds + sum(map(_seconds, calls)), notes=(*event.notes, *notes))


def _seconds(call: float | None) -> float:
    return call or 0.0
