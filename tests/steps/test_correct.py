"""The step that has failed queries written anew."""

from __future__ import annotations

import pytest

from agentsql.errors import BudgetSpentError
from agentsql.settings import BudgetSettings, Settings
from agentsql.steps.correct import correct
from agentsql.types import Candidate, ExecutionResult, QueryFailure

NO_CALLS = Settings(budget=BudgetSettings(tokens=1))
UNKNOWN = QueryFailure("unknown_column", "no such column: x", "did you mean age?")
EMPTY = QueryFailure("empty", "the query gives no rows")


async def test_the_model_is_told_the_query_its_error_and_the_hint(run) -> None:
    failed = Candidate("full-1", "SELECT x FROM singer", failure=UNKNOWN)
    done = await run(correct, candidates=(failed,), replies=("SELECT age FROM singer",))
    assert done.updates["candidates"] == (Candidate("full-1.fix", "SELECT age FROM singer"),)
    assert "Query: SELECT x FROM singer\nError: no such column: x\nHint: did you mean age?" in done.prompt


async def test_for_an_empty_result_the_hint_names_values_that_are_there(run) -> None:
    sql = "SELECT name FROM singer WHERE country = 'Frances'"
    result = ExecutionResult(sql, ("name",), (), False, 0.0)
    done = await run(correct, candidates=(Candidate("full-1", sql, result, EMPTY),), replies=("SELECT 1",))
    assert "no row of singer.country holds 'Frances', but there are 'France'" in done.prompt


async def test_the_same_query_again_is_no_correction(run) -> None:
    failed = Candidate("full-1", "SELECT x FROM singer", failure=UNKNOWN)
    done = await run(correct, candidates=(failed,), replies=("SELECT x FROM singer",))
    assert done.updates == {"candidates": (), "corrections": 1}


async def test_a_refused_query_is_left_refused(run) -> None:
    refused = Candidate("full-1", "DELETE FROM singer", failure=QueryFailure("refused", "it writes"))
    done = await run(correct, candidates=(refused,))
    assert done.updates["candidates"] == ()


async def test_a_correction_that_failed_is_corrected_next(run) -> None:
    first = Candidate("full-1", "SELECT x FROM singer", failure=UNKNOWN)
    second = Candidate("full-1.fix", "SELECT y FROM singer", failure=UNKNOWN)
    done = await run(correct, candidates=(first, second), corrections=1, replies=("SELECT age FROM singer",))
    assert done.updates == {"candidates": (Candidate("full-1.fix.fix", "SELECT age FROM singer"),), "corrections": 2}


async def test_no_more_are_asked_for_than_is_allowed_at_a_time(run) -> None:
    failed = tuple(Candidate(f"full-{number}", f"SELECT x{number}", failure=UNKNOWN) for number in range(3))
    done = await run(correct, candidates=failed, replies=("SELECT 1", "SELECT 2"), options={"most": 2})
    assert [one.name for one in done.updates["candidates"]] == ["full-0.fix", "full-1.fix"]


async def test_a_spent_budget_ends_the_corrections_and_keeps_what_has_run(run) -> None:
    result = ExecutionResult("SELECT 1", ("a",), ((1,),), False, 0.0)
    candidates = (Candidate("full-1", "SELECT 1", result), Candidate("full-2", "SELECT x", failure=UNKNOWN))
    done = await run(correct, candidates=candidates, settings=NO_CALLS)
    assert done.updates == {"candidates": (), "corrections": 2}
    with pytest.raises(BudgetSpentError):
        await run(correct, candidates=candidates[1:], settings=NO_CALLS)
