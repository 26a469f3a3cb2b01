"""Who may ask next: a bound on the questions in flight, shared among the databases that are open."""

from __future__ import annotations

import asyncio
from collections import Counter


class Turns:
    """Hands out turns to groups of questions. For one event loop.

    A free turn goes to the group with the fewest questions in flight, so that a slow database cannot crowd out the
    others; and none gets more than half of all turns while there are others.
    """

    def __init__(self, most: int, groups: int, *, in_order: bool = False) -> None:
        """Begin with every turn free.

        Args:
            most: questions in flight at a time.
            groups: how many will ask for turns; call `finish` for each.
            in_order: instead, a free turn goes to the group that came first: for a model that answers one question at a
                time, which would read one schema after the other in turn.
        """
        self._most = most
        self._groups = groups
        self._in_order = in_order
        self._running: Counter[int] = Counter()
        self._waiting: dict[int, asyncio.Future[None]] = {}

    async def take(self, group: int) -> None:
        """Wait for a turn of that group, which waits for one at a time; give it back with `give`."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting[group] = turn
        self._hand_out()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting.pop(group, None)
            else:
                self.give(group)
            raise

    def give(self, group: int) -> None:
        """Give a turn back."""
        self._running[group] -= 1
        if not self._running[group]:
            del self._running[group]
        self._hand_out()

    def finish(self) -> None:
        """Say that one group will ask for no more turns; those that it has it still gives back."""
        self._groups -= 1
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self._running.total() < self._most:
            most = self._most_of_one()
            able = [one for one, turn in self._waiting.items() if self._running[one] < most and not turn.done()]
            if not able:
                return
            group = min(able) if self._in_order else min(able, key=lambda one: self._running[one])
            self._running[group] += 1
            self._waiting.pop(group).set_result(None)

    def _most_of_one(self) -> int:
        return self._most if self._in_order or self._groups <= 1 else max(1, self._most // 2)
