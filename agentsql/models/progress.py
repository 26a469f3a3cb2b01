"""How long work on a model file or server tells its caller where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a pull or a server start stands; `str()` of it is a line for a person."""

    activity: str
    """What is being done: `downloading qwen2.5-coder-0.5b`."""
    done_bytes: int = 0
    total_bytes: int = 0
    """0 where the work has no size, such as waiting for another process."""
    bytes_per_s: float = 0.0
    """Mean rate since this activity began; bytes found from an earlier attempt do not count."""

    def __str__(self) -> str:
        if not self.total_bytes:
            return self.activity
        megabytes = f"{self.done_bytes / 1e6:,.0f} of {self.total_bytes / 1e6:,.0f} MB"
        rate = f", {self.bytes_per_s / 1e6:,.1f} MB/s" if self.bytes_per_s else ""
        return f"{self.activity}: {megabytes}{rate}"


ReportProgress = Callable[[Progress], None]


def ignore_progress(progress: Progress) -> None:
    """Drop a report, for callers that show none."""
