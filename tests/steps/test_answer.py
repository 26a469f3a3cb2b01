"""The step that words the result."""

from __future__ import annotations

import math

import pytest

from agentsql.steps.answer import answer, numbers_not_in, sentence_from_rows
from agentsql.types import Candidate, ExecutionResult, QueryFailure, Turn


def result(columns: tuple[str, ...], *rows, truncated: bool = False) -> ExecutionResult:
    return ExecutionResult("SELECT 1", columns, rows, truncated, 0.0)


COUNT = Candidate("full-1", "SELECT count(*) FROM singer", result(("count(*)",), (4,)))


async def test_the_models_sentence_is_given_when_it_agrees_with_the_rows(run) -> None:
    done = await run(answer, candidates=(COUNT,), chosen="full-1", replies=("There are 4 singers.",))
    assert done.updates["status"] == "answered"
    assert done.updates["text"] == "There are 4 singers."
    assert done.updates["history"] == (
        Turn("How many singers are there?", COUNT.sql, ("count(*)",), "There are 4 singers."),
    )


async def test_a_sentence_with_another_number_is_replaced_by_the_rows(run) -> None:
    done = await run(answer, candidates=(COUNT,), chosen="full-1", replies=("There are 5 singers.",))
    assert done.updates["text"] == "The result is 4."
    assert done.event.notes == ("the chat model's sentence had 5, which the result has not",)


@pytest.mark.parametrize("reply", ["SELECT count(*) FROM singer", "```sql\nSELECT 4\n```", ""])
async def test_sql_or_nothing_in_place_of_a_sentence_is_replaced_by_the_rows(run, reply: str) -> None:
    done = await run(answer, candidates=(COUNT,), chosen="full-1", replies=(reply,))
    assert done.updates["text"] == "The result is 4."


async def test_without_a_model_the_rows_speak(run) -> None:
    done = await run(answer, candidates=(COUNT,), chosen="full-1", options={"by": "rows"})
    assert done.updates["text"] == "The result is 4."
    assert done.model.asked == []


async def test_a_large_result_is_not_put_to_the_model(run) -> None:
    many = Candidate("full-1", "SELECT 1", result(("a",), *((number,) for number in range(50))))
    done = await run(answer, candidates=(many,), chosen="full-1")
    assert done.updates["text"] == "50 rows of a; the first is 0."


@pytest.mark.parametrize(
    ("failure", "status", "text"),
    [
        pytest.param(
            QueryFailure("refused", "DELETE writes"), "refused", "The query was refused: DELETE writes.", id="refused"
        ),
        pytest.param(
            QueryFailure("syntax", "near FROM"), "failed", "No query could be run: near FROM.", id="never ran"
        ),
    ],
)
async def test_a_failure_is_never_worded_as_an_answer(run, failure: QueryFailure, status: str, text: str) -> None:
    done = await run(answer, candidates=(Candidate("full-1", "x", failure=failure),), chosen="")
    assert done.updates == {"status": status, "text": text}


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        pytest.param(result(("a",)), "No rows match.", id="empty"),
        pytest.param(result(("a",), (None,)), "a: NULL.", id="NULL"),
        pytest.param(result(("a",), (math.nan,)), "a: nan.", id="not a number"),
        pytest.param(result(("a",), (b"\x00\x01",)), "a: 2 bytes.", id="BLOB"),
        pytest.param(result(("a", "b"), (1, "x")), "a: 1; b: x.", id="one row"),
        pytest.param(result(("a",), ("x",), ("y",)), "2 rows: x, y.", id="one column"),
        pytest.param(result(("a", "b"), (1, 2), (3, 4)), "2 rows of a, b; the first is 1, 2.", id="table"),
        pytest.param(
            result(("a", "b"), (1, 2), (3, 4), truncated=True), "More than 2 rows of a, b; the first is 1, 2.", id="cut"
        ),
    ],
)
def test_a_plain_sentence_says_what_the_rows_hold(found: ExecutionResult, sentence: str) -> None:
    assert sentence_from_rows(found) == sentence


@pytest.mark.parametrize(
    ("text", "source", "strange"),
    [
        pytest.param("4 singers", "4", (), id="same"),
        pytest.param("1,234 items", "1234", (), id="thousands"),
        pytest.param("about 12.35", "12.3456", (), id="rounded"),
        pytest.param("12.4", "12.3456", ("12.4",), id="rounded wrongly"),
        pytest.param("since 2014 there were 3", "2014 | 2", ("3",), id="one of two"),
        pytest.param("no numbers", "7", (), id="none"),
        pytest.param("version 1.2.3", "1.2.3", (), id="not a number"),
    ],
)
def test_numbers_that_the_result_has_not_are_found(text: str, source: str, strange: tuple[str, ...]) -> None:
    assert numbers_not_in(text, source) == strange


@pytest.mark.parametrize(
    "reply", ["There is 1 singer.", "There are many singers.", "There is one row with 4000 singers."]
)
async def test_a_sentence_must_hold_the_number_that_is_the_result(run, reply: str) -> None:
    done = await run(answer, candidates=(COUNT,), chosen="full-1", replies=(reply,))
    assert done.updates["text"] == "The result is 4."


SINGERS = Candidate(
    "full-1", "SELECT name, age FROM singer", result(("name", "age"), ("Joe Sharp", 52), ("Ann", 3.14159))
)


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        pytest.param("They are Joe Sharp and Ann.", True, id="every row by its name"),
        pytest.param("They are JOE SHARP and ann, who is 3.14.", True, id="in any case, rounded"),
        pytest.param("Joe Sharp is one.", False, id="a row left out"),
        pytest.param("There are 2 singers.", False, id="only counted"),
        pytest.param("They are 52 and 3.14.", False, id="numbers in place of names"),
    ],
)
async def test_a_sentence_must_say_something_of_every_row(run, reply: str, kept: bool) -> None:
    done = await run(answer, candidates=(SINGERS,), chosen="full-1", replies=(reply,))
    plain = "2 rows of name, age; the first is Joe Sharp, 52."
    assert done.updates["text"] == (reply if kept else plain)


async def test_of_a_ranking_the_first_row_is_enough(run) -> None:
    ranked = Candidate(
        "full-1", "x", ExecutionResult("SELECT a FROM t ORDER BY a", ("a",), (("Ann",), ("Bo",)), False, 0.0)
    )
    first = await run(answer, candidates=(ranked,), chosen="full-1", replies=("Ann leads.",))
    assert first.updates["text"] == "Ann leads."
    other = await run(answer, candidates=(ranked,), chosen="full-1", replies=("Bo leads.",))
    assert other.updates["text"] == "2 rows: Ann, Bo."
