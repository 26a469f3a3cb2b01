"""The step that decides whether a question needs the database."""

from __future__ import annotations

import pytest

from agentsql.steps.route import route


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("How many singers are there?", id="names a table"),
        pytest.param("What is the oldest age?", id="names a column"),
        pytest.param("SINGERS?", id="capitals and plural"),
        pytest.param("Which concert had a famous singer in it?", id="names two words of singer_in_concert"),
    ],
)
async def test_a_question_that_names_the_schema_needs_no_model(run, question: str) -> None:
    done = await run(route, question=question)
    assert done.updates == {"intent": "sql", "reason": ""}
    assert done.model.asked == []


async def test_a_value_alone_is_not_enough(run) -> None:
    done = await run(route, question="Will it rain in France?", replies=('{"intent": "refused", "reason": "No."}',))
    assert done.updates["intent"] == "refused"


@pytest.mark.parametrize("question", ["Delete all singers", "please drop the concert table", "Update age of singer 1"])
async def test_an_order_to_change_something_is_put_to_the_model(run, question: str) -> None:
    done = await run(route, question=question, replies=('{"intent": "refused", "reason": "It is read-only."}',))
    assert done.updates == {"intent": "refused", "reason": "It is read-only."}


@pytest.mark.parametrize("intent", ["chat", "clarify", "refused"])
async def test_the_models_verdict_is_followed(run, intent: str) -> None:
    done = await run(route, question="Hello!", replies=(f'{{"intent": "{intent}", "reason": "Because."}}',))
    assert done.updates == {"intent": intent, "reason": "Because."}
    assert done.model.options[0]["json_schema"]["properties"]["intent"]["enum"] == ["sql", "chat", "clarify", "refused"]


@pytest.mark.parametrize("reply", ["", "chat", '{"intent": "dance"}', "[1]", '{"intent": '])
async def test_a_reply_that_is_no_verdict_lets_the_question_go_on_as_sql(run, reply: str) -> None:
    done = await run(route, question="Hello!", replies=(reply,))
    assert done.updates["intent"] == "sql"
    assert done.event.notes == ("the chat model gave no intent; taken as sql",)
