"""What goes on while a person waits: a transient spinner on a terminal, a rare line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.status import Status
from rich.text import Text

from agentsql.cli.safe import one_line
from agentsql.types import ApprovalNeeded, Event, StepFinished, StepStarted, Token

_LINE_EVERY_S = 5.0
_TAIL = 60
"""Characters shown of what a model is writing."""


class ProgressLine:
    """Shows the events of one question at a time; a context manager around each question."""

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.note = ""
        """The last thing said by the agent, such as a download's progress; may be set from any thread."""
        self._console = console
        self._clock = clock
        self._status: Status | None = None
        self._running: list[str] = []
        self._tail = ""
        self._said_at = float("-inf")
        self._started = 0.0

    def __enter__(self) -> ProgressLine:
        self._running, self._tail, self._started = [], "", self._clock()
        if self._console.is_terminal:
            self._status = self._console.status(self, spinner="dots")
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to a person for a while."""
        if self._status is not None:
            self._status.stop()
        try:
            yield
        finally:
            if self._status is not None:
                self._status.start()

    def say(self, text: str) -> None:
        """Take a progress text of the agent; without a terminal at most one line every five seconds is printed."""
        self.note = one_line(text)
        if not self._console.is_terminal and self._clock() - self._said_at >= _LINE_EVERY_S:
            self._said_at = self._clock()
            self._console.print(Text(self.note))

    def clear(self) -> None:
        """Forget what was said last; it is over."""
        self.note = ""

    def show(self, event: Event) -> None:
        """Take an event of the running question."""
        if isinstance(event, StepStarted):
            self._running.append(event.step)
            self._tail = self.note = ""
        elif isinstance(event, StepFinished):
            if event.event.step in self._running:
                self._running.remove(event.event.step)
            self._tail = ""
        elif isinstance(event, ApprovalNeeded):
            self._running, self._tail = [], ""  # the step starts anew once there is a decision
        elif isinstance(event, Token):
            self._tail = (self._tail + event.text)[-4 * _TAIL :]

    def __rich__(self) -> Text:
        """Give the line beside the spinner; rich asks for it several times a second."""
        running = ", ".join(self._running) or "working"
        seconds = self._clock() - self._started
        text = Text(f"{running} {seconds:.0f} s", style="cyan", no_wrap=True, overflow="ellipsis")
        tail = self.note or " ".join(one_line(self._tail).replace("↵", " ").split())[-_TAIL:]
        return text.append(f"  {tail}", style="dim") if tail else text
