"""The step that puts queries right by the schema alone."""

from __future__ import annotations

from agentsql.steps.mend import mend
from agentsql.types import Candidate, QueryFailure

UNKNOWN = QueryFailure("unknown_column", "no such column: x", "did you mean age?")
WRONG_CASE = QueryFailure("suspicious", "no row of singer.country holds 'france'")


async def test_the_table_that_has_the_column_is_joined(run) -> None:
    sql = "SELECT name FROM singer_in_concert WHERE concert_id = 1"
    failed = Candidate("full-1", sql, failure=UNKNOWN, logprob=-0.2)
    done = await run(mend, question="Which singers were in concert 1?", candidates=(failed,))
    (mended,) = done.updates["candidates"]
    assert (mended.name, mended.failure, mended.logprob) == ("full-1.mend", None, -0.2)
    assert mended.sql == (
        "SELECT singer.name FROM singer_in_concert JOIN singer ON singer_in_concert.singer_id = singer.singer_id "
        "WHERE singer_in_concert.concert_id = 1"
    )


async def test_a_value_in_another_case_is_written_as_the_column_has_it(run) -> None:
    failed = Candidate("full-1", "SELECT name FROM singer WHERE country = 'france'", failure=WRONG_CASE)
    done = await run(mend, question="Who is from France?", candidates=(failed,))
    assert done.updates["candidates"][0].sql == "SELECT name FROM singer WHERE country = 'France'"


async def test_a_second_fault_is_mended_too(run) -> None:
    sql = "SELECT name FROM singer_in_concert WHERE concert_id = 1 AND country = 'france'"
    failed = Candidate("full-1", sql, failure=UNKNOWN)
    done = await run(mend, question="Who from France was in concert 1?", candidates=(failed,))
    (mended,) = done.updates["candidates"]
    assert mended.failure is None
    assert "'France'" in mended.sql


async def test_what_is_mended_already_or_leaves_no_way_is_left_alone(run) -> None:
    nowhere = Candidate("full-1", "SELECT qwertz FROM singer", failure=UNKNOWN)
    before = Candidate("full-2", "SELECT name FROM singer WHERE country = 'france'", failure=WRONG_CASE)
    after = Candidate("full-2.mend", "SELECT name FROM singer WHERE country = 'France'")
    done = await run(mend, question="Who is from France?", candidates=(nowhere, before, after))
    assert done.updates == {"candidates": ()}


async def test_beside_a_query_with_a_doubt_its_mended_form_stands_with_the_same_doubt(run) -> None:
    sql = "SELECT name, count(*) FROM singer GROUP BY name"
    doubtful = Candidate("full-1", sql, doubts=("unasked_column",), logprob=-0.2)
    done = await run(mend, question="What are the names of the singers?", candidates=(doubtful,))
    (mended,) = done.updates["candidates"]
    assert mended == Candidate(
        "full-1.mend", "SELECT name FROM singer GROUP BY name", doubts=("unasked_column",), logprob=-0.2
    )


async def test_a_count_that_fails_for_want_of_groups_is_grouped_and_counts_the_table_that_is_named(run) -> None:
    misuse = QueryFailure("syntax", "misuse of aggregate: COUNT()")
    failed = Candidate("full-1", "SELECT title FROM concert ORDER BY count(*) DESC LIMIT 1", failure=misuse)
    done = await run(mend, question="Which concert has the most singers?", candidates=(failed,))
    assert done.updates["candidates"][0].sql == (
        "SELECT concert.title FROM concert JOIN singer_in_concert ON concert.concert_id = singer_in_concert.concert_id "
        "GROUP BY concert.title ORDER BY COUNT(*) DESC LIMIT 1"
    )


async def test_a_function_of_another_dialect_is_put_into_the_own_one_after_it_failed(run) -> None:
    missing = QueryFailure("other", "no such function: CONCAT_UPPER")
    failed = Candidate("full-1", "SELECT LEFT(name, 3) FROM singer WHERE country ILIKE 'france'", failure=missing)
    done = await run(mend, question="How do the names of singers from France begin?", candidates=(failed,))
    (mended,) = done.updates["candidates"]
    assert mended.sql.startswith("SELECT SUBSTR(name, 1, 3) FROM singer WHERE LOWER(country) LIKE ")
    assert mended.failure is None
