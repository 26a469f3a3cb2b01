"""The step that chooses the query whose result is the answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentsql.steps.select import select
from agentsql.types import Candidate, ExecutionResult, QueryFailure, Row


def executed(name: str, *rows: Row, failure: QueryFailure | None = None) -> Candidate:
    return Candidate(name, f"SELECT {name}", ExecutionResult("", ("a",), rows, False, 0.0), failure)


EMPTY = QueryFailure("empty", "no rows")
FAILED = Candidate("c", "SELECT x", failure=QueryFailure("unknown_column", "no such column: x"))


@pytest.mark.parametrize(
    ("candidates", "chosen", "confidence"),
    [
        pytest.param((executed("a", (1,)),), "a", 0.85, id="the only one"),
        pytest.param((executed("a", (1,)), executed("b", (2,)), executed("c", (2,))), "b", 0.467, id="majority"),
        pytest.param((executed("a", (1,), (2,)), executed("b", (2,), (1,))), "a", 0.6, id="order does not split"),
        pytest.param((executed("a", (1,)), executed("b", (1,), (1,))), "a", 0.4, id="repeats count"),
        pytest.param((executed("a", failure=EMPTY), executed("b", (1,))), "b", 0.4, id="rows before none"),
        pytest.param(
            (executed("a", (1,)), *(executed(name, failure=EMPTY) for name in "bcd")), "a", 0.3, id="most found none"
        ),
        pytest.param(
            (executed("a", (1,)), *(executed(name, failure=EMPTY) for name in "bcdef")),
            "b",
            0.533,
            id="nearly all found none",
        ),
        pytest.param((executed("a", failure=EMPTY), FAILED), "a", 0.1, id="empty before failed"),
        pytest.param((executed("a", (0.1 + 0.2,)), executed("b", (0.3,))), "a", 0.6, id="float noise"),
        pytest.param((FAILED,), "", None, id="nothing was executed"),
        pytest.param((), "", None, id="nothing was written"),
    ],
)
async def test_the_result_most_queries_agree_on_is_chosen(run, candidates, chosen: str, confidence) -> None:
    done = await run(select, candidates=candidates)
    assert done.updates == {"chosen": chosen, "confidence": pytest.approx(confidence, abs=0.001)}


async def test_a_vote_weighs_what_the_model_thought_its_query_probable(run) -> None:
    unsure = [replace(executed(name, (1,)), logprob=-2.0) for name in "ab"]
    sure = replace(executed("c", (2,)), logprob=-0.1)
    done = await run(select, candidates=(*unsure, sure))
    assert done.updates["chosen"] == "c"
    assert done.updates["confidence"] > 0.5


EVEN = (executed("a", (1,)), executed("b", (2,)))


@pytest.mark.parametrize(
    ("judge", "candidates", "reply", "chosen"),
    [
        pytest.param("never", EVEN, "", "a", id="the vote decides alone"),
        pytest.param("ties", EVEN, '{"choice": 2}', "b", id="an even vote is judged"),
        pytest.param("ties", (*EVEN, executed("c", (1,))), "", "a", id="a clear vote is not"),
        pytest.param("always", (*EVEN, executed("c", (1,))), '{"choice": 2}', "b", id="a clear vote may be overruled"),
        pytest.param("ties", EVEN, '{"choice": 7}', "a", id="what is no choice changes nothing"),
        pytest.param("ties", EVEN, "the second", "a", id="neither does what is no JSON"),
    ],
)
async def test_the_chat_model_chooses_where_it_is_asked_to(run, judge, candidates, reply: str, chosen: str) -> None:
    done = await run(select, candidates=candidates, options={"judge": judge}, replies=(reply,) if reply else ())
    assert done.updates["chosen"] == chosen
    if reply:
        assert "1. SELECT a\n   gives 1 rows: a\n   1\n2. SELECT b" in done.prompt
        assert done.model.options[0]["json_schema"]["properties"]["choice"] == {"enum": [1, 2]}


async def test_what_is_suspicious_is_chosen_before_what_is_empty_unless_nearly_all_are(run) -> None:
    suspicious = executed("b", (1,), failure=QueryFailure("suspicious", "it joins what is not used"))
    done = await run(select, candidates=(executed("a", failure=EMPTY), suspicious))
    assert done.updates["chosen"] == "b"
    done = await run(select, candidates=(*(executed(name, failure=EMPTY) for name in "acdef"), suspicious))
    assert done.updates["chosen"] == "a"
