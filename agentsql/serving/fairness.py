"""Who is next: a queue that is fair between callers."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

_FIRST_GUESS_S = 5.0
"""Taken for the length of a question before one has ended."""
_LONGEST_RETRY_S = 60


class QueueFullError(Exception):
    """A question could not be put in the queue, or waited too long in it."""

    def __init__(self, message: str, retry_after_s: int, *, own: bool) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.own = own
        """True if it is this caller's own questions that fill it."""


@dataclass(slots=True, eq=False)
class Ticket:
    """A place in the queue; `leave` it in any case."""

    caller: str
    queue: FairQueue
    turn: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    began: float = 0.0
    left: bool = False

    async def wait(self) -> None:
        """Wait for this question's turn.

        Raises:
            QueueFullError: it did not come within the queue's longest wait.
        """
        try:
            async with asyncio.timeout(self.queue.longest_wait_s):
                await asyncio.shield(self.turn)
        except TimeoutError:
            raise QueueFullError(
                f"the question waited {self.queue.longest_wait_s:g} s for its turn; ask again later",
                self.queue.retry_after_s(),
                own=False,
            ) from None

    def leave(self) -> None:
        """Give the place to the next; calling it again does nothing."""
        if not self.left:
            self.left = True
            self.queue.leave(self)


class FairQueue:
    """Lets so many questions run at a time, and takes callers in turn for the places that come free."""

    def __init__(
        self,
        running: int,
        waiting: int,
        *,
        waiting_each: int = 0,
        longest_wait_s: float = 120.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Say how many run and wait.

        Args:
            waiting: questions that may wait, of all callers together.
            waiting_each: of one caller; 0 means all there are.
        """
        self.running_most = running
        self.waiting_most = waiting
        self.waiting_each = waiting_each or waiting
        self.longest_wait_s = longest_wait_s
        self.running = 0
        self._clock = clock
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._typical_s = _FIRST_GUESS_S

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    def enter(self, caller: str) -> Ticket:
        """Give a place; its turn may have come already.

        Raises:
            QueueFullError: there is none.
        """
        ticket = Ticket(caller, self)
        if self.running < self.running_most and not self._waiting:
            self._begin(ticket)
            return ticket
        own = len(self._waiting.get(caller, ()))
        if self.waiting >= self.waiting_most:
            raise QueueFullError(
                f"{self.waiting} questions are waiting; ask again later", self.retry_after_s(), own=False
            )
        if own >= self.waiting_each:
            raise QueueFullError(
                f"{own} of your questions are waiting; ask again later", self.retry_after_s(), own=True
            )
        self._waiting.setdefault(caller, deque()).append(ticket)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Take a ticket out, running or waiting."""
        if ticket.turn.done():
            self.running -= 1
            self._typical_s += 0.1 * (self._clock() - ticket.began - self._typical_s)
        elif ticket in (own := self._waiting.get(ticket.caller, deque())):
            own.remove(ticket)
            if not own:
                del self._waiting[ticket.caller]
        while self._waiting and self.running < self.running_most:
            caller, tickets = self._waiting.popitem(last=False)
            self._begin(tickets.popleft())
            if tickets:
                self._waiting[caller] = tickets  # at the end: the others come first

    def retry_after_s(self) -> int:
        """Give in how many seconds there is likely to be a place."""
        rounds = (self.waiting + 1) / self.running_most
        return max(1, min(_LONGEST_RETRY_S, math.ceil(rounds * self._typical_s)))

    def _begin(self, ticket: Ticket) -> None:
        self.running += 1
        ticket.began = self._clock()
        ticket.turn.set_result(None)
