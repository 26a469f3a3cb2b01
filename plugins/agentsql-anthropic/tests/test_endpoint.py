"""The endpoint against a server that speaks the real protocol, and a question through the whole agent."""

from __future__ import annotations

import asyncio

import pytest
from messages_server import KEY, MODEL, running

from agentsql import SQLAgent
from agentsql.errors import (
    ContextTooLongError,
    ModelError,
    ModelKeyError,
    ModelNotFoundError,
    ModelUnreachableError,
    UsageError,
)
from agentsql.models.spec import open_endpoint
from agentsql.plugins import load_plugin
from agentsql.settings import ModelSettings
from agentsql.testing import check_model, tiny_database
from agentsql.types import Message
from agentsql_anthropic.opening import open_anthropic

MESSAGES = (Message("system", "You are terse."), Message("user", "How many singers are there?"))


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with running() as server:
        yield server


@pytest.fixture
async def endpoint(server):
    found = open_endpoint(f"anthropic:{MODEL}@{server.url}", settings=ModelSettings(retries=0))
    yield found
    await found.close()


async def test_a_completion_has_text_and_usage_with_what_came_from_the_cache(server, endpoint):
    (one,) = await endpoint.complete(MESSAGES, max_tokens=50, temperature=0.0)
    assert (one.text, one.finish_reason, one.degraded) == (server.reply, "stop", ())
    assert (one.usage.prompt_tokens, one.usage.completion_tokens, one.usage.cached_tokens) == (100, 7, 80)
    (asked,) = server.asked
    assert (asked["max_tokens"], asked["temperature"], "top_p" in asked) == (50, 0.0, False)


async def test_the_schema_that_every_prompt_begins_with_is_marked_for_the_cache(server, endpoint):
    await endpoint.complete(MESSAGES)
    marked = {"type": "text", "text": "You are terse.", "cache_control": {"type": "ephemeral"}}
    assert server.asked[0]["system"] == [marked]


async def test_a_streamed_completion_arrives_in_pieces(server, endpoint):
    pieces: list[str] = []
    (one,) = await endpoint.complete(MESSAGES, on_token=pieces.append)
    assert server.asked[0]["stream"] is True
    assert (one.text, "".join(pieces)) == (server.reply, server.reply)
    assert len(pieces) > 2
    assert (one.usage.prompt_tokens, one.usage.completion_tokens) == (100, 7)


async def test_a_text_that_was_cut_off_says_so(server, endpoint):
    server.stop_reason = "max_tokens"
    assert (await endpoint.complete(MESSAGES))[0].finish_reason == "length"


async def test_a_schema_goes_as_the_server_takes_it(server, endpoint):
    server.reply = '{"tables": []}'
    names = {"type": "array", "items": {"type": "string"}, "maxItems": 40}
    schema = {"type": "object", "properties": {"tables": names}, "required": ["tables"]}
    (one,) = await endpoint.complete(MESSAGES, json_schema=schema)
    sent = server.asked[0]["output_config"]["format"]
    assert (sent["type"], sent["schema"]["additionalProperties"]) == ("json_schema", False)
    assert "maxItems" not in sent["schema"]["properties"]["tables"]
    assert one.degraded == ()


async def test_what_a_model_refuses_is_left_out_from_then_on_and_said(server, endpoint):
    server.refusals = [
        (400, "invalid_request_error", "output_config: Extra inputs are not permitted"),
        (400, "invalid_request_error", "temperature: this model takes none"),
    ]
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    (one,) = await endpoint.complete(MESSAGES, json_schema=schema, temperature=0.7)
    assert set(one.degraded) == {"json_schema", "temperature"}
    assert not {"output_config", "temperature"} & set(server.asked[-1])
    await endpoint.complete(MESSAGES)
    assert len(server.asked) == 4


async def test_the_endpoint_keeps_the_contract(server, endpoint):
    server.reply = '{"yes": true}'
    await check_model(endpoint)


