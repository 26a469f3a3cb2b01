"""The step that runs queries."""

from __future__ import annotations

import pytest

from agentsql.steps.execute import by_execution, execute
from agentsql.types import Candidate, ExecutionResult, QueryFailure


async def test_only_queries_without_a_fault_are_run(run) -> None:
    faulty = Candidate("b", "SELECT x", failure=QueryFailure("unknown_column", "no such column: x"))
    done = await run(execute, candidates=(Candidate("a", "SELECT count(*) FROM singer"), faulty))
    (executed,) = done.updates["candidates"]
    assert executed.name == "a"
    assert executed.result.rows == ((4,),)
    assert executed.failure is None


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        pytest.param("SELECT name FROM singer WHERE age > 90", "empty", id="no rows"),
        pytest.param("SELECT max(age) FROM singer WHERE age > 90", "empty", id="only NULL"),
        pytest.param("SELECT count(*) FROM singer WHERE age > 90", None, id="zero is a result"),
    ],
)
async def test_an_empty_result_is_held_against_a_query_but_kept(run, sql: str, kind: str | None) -> None:
    done = await run(execute, candidates=(Candidate("a", sql),))
    (executed,) = done.updates["candidates"]
    assert executed.result.error is None
    assert (executed.failure.kind if executed.failure else None) == kind


@pytest.mark.parametrize(
    ("failure", "corrections", "outcome"),
    [
        pytest.param(None, 0, "done", id="rows"),
        pytest.param(QueryFailure("empty", "no rows"), 0, "failed", id="empty"),
        pytest.param(QueryFailure("empty", "no rows"), 2, "given_up", id="corrections used up"),
    ],
)
async def test_the_way_on(make_agent, failure, corrections: int, outcome: str) -> None:
    agent, _ = make_agent()
    result = ExecutionResult("x", ("a",), ((1,),), False, 0.0)
    state = {"candidates": (Candidate("a", "x", result, failure),), "corrections": corrections}
    assert by_execution.function(state, agent.resources()) == outcome
