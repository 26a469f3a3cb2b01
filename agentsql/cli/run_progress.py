"""How far a run is, on a terminal as a bar, elsewhere as a line every so often."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from agentsql.cli import show
from agentsql.cli.safe import one_line
from agentsql.runs.progress import Progress

_LINE_EVERY_S = 15.0


class RunProgress:
    """Shows a run; a context manager around it. Its methods may be called from any thread."""

    def __init__(self, console: Console, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._said_at = float("-inf")
        self._bar: Bar | None = None
        self._task = TaskID(0)
        self._name = name
        self._earlier: int | None = None
        self._started = clock()

    def __enter__(self) -> RunProgress:
        if self._console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[note]}"),
            )
            self._bar = Bar(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task(one_line(self._name), total=None, note="")
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Show how far it is; the first time, that is what earlier processes did."""
        self._earlier = progress.done if self._earlier is None else self._earlier
        if self._bar is not None:
            self._bar.update(self._task, completed=progress.done, total=progress.total, note=note(progress))
        elif self._clock() - self._said_at >= _LINE_EVERY_S or progress.done == progress.total:
            self._said_at = self._clock()
            show.say(self._console, f"{self._name}: {progress.done:,}/{progress.total:,}, {note(progress)}")

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        console = self._bar.console if self._bar is not None else self._console
        show.say(console, one_line(text))

    def summarise(self, progress: Progress) -> None:
        """Print what came of it."""
        now = progress.done - (self._earlier or 0)
        took = clock_time(self._clock() - self._started)
        show.say(
            self._console, f"{self._name}: {show.plural(progress.done, 'question')}, {now:,} of them now, in {took}"
        )
        if progress.accuracy is not None:
            show.say(
                self._console,
                f"{progress.right:,} of {progress.judged:,} right on the database itself ({progress.accuracy:.1%})",
            )
        if progress.unanswered or progress.errors:
            show.say(
                self._console,
                f"{progress.unanswered:,} without an answer, {progress.errors:,} could not be asked",
            )


def note(progress: Progress) -> str:
    """Give accuracy, pace, time left and failures on one line."""
    parts = [f"{progress.accuracy:.1%} right"] if progress.accuracy is not None else []
    if progress.a_minute:
        parts.append(f"{progress.a_minute:,.0f} a minute")
    if progress.seconds_left and progress.done < progress.total:
        parts.append(f"{clock_time(progress.seconds_left)} left")
    parts.append(f"{progress.unanswered:,} unanswered")
    if progress.errors:
        parts.append(show.plural(progress.errors, "error"))
    return ", ".join(parts)


def clock_time(seconds: float) -> str:
    """Give `47 s`, `12:34` or `3:05:00`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
