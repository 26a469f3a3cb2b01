"""How many requests a minute a caller may send, in one process or over all workers of a server."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger(__name__)

_BUSY_S = 2.0
"""Seconds to wait for the other processes, each of which has the file for less than a millisecond."""


class RateLimit:
    """Counts the requests of each caller in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def wait_s(self, caller: str, per_minute: int) -> float:
        """Count a request and give 0, or give the seconds until one is allowed and count none.

        A whole minute's requests may come at once; after that one is allowed every `60 / per_minute` seconds. (The
        generic cell rate algorithm, ITU-T I.371, which needs one number a caller.)
        """
        now, interval = self._clock(), 60.0 / per_minute
        full_at = max(self._full_at.get(caller, 0.0), now)
        over = full_at - now - (60.0 - interval)
        if over > 1e-9:
            return over
        self._full_at[caller] = full_at + interval
        return 0.0

    def close(self) -> None:
        """Let go of what is kept."""


class SharedRateLimit(RateLimit):
    """Counts the requests of each caller over all processes of this machine that name one file.

    Where the file cannot be used, this process counts its own.
    """

    def __init__(self, file: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the file, which is made where there is none.

        Args:
            clock: must be the same for all processes, as `time.monotonic` is.
        """
        super().__init__(clock)
        self._lock = threading.Lock()
        # It is worth nothing once the processes have ended, so nothing waits for the disk.
        self._kept = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        self._kept.execute("PRAGMA journal_mode = WAL")
        self._kept.execute("PRAGMA synchronous = OFF")
        self._kept.execute("CREATE TABLE IF NOT EXISTS full_at (caller TEXT PRIMARY KEY, seconds REAL) WITHOUT ROWID")

    def wait_s(self, caller: str, per_minute: int) -> float:
        """Do as `RateLimit.wait_s` does, with the requests that other processes took."""
        with self._lock:
            try:
                self._kept.execute("BEGIN IMMEDIATE")
                try:
                    for (seconds,) in self._kept.execute("SELECT seconds FROM full_at WHERE caller = ?", (caller,)):
                        self._full_at[caller] = seconds
                    wait_s = super().wait_s(caller, per_minute)
                    row = (caller, self._full_at.get(caller, 0.0))
                    self._kept.execute("INSERT OR REPLACE INTO full_at VALUES (?, ?)", row)
                finally:
                    self._kept.execute("COMMIT")
            except sqlite3.Error as exc:
                logger.warning("the requests of other workers are not counted: %s", exc)
                return super().wait_s(caller, per_minute)
            return wait_s

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._kept.close()