@pytest.mark.parametrize(
    ("refusal", "error", "said"),
    [
        ((403, "permission_error", "not yours"), ModelKeyError, "not yours"),
        ((400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000"), ContextTooLongError, "10000"),
        ((400, "invalid_request_error", "Your credit balance is too low"), ModelError, "credit balance"),
        ((429, "rate_limit_error", "too many tokens a minute"), ModelUnreachableError, "wait"),
        ((529, "overloaded_error", "Overloaded"), ModelUnreachableError, "overloaded"),
    ],
)  # fmt: skip
async def test_an_error_of_the_server_says_what_to_do(server, endpoint, refusal, error, said):
    server.refusals = [refusal]
    with pytest.raises(error, match=said):
        await endpoint.complete(MESSAGES)
    assert len(server.asked) == 1


async def test_what_may_pass_is_tried_again(server):
    endpoint = open_anthropic(f"{MODEL}@{server.url}", settings=ModelSettings(retries=2))
    server.refusals = [(529, "overloaded_error", "Overloaded")]
    assert (await endpoint.complete(MESSAGES))[0].text == server.reply
    await endpoint.close()


async def test_a_wrong_key_names_the_variable(server, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-wrong")
    endpoint = open_anthropic(f"{MODEL}@{server.url}", settings=ModelSettings(retries=0))
    with pytest.raises(ModelKeyError, match="ANTHROPIC_API_KEY") as caught:
        await endpoint.complete(MESSAGES)
    assert "sk-ant-wrong" not in str(caught.value)
    await endpoint.close()


async def test_an_unknown_model_is_named(server):
    endpoint = open_anthropic(f"claude-nonesuch@{server.url}", settings=ModelSettings(retries=0))
    with pytest.raises(ModelNotFoundError, match="claude-nonesuch"):
        await endpoint.complete(MESSAGES)
    await endpoint.close()


async def test_a_server_that_is_not_there_is_said_to_be_out_of_reach(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    endpoint = open_anthropic(f"{MODEL}@http://127.0.0.1:9", settings=ModelSettings(retries=0))
    with pytest.raises(ModelUnreachableError, match="cannot be reached"):
        await endpoint.complete(MESSAGES)
    await endpoint.close()


@pytest.mark.parametrize("rest", ["@http://127.0.0.1", "claude@", "claude@ftp://host", "claude@https://me:secret@host"])
def test_a_spec_that_makes_no_sense_is_refused(rest):
    with pytest.raises(UsageError) as caught:
        open_anthropic(rest, settings=ModelSettings())
    assert "secret" not in str(caught.value) or rest.startswith("@")


def test_without_a_key_the_spec_says_where_to_put_one(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(ModelKeyError, match="ANTHROPIC_API_KEY"):
        open_endpoint("anthropic:claude-test-1")


def test_one_process_may_ask_from_several_event_loops(server):
    async def ask() -> str:
        endpoint = open_anthropic(f"{MODEL}@{server.url}", settings=ModelSettings(retries=0))
        (one,) = await endpoint.complete(MESSAGES)
        await endpoint.close()
        return one.text

    assert [asyncio.run(ask()) for _ in range(3)] == [server.reply] * 3


def test_a_question_is_answered_through_the_whole_agent(server, tmp_path):
    with SQLAgent(
        tiny_database(tmp_path / "tiny.sqlite"), sql_model=f"anthropic:{MODEL}@{server.url}", graph="direct"
    ) as agent:
        answer = agent.ask("How many singers are there?")
    assert (answer.status, answer.rows, answer.usage.cached_tokens) == ("answered", ((4,),), 80)
    assert answer.trace[0].model_calls[0].model == f"anthropic:{MODEL}"


def test_agentsql_finds_the_plugin_by_the_word_before_the_colon():
    assert load_plugin("agentsql.models", "anthropic") is open_anthropic
