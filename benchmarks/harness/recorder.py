"""Keeps every completion in a SQLite file and gives it back when the same is asked again.

Graphs that share a call then share its reply, so that what differs between them is no sampling noise, and a second run
asks only what a change has changed. A reply that is given back keeps its recorded tokens; its seconds go to the tally.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agentsql.models.endpoint import Endpoint
from agentsql.types import Completion, Message, Usage

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

    asked: int = 0
    replayed: int = 0
    replayed_s: float = 0.0
    """Seconds that the replayed calls took when they were recorded."""
    seen: Counter[str] = field(default_factory=Counter)
    """How often each sampled prompt was asked: the second time must not give the first time's samples."""


TALLY: ContextVar[Tally] = ContextVar("tally")
"""Set it to a fresh Tally before each question, in the context that asks it."""


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
        tally.asked += 1
        key = call_key(self.name, messages, options)
        if options.get("temperature"):
            tally.seen[key] += 1
            key = f"{key}-{tally.seen[key]}"
        if found := self._recording.find(key):
            completions, seconds = found
            tally.replayed += 1
            tally.replayed_s += seconds
            if on_token:
                on_token(completions[0].text)
            return completions
        started = time.perf_counter()
        completions = await self._inner.complete(messages, on_token=on_token, **options)
        self._recording.add(key, self.name, completions, time.perf_counter() - started)
        return completions

    async def close(self) -> None:
        """Close the endpoint below; the recording stays open."""
        await self._inner.close()


def call_key(name: str, messages: Sequence[Message], options: dict[str, Any]) -> str:
    """Give a hash of what a model is asked; the same model at another address has the same."""
    asked = _DEFAULTS | {option: value for option, value in options.items() if option not in _NOT_ASKED}
    turns = [(message.role, message.content) for message in messages]
    text = json.dumps([name.partition("@http")[0], turns, asked], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _completion(recorded: dict[str, Any]) -> Completion:
    usage = Usage(**recorded["usage"])
    return Completion(**{**recorded, "usage": usage, "degraded": tuple(recorded["degraded"])})
