"""The step that chooses the query whose result is the answer."""

from __future__ import annotations

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
        pytest.param((executed("a", (1,)),), "a", 1.0, id="the only one"),
        pytest.param((executed("a", (1,)), executed("b", (2,)), executed("c", (2,))), "b", 2 / 3, id="majority"),
        pytest.param((executed("a", (1,), (2,)), executed("b", (2,), (1,))), "a", 1.0, id="order does not split"),
        pytest.param((executed("a", (1,)), executed("b", (1,), (1,))), "a", 0.5, id="repeats count"),
        pytest.param((executed("a", failure=EMPTY), executed("b", (1,))), "b", 0.5, id="rows before none"),
        pytest.param((executed("a", failure=EMPTY), FAILED), "a", 1.0, id="empty before failed"),
        pytest.param((executed("a", (0.1 + 0.2,)), executed("b", (0.3,))), "a", 1.0, id="float noise"),
        pytest.param((FAILED,), "", None, id="nothing was executed"),
        pytest.param((), "", None, id="nothing was written"),
    ],
)
async def test_the_result_most_queries_agree_on_is_chosen(run, candidates, chosen: str, confidence) -> None:
    done = await run(select, candidates=candidates)
    assert done.updates == {"chosen": chosen, "confidence": confidence}
