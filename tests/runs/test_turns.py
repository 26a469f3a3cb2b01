import asyncio

from agentsql.runs.turns import Turns


async def _taken(turns: Turns, wanted: list[int], give: int | None = None) -> list[int]:
    """Give the groups that got a turn, in order, of those that wait for one until `give` gives one back."""
    got: list[int] = []

    async def take(group: int) -> None:
        await turns.take(group)
        got.append(group)

    waiting = [asyncio.create_task(take(group)) for group in wanted]
    await asyncio.sleep(0)
    if give is not None:
        turns.give(give)
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return got


async def test_no_more_turns_are_out_than_there_are():
    turns = Turns(2, 3)
    assert await _taken(turns, [0, 1, 2]) == [0, 1]


async def test_a_group_has_at_most_half_of_the_turns_while_there_are_others():
    turns = Turns(4, 2)
    await turns.take(0)
    await turns.take(0)
    assert await _taken(turns, [0]) == []


async def test_the_last_group_gets_all_turns():
    turns = Turns(4, 2)
    turns.finish()
    for _ in range(4):
        await asyncio.wait_for(turns.take(1), 1)


async def test_a_free_turn_goes_to_the_group_with_the_fewest_in_flight():
    turns = Turns(4, 3)
    for group in (0, 0, 1, 2):
        await turns.take(group)
    assert await _taken(turns, [0, 1], give=2) == [1]


async def test_in_order_the_first_group_may_have_every_turn_and_goes_first():
    turns = Turns(2, 2, in_order=True)
    await turns.take(0)
    await turns.take(1)
    assert await _taken(turns, [1, 0], give=1) == [0]


async def test_a_wait_that_is_given_up_costs_no_turn():
    turns = Turns(1, 2)
    await turns.take(0)
    assert await _taken(turns, [1]) == []
    turns.give(0)
    await asyncio.wait_for(turns.take(1), 1)
