"""Databases as models: with OpenAI's own client, and with LangChain's."""

from __future__ import annotations

import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI

from agentsql.serving.keys import Caller, KeyRing, hash_key
from agentsql.serving.openai_bodies import ChatMessage, read_chat
from agentsql.testing import ScriptedModel
from agentsql.types import Turn
from tests.serving.conftest import PATIENCE_S, SQL, scripted

QUESTION = "How many singers are there?"
CONTENT = f"```sql\n{SQL}\n```\n\n| count(\\*) |\n| --- |\n| 4 |\n\nThere are 4."


def openai_client(address: str, key: str = "none") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}/v1", api_key=key, timeout=PATIENCE_S, max_retries=0)


def test_each_database_is_a_model_that_answers_with_sql_rows_and_a_sentence(server):
    with openai_client(server("tiny", "other")) as client:
        assert [model.id for model in client.models.list()] == ["tiny", "other"]
        assert client.models.retrieve("other").id == "other"
        done = client.chat.completions.create(model="tiny", messages=[{"role": "user", "content": QUESTION}])
    assert done.choices[0].message.content == CONTENT
    assert done.choices[0].finish_reason == "stop"
    assert done.usage.prompt_tokens > 0 and done.usage.total_tokens > done.usage.completion_tokens > 0
    assert done.model_extra["agentsql"]["sql"] == SQL


def test_a_stream_gives_the_same_in_chunks_and_the_usage_at_its_end(server):
    with openai_client(server()) as client:
        chunks = list(
            client.chat.completions.create(
                model="tiny",
                messages=[{"role": "user", "content": QUESTION}],
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    steps = [chunk.choices[0].delta.model_extra.get("reasoning_content") for chunk in chunks if chunk.choices]
    assert said == CONTENT
    assert "generate\n" in steps
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.total_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_a_follow_up_knows_the_turns_that_the_client_sends(server):
    model = ScriptedModel(scripted)
    with openai_client(server(model=model)) as client:
        messages = [
            {"role": "user", "content": "How many singers are from France?"},
            {"role": "assistant", "content": CONTENT},
            {"role": "user", "content": QUESTION},
        ]
        client.chat.completions.create(model="tiny", messages=messages)
    prompt = "\n".join(message.content for message in model.asked[0])
    assert "How many singers are from France?" in prompt
    assert QUESTION in prompt


def test_the_turns_of_a_chat_are_read_back_from_its_messages():
    messages = [
        ("system", "A star is a singer."),
        ("user", "Who is the oldest?"),
        ("assistant", "```sql\nSELECT name FROM singer\n```\n\n| name |\n| --- |\n| Joe Sharp |\n\nJoe Sharp is."),
        ("user", [{"type": "text", "text": "And the youngest?"}]),
    ]
    chat = read_chat([ChatMessage(role=role, content=content) for role, content in messages])
    turn = Turn("Who is the oldest?", "SELECT name FROM singer", (), "Joe Sharp is.")
    assert (chat.question, chat.evidence, chat.history) == ("And the youngest?", "A star is a singer.", (turn,))


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        pytest.param({"model": "nowhere"}, 404, "model_not_found", id="unknown model"),
        pytest.param({"messages": []}, 400, "too_short", id="no messages"),
        pytest.param({"n": 2}, 400, "literal_error", id="two answers"),
        pytest.param({"tools": [{"type": "function", "function": {"name": "f"}}]}, 400, "too_long", id="tools"),
        pytest.param(
            {"messages": [{"role": "user", "content": "x" * 10_001}]}, 400, "question_too_long", id="too long"
        ),
    ],
)
def test_errors_have_the_shape_that_its_clients_read(server, wrong, status, code):
    with openai_client(server()) as client, pytest.raises(openai.APIStatusError) as refused:
        request = {"model": "tiny", "messages": [{"role": "user", "content": QUESTION}], **wrong}
        client.chat.completions.create(**request)
    assert (refused.value.status_code, refused.value.code) == (status, code)


def test_a_stream_that_fails_raises_in_the_client(server):
    from agentsql.errors import ModelUnreachableError

    with openai_client(server(model=ScriptedModel(ModelUnreachableError("nobody there")))) as client:
        stream = client.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": QUESTION}], stream=True
        )
        with pytest.raises(openai.APIError, match="nobody there"):
            list(stream)


def test_the_key_is_the_one_that_openai_clients_send(server):
    keys = KeyRing(None, {hash_key("right"): Caller("ann")})
    address = server(keys=keys)
    with openai_client(address, "wrong") as client, pytest.raises(openai.AuthenticationError):
        client.models.list()
    with openai_client(address, "right") as client:
        assert [model.id for model in client.models.list()] == ["tiny"]


def test_langchain_chats_with_a_database(server):
    address = server()
    chat = ChatOpenAI(model="tiny", base_url=f"{address}/v1", api_key="none", timeout=PATIENCE_S, max_retries=0)
    asked = [SystemMessage("A star is a singer."), HumanMessage("Hello"), AIMessage("Hi"), HumanMessage(QUESTION)]
    assert chat.invoke(asked).content == CONTENT
    assert "".join(str(chunk.content) for chunk in chat.stream(asked)) == CONTENT
