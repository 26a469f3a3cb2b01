"""The bound on questions that use one database at the same moment."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from agentsql import Settings, SQLAgent
from agentsql.errors import BusyError
from agentsql.loop import BackgroundLoop, TurnMissedError, in_turn
from agentsql.settings import BudgetSettings, DatabaseSettings
from agentsql.testing import ScriptedModel

COUNT = "SELECT count(*) FROM singer"


class Gate:
    """Holds whoever passes until it is opened, and counts them."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.inside: list[int] = []
        self.most = 0
        self._mutex = threading.Lock()

    def run(self, number: int) -> None:
        with self._mutex:
            self.inside.append(number)
            self.most = max(self.most, len(self.inside))
        self.opened.wait(60)


def test_no_more_than_the_bound_use_the_database_and_none_is_lost(tiny) -> None:
    settings = replace(Settings(), database=DatabaseSettings(concurrent=3))
    mutex, at_work, most = threading.Lock(), [0], [0]
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT), graph="direct", settings=settings) as agent:
        agent.wait_for_values(60)
        run = agent.database.run

        def counted(sql: str, **limits: object):
            with mutex:
                at_work[0] += 1
                most[0] = max(most[0], at_work[0])
            try:
                return run(sql, **limits)
            finally:
                with mutex:
                    at_work[0] -= 1

        agent.database.run = counted  # type: ignore[method-assign]

        async def all_of_them() -> list[object]:
            return await asyncio.gather(*(agent.aask("How many singers are there?") for _ in range(40)))

        answers = asyncio.run(all_of_them())
    assert [answer.rows for answer in answers] == [((4,),)] * 40
    assert 1 <= most[0] <= 3


async def test_who_came_first_goes_first_and_who_waits_too_long_is_told() -> None:
    loop, gate, order = BackgroundLoop(workers=1), Gate(), []
    try:
        first = loop.submit(in_turn(lambda: gate.run(0), wait_s=60))
        while not gate.inside:
            await asyncio.sleep(0.001)
        missed = loop.submit(in_turn(lambda: order.append("missed"), wait_s=0.01))
        with pytest.raises(TurnMissedError):
            await asyncio.wrap_future(missed)
        others = [loop.submit(in_turn(lambda number=number: order.append(number), wait_s=60)) for number in range(5)]
        gate.opened.set()
        await asyncio.gather(*map(asyncio.wrap_future, [first, *others]))
    finally:
        loop.close()
    assert order == [0, 1, 2, 3, 4]


def test_a_question_whose_turn_does_not_come_says_so(tiny) -> None:
    settings = replace(Settings(), database=DatabaseSettings(concurrent=1), budget=BudgetSettings(seconds=0.2))
    gate = Gate()
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT), settings=settings) as agent:
        holding = agent._loop.submit(in_turn(lambda: gate.run(0), wait_s=60))
        try:
            with pytest.raises(
                BusyError, match=r"waited 0.2 s for its turn.*which 1 may use at once.*raise \[database\] concurrent"
            ):
                agent.ask("How many singers are there?")
        finally:
            gate.opened.set()
            holding.result(60)
