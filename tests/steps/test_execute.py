"""The step that runs queries."""

from __future__ import annotations

import pytest

from agentsql.steps.execute import SURE_LOGPROB, by_certainty, by_every_execution, by_execution, execute
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


async def test_a_suspicious_query_is_run_only_where_that_is_asked_for(run) -> None:
    doubt = QueryFailure("suspicious", "it joins what is not used")
    suspicious = Candidate("a", "SELECT count(*) FROM singer", failure=doubt)
    assert (await run(execute, candidates=(suspicious,))).updates == {"candidates": ()}
    done = await run(execute, candidates=(suspicious,), options={"suspicious": True})
    (executed,) = done.updates["candidates"]
    assert (executed.result.rows, executed.failure) == (((4,),), doubt)


async def test_a_query_that_was_written_twice_is_run_once(run) -> None:
    sql = "SELECT count(*) FROM singer"
    before = ExecutionResult(sql, ("n",), ((99,),), False, 0.0)
    done = await run(execute, candidates=(Candidate("a", sql, before), Candidate("b", sql)))
    (executed,) = done.updates["candidates"]
    assert executed.result is before


@pytest.mark.parametrize(
    ("candidates", "outcome"),
    [
        pytest.param([(None, SURE_LOGPROB)], "certain", id="sure"),
        pytest.param([(None, SURE_LOGPROB - 0.01)], "uncertain", id="not sure"),
        pytest.param([(None, None)], "certain", id="a server that gives no log-probabilities"),
        pytest.param([(QueryFailure("empty", "no rows"), 0.0)], "uncertain", id="empty"),
        pytest.param([(QueryFailure("refused", "it writes"), 0.0)], "refused", id="refused"),
    ],
)
async def test_a_vote_is_held_only_where_one_query_is_not_enough(make_agent, candidates, outcome: str) -> None:
    agent, _ = make_agent()
    result = ExecutionResult("x", ("a",), ((1,),), False, 0.0)
    made = tuple(
        Candidate(f"full-{number}", "x", result, failure, logprob)
        for number, (failure, logprob) in enumerate(candidates)
    )
    assert by_certainty.function({"candidates": made}, agent.resources()) == outcome


async def test_every_failed_query_is_corrected_though_another_gave_rows(make_agent) -> None:
    agent, _ = make_agent()
    result = ExecutionResult("x", ("a",), ((1,),), False, 0.0)
    good, bad = Candidate("full-1", "x", result), Candidate("full-2", "y", failure=QueryFailure("syntax", "no"))
    state = {"candidates": (good, bad), "corrections": 0}
    assert by_every_execution.function(state, agent.resources()) == "failed"
    assert by_every_execution.function({**state, "corrections": 2}, agent.resources()) == "given_up"
    fixed = {**state, "candidates": (good, bad, Candidate("full-2.fix", "x", result))}
    assert by_every_execution.function(fixed, agent.resources()) == "done"


async def test_a_vote_is_held_on_a_query_with_a_doubt_however_sure_the_model_was(make_agent) -> None:
    agent, _ = make_agent()
    result = ExecutionResult("x", ("a",), ((1,),), False, 0.0)
    doubtful = Candidate("full-1", "x", result, logprob=0.0, doubts=("unasked_column",))
    assert by_certainty.function({"candidates": (doubtful,)}, agent.resources()) == "uncertain"
