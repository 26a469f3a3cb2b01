"""The step that puts queries right by the schema alone."""

from __future__ import annotations

from agentsql.steps.mend import mend
from agentsql.types import Candidate, QueryFailure

UNKNOWN = QueryFailure("unknown_column", "no such column: x", "did you mean age?")
WRONG_CASE = QueryFailure("suspicious", "no row of singer.country holds 'france'")


async def test_the_table_that_has_the_column_is_joined(run) -> None:
    sql = "SELECT name FROM singer_in_concert WHERE concert_id = 1"
    done = await run(mend, candidates=(Candidate("full-1", sql, failure=UNKNOWN, logprob=-0.2),))
    (mended,) = done.updates["candidates"]
    assert (mended.name, mended.failure, mended.logprob) == ("full-1.mend", None, -0.2)
    assert mended.sql == (
        "SELECT singer.name FROM singer_in_concert JOIN singer ON singer_in_concert.singer_id = singer.singer_id "
        "WHERE singer_in_concert.concert_id = 1"
    )


async def test_a_value_in_another_case_is_written_as_the_column_has_it(run) -> None:
    failed = Candidate("full-1", "SELECT name FROM singer WHERE country = 'france'", failure=WRONG_CASE)
    done = await run(mend, candidates=(failed,))
    assert done.updates["candidates"][0].sql == "SELECT name FROM singer WHERE country = 'France'"


async def test_a_second_fault_is_mended_too(run) -> None:
    sql = "SELECT name FROM singer_in_concert WHERE concert_id = 1 AND country = 'france'"
    done = await run(mend, candidates=(Candidate("full-1", sql, failure=UNKNOWN),))
    (mended,) = done.updates["candidates"]
    assert mended.failure is None
    assert "'France'" in mended.sql


async def test_what_is_mended_already_or_leaves_no_way_is_left_alone(run) -> None:
    nowhere = Candidate("full-1", "SELECT qwertz FROM singer", failure=UNKNOWN)
    before = Candidate("full-2", "SELECT name FROM singer WHERE country = 'france'", failure=WRONG_CASE)
    after = Candidate("full-2.mend", "SELECT name FROM singer WHERE country = 'France'")
    done = await run(mend, candidates=(nowhere, before, after))
    assert done.updates == {"candidates": ()}
