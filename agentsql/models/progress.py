"""How long work on a model file or server tells its caller where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a pull or a server start stands."""

    activity: str
    """What is being done, for a person: `downloading qwen2.5-coder-0.5b`."""
    done_bytes: int = 0
    total_bytes: int = 0
    """0 where the work has no size, such as waiting for another process."""
    bytes_per_s: float = 0.0
    """Mean rate since this activity began; bytes found from an earlier attempt do not count."""


ReportProgress = Callable[[Progress], None]


def ignore_progress(progress: Progress) -> None:
    """Drop a report, for callers that show none."""
