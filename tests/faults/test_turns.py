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


async def test_queries_of_ones_own_take_their_turn_with_the_questions_and_stay_in_their_thread(tiny) -> None:
    settings = replace(Settings(), database=DatabaseSettings(concurrent=1))
    gate, threads = Gate(), []
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT), graph="direct", settings=settings) as agent:
        agent.wait_for_values(60)
        run = agent.database.run

        def held(sql: str, **limits: object):
            threads.append(threading.current_thread())
            gate.run(0)
            return run(sql, **limits)

        agent.database.run = held  # type: ignore[method-assign]
        own = [asyncio.create_task(asyncio.to_thread(agent.run_sql, COUNT)), asyncio.create_task(agent.arun_sql(COUNT))]
        while not gate.inside:
            await asyncio.sleep(0.001)
        asked = asyncio.create_task(agent.aask("How many singers are there?"))
        await asyncio.sleep(0.1)  # within which the others would come in, if nothing held them
        assert gate.inside == [0]
        gate.opened.set()
        results = await asyncio.gather(*own, asked)
    assert [one.rows for one in results] == [((4,),)] * 3
    names = [thread.name.startswith("agentsql") for thread in threads]
    assert sorted(names) == [False, True, True]


def test_a_question_or_query_whose_turn_does_not_come_says_so(tiny) -> None:
    settings = replace(Settings(), database=DatabaseSettings(concurrent=1), budget=BudgetSettings(seconds=0.2))
    gate = Gate()
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT), settings=settings) as agent:
        holding = agent._loop.submit(in_turn(lambda: gate.run(0), wait_s=60))
        try:
            asking = (agent.ask, agent.run_sql, lambda sql: asyncio.run(agent.arun_sql(sql)))
            for ask, text in zip(asking, ("How many singers are there?", COUNT, COUNT), strict=True):
                with pytest.raises(
                    BusyError, match=r"waited 0.2 s for a turn.*which 1 may use at once.*raise \[database\] concurrent"
                ):
                    ask(text)
        finally:
            gate.opened.set()
            holding.result(60)
