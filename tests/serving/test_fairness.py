"""Whose turn it is, and who asks too often."""

from __future__ import annotations

import asyncio

import pytest

from agentsql.serving.fairness import FairQueue, QueueFullError
from agentsql.serving.rates import RateLimit, SharedRateLimit


async def test_callers_take_turns_however_many_questions_one_of_them_has():
    queue = FairQueue(1, 10)
    running = queue.enter("ann")
    tickets = [queue.enter(name) for name in ("ann", "ann", "ann", "bob", "eve")]
    order = []
    while any(not ticket.left for ticket in tickets):
        running.leave()
        running = next(ticket for ticket in tickets if ticket.turn.done() and not ticket.left)
        order.append(running.caller)
        if len(order) == len(tickets):
            running.leave()
    assert order == ["ann", "bob", "eve", "ann", "ann"]
    assert (queue.running, queue.waiting) == (0, 0)


async def test_a_caller_who_fills_the_queue_leaves_room_for_others():
    queue = FairQueue(1, 4, waiting_each=2)
    tickets = [queue.enter("ann") for _ in range(3)]
    with pytest.raises(QueueFullError) as own:
        queue.enter("ann")
    tickets += [queue.enter("bob"), queue.enter("bob")]
    with pytest.raises(QueueFullError) as all_full:
        queue.enter("eve")
    assert (own.value.own, all_full.value.own) == (True, False)
    assert all_full.value.retry_after_s >= 1


async def test_a_place_that_is_left_while_waiting_is_not_given_a_turn():
    queue = FairQueue(1, 4)
    running, gone, waiting = queue.enter("ann"), queue.enter("bob"), queue.enter("eve")
    gone.leave()
    gone.leave()
    running.leave()
    assert (gone.turn.done(), waiting.turn.done(), queue.running) == (False, True, 1)


async def test_a_turn_that_does_not_come_ends_in_an_error():
    queue = FairQueue(1, 4, longest_wait_s=0.01)
    queue.enter("ann")
    with pytest.raises(QueueFullError, match="waited"):
        await queue.enter("bob").wait()


async def test_a_cancelled_wait_leaves_the_queue_whole():
    queue = FairQueue(1, 4)
    running, waiting = queue.enter("ann"), queue.enter("bob")
    task = asyncio.create_task(waiting.wait())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    waiting.leave()
    running.leave()
    assert (queue.running, queue.waiting) == (0, 0)


def test_a_minutes_requests_may_come_at_once_and_then_one_at_a_time():
    now = [1000.0]
    limit = RateLimit(clock=lambda: now[0])
    assert [limit.wait_s("ann", 6) for _ in range(6)] == [0.0] * 6
    assert limit.wait_s("ann", 6) == pytest.approx(10.0)
    assert limit.wait_s("bob", 6) == 0.0
    now[0] += 10.0
    assert limit.wait_s("ann", 6) == 0.0
    assert limit.wait_s("ann", 6) > 0.0


def test_the_requests_of_a_key_are_counted_over_all_workers_that_share_a_file(tmp_path):
    now = [1000.0]
    workers = [SharedRateLimit(tmp_path / "rates.sqlite", clock=lambda: now[0]) for _ in range(2)]
    try:
        assert [workers[number % 2].wait_s("ann", 6) for number in range(6)] == [0.0] * 6
        assert [worker.wait_s("ann", 6) for worker in workers] == [pytest.approx(10.0)] * 2
        assert workers[1].wait_s("bob", 6) == 0.0
        now[0] += 10.0
        assert workers[0].wait_s("ann", 6) == 0.0
        assert workers[1].wait_s("ann", 6) > 0.0
    finally:
        for worker in workers:
            worker.close()


def test_a_worker_whose_shared_file_is_gone_counts_its_own_requests(tmp_path, caplog):
    worker = SharedRateLimit(tmp_path / "rates.sqlite", clock=lambda: 1000.0)
    worker.close()
    assert [worker.wait_s("ann", 1) for _ in range(2)] == [0.0, pytest.approx(60.0)]
    assert "the requests of other workers are not counted" in caplog.text
