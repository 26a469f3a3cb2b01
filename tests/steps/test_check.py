"""The step that examines queries before anything is executed."""

from __future__ import annotations

import pytest

from agentsql.steps.check import by_check, check
from agentsql.types import Candidate, QueryFailure

FAILURE = QueryFailure("unknown_column", "no such column: x")


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        pytest.param("SELECT name FROM singer", None, id="right"),
        pytest.param("SELECT name FROM singer WHERE country = 'France'", None, id="right value"),
        pytest.param("SELECT nam FROM singer", "unknown_column", id="unknown column"),
        pytest.param("SELECT name FROM singers", "unknown_table", id="unknown table"),
        pytest.param("SELECT singer_id FROM singer, singer_in_concert", "ambiguous", id="ambiguous"),
        pytest.param("SELECT name FROM", "syntax", id="syntax"),
        pytest.param("DELETE FROM singer", "refused", id="write"),
        pytest.param(
            "SELECT name FROM singer JOIN singer_in_concert ON singer.singer_id = singer_in_concert.singer_id",
            "suspicious",
            id="a join that only repeats rows",
        ),
        pytest.param("SELECT name FROM singer WHERE country = 'FRANCE'", "suspicious", id="value in another case"),
    ],
)
async def test_each_fault_is_held_against_the_query_by_its_kind(run, sql: str, kind: str | None) -> None:
    question = "How many singers are there from France?"
    done = await run(check, question=question, candidates=(Candidate("full-1", sql),))
    (candidate,) = done.updates["candidates"]
    assert (candidate.failure.kind if candidate.failure else None) == kind


async def test_the_nearest_real_names_are_in_the_hint(run) -> None:
    done = await run(check, candidates=(Candidate("full-1", "SELECT nam FROM singer"),))
    assert "name" in done.updates["candidates"][0].failure.hint


async def test_what_is_wrong_less_often_is_a_doubt_and_the_query_may_run(run) -> None:
    sql = "SELECT name, count(*) FROM singer GROUP BY name"
    done = await run(check, question="What are the names of the singers?", candidates=(Candidate("full-1", sql),))
    assert done.updates["candidates"] == (Candidate("full-1", sql, doubts=("unasked_column",)),)
    assert done.event.notes == ("full-1: doubtful: unasked_column",)


async def test_without_meaning_only_names_are_checked(run) -> None:
    sql = "SELECT name FROM singer WHERE country = 'FRANCE'"
    done = await run(check, candidates=(Candidate("full-1", sql),), options={"meaning": False})
    assert done.updates["candidates"][0].failure is None


@pytest.mark.parametrize(
    ("candidates", "corrections", "outcome"),
    [
        pytest.param((Candidate("a", "x"),), 0, "passed", id="one may run"),
        pytest.param((Candidate("a", "x", failure=FAILURE), Candidate("b", "y")), 0, "passed", id="another may run"),
        pytest.param((Candidate("a", "x", failure=FAILURE),), 0, "failed", id="to be corrected"),
        pytest.param((Candidate("a", "x", failure=FAILURE),), 2, "given_up", id="corrections used up"),
        pytest.param((Candidate("a", "x", failure=QueryFailure("refused", "no")),), 0, "given_up", id="refused"),
    ],
)
async def test_the_way_on(make_agent, candidates, corrections: int, outcome: str) -> None:
    agent, _ = make_agent()
    state = {"candidates": candidates, "corrections": corrections}
    assert by_check.function(state, agent.resources()) == outcome
