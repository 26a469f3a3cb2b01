"""How far a run is."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agentsql.evaluation.records import Record
from agentsql.runs.asking import ERROR

_WINDOW_S = 60.0
"""The pace is that of the last minute, so that it follows a server that slows down."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, at one moment."""

    total: int
    done: int = 0
    right: int = 0
    judged: int = 0
    """Questions with a gold."""
    unanswered: int = 0
    """Questions that the agent gave no answer to."""
    errors: int = 0
    """Questions that could not be asked."""
    a_minute: float = 0.0
    """Questions answered in the last minute; of this process only."""

    @property
    def accuracy(self) -> float | None:
        """Share of the questions with a gold that are right; None while there is none."""
        return self.right / self.judged if self.judged else None

    @property
    def seconds_left(self) -> float | None:
        return 60 * (self.total - self.done) / self.a_minute if self.a_minute else None


class Tally:
    """Counts records."""

    def __init__(self, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._started = clock()
        self._times: deque[float] = deque()
        self._done = self._right = self._judged = self._unanswered = self._errors = 0

    def add_earlier(self, record: Record) -> None:
        """Count a record of an earlier process, which says nothing of the pace."""
        self._done += 1
        self._right += bool(record.correct)
        self._judged += record.correct is not None
        self._errors += record.status == ERROR
        self._unanswered += record.status not in ("answered", ERROR)

    def add(self, records: Iterable[Record]) -> Progress:
        """Count records that came just now."""
        now = self._clock()
        for record in records:
            self.add_earlier(record)
            self._times.append(now)
        return self.progress()

    def progress(self) -> Progress:
        """Give how far the run is."""
        now = self._clock()
        while self._times and self._times[0] < now - _WINDOW_S:
            self._times.popleft()
        window_s = min(_WINDOW_S, now - self._started)
        pace = 60 * len(self._times) / window_s if window_s > 0 else 0.0
        return Progress(
            self._total, self._done, self._right, self._judged, self._unanswered, self._errors, a_minute=pace
        )
