"""Deadlines of running queries: one thread for all of them, which stops what is late."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Entry:
    stop: Callable[[], None]
    mutex: threading.Lock = field(default_factory=threading.Lock)
    ended: bool = False


class Watch:
    """Calls functions when their time is up, unless the work they belong to has ended. Safe to use from many threads.

    Its thread starts with the first deadline and ends at `close`.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, _Entry]] = []
        self._numbers = count()
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def limit(self, seconds: float, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` in the watch's thread if the block has not ended within that many seconds.

        `stop` is never running any more when the block has been left, so that it cannot hit the work that comes next.
        """
        entry = _Entry(stop)
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + seconds, next(self._numbers), entry))
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="agentsql-watch", daemon=True)
                self._thread.start()
            elif self._waiting[0][2] is entry:
                self._changed.notify()
        try:
            yield
        finally:
            with entry.mutex:
                entry.ended = True

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while (entry := self._next()) is not None:
            with entry.mutex:
                if entry.ended:
                    continue
                try:
                    entry.stop()
                except Exception as problem:  # of a driver's; whatever it is, the other deadlines hold
                    logger.warning("a query past its time could not be stopped: %s", type(problem).__name__)

    def _next(self) -> _Entry | None:
        """Wait for the next entry whose time is up; None once closed."""
        with self._changed:
            while not self._closed:
                while self._waiting and self._waiting[0][2].ended:
                    heapq.heappop(self._waiting)
                left = self._waiting[0][0] - time.monotonic() if self._waiting else None
                if left is not None and left <= 0:
                    return heapq.heappop(self._waiting)[2]
                self._changed.wait(left)
        return None
