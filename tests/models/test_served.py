"""The endpoint of a server, against a scripted one."""

import asyncio
import socket

import pytest

from agentsql.errors import (
    ContextTooLongError,
    ModelDeadlineError,
    ModelError,
    ModelKeyError,
    ModelNotFoundError,
    ModelUnreachableError,
)
from agentsql.models.spec import open_endpoint
from agentsql.settings import ModelSettings
from agentsql.types import Completion, Message, Usage

from .conftest import Reply, chat_chunks, chat_completion

QUESTION = [Message("system", "You write SQL."), Message("user", "How many?")]
QUICK = ModelSettings(retries=0, deadline_s=5.0)


async def ask(spec, settings=QUICK, **options):
    endpoint = open_endpoint(spec, settings=settings)
    try:
        return await endpoint.complete(QUESTION, **options)
    finally:
        await endpoint.close()


def error(status, message, **headers):
    return Reply(status, {"error": {"message": message, "type": "x", "code": status}}, headers)


async def test_a_completion_comes_with_its_usage(model_server):
    (completion,) = await ask(f"vllm:base@{model_server.url}")
    assert completion.usage.seconds > 0
    usage = Usage(1, 10, 2, 8, completion.usage.seconds)
    assert completion == Completion("SELECT 1", "stop", None, usage)
    assert model_server.requests[0] == {
        "model": "base",
        "messages": [{"role": "system", "content": "You write SQL."}, {"role": "user", "content": "How many?"}],
        "max_tokens": 512,
        "temperature": 0.0,
        "stream": False,
    }


async def test_n_texts_come_from_one_request_with_their_own_logprobs(model_server):
    body = chat_completion("a", "b", logprobs=[-1.0, -3.0])
    body["choices"][1]["logprobs"] = {"content": [{"token": "y", "logprob": -0.5}]}
    model_server.replies = [Reply(body=body)]
    first, second = await ask(f"vllm:base@{model_server.url}", n=2, logprobs=True)
    assert (first.text, first.logprob, first.usage.prompt_tokens) == ("a", -2.0, 10)
    assert (second.text, second.logprob, second.usage) == ("b", -0.5, Usage())
    assert len(model_server.requests) == 1


async def test_a_server_that_ignores_n_is_asked_again_and_that_is_recorded(model_server):
    completions = await ask(f"openai:base@{model_server.url}", n=3)
    assert [one.degraded for one in completions] == [("n",)] * 3
    assert completions[0].usage.prompt_tokens == 30
    assert [request.get("n") for request in model_server.requests] == [3, None, None]


async def test_an_option_that_the_server_refuses_is_left_out_and_recorded(model_server):
    model_server.replies = [error(400, "logprobs are not supported"), Reply(body=chat_completion("x"))]
    (completion,) = await ask(f"openai:base@{model_server.url}", logprobs=True)
    assert completion.degraded == ("logprobs",)
    assert ["logprobs" in request for request in model_server.requests] == [True, False]


async def test_top_k_goes_to_the_server_and_is_recorded_where_that_does_not_know_it(model_server):
    refusal = error(400, "Unrecognized request argument supplied: top_k")
    model_server.replies = [Reply(body=chat_completion("x")), refusal, Reply(body=chat_completion("x"))]
    (taken,) = await ask(f"vllm:base@{model_server.url}", temperature=0.8, top_k=20)
    (refused,) = await ask(f"openai:base@{model_server.url}", temperature=0.8, top_k=20)
    assert [one.degraded for one in (taken, refused)] == [(), ("top_k",)]
    assert [request.get("top_k") for request in model_server.requests] == [20, 20, None]


async def test_a_server_that_goes_on_refusing_an_option_is_asked_without_it_once(model_server):
    model_server.replies = [error(400, "logprobs are not supported")]
    with pytest.raises(ModelError, match=r"logprobs are not supported"):
        await ask(f"openai:base@{model_server.url}", logprobs=True)
    assert len(model_server.requests) == 2


async def test_tokens_are_handed_on_as_they_arrive(model_server):
    model_server.replies = [Reply(body=chat_chunks("SELECT", " 1"))]
    pieces = []
    (completion,) = await ask(f"vllm:base@{model_server.url}", on_token=pieces.append)
    assert pieces == ["SELECT", " 1"]
    assert (completion.text, completion.usage.cached_tokens) == ("SELECT 1", 8)


async def test_nothing_listening_names_the_url_and_what_to_do():
    with socket.socket() as held:  # bound and not listening: the connection is refused
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
        with pytest.raises(ModelUnreachableError, match=rf"no answer from {url} .*; start it \(`vllm serve MODEL`\)"):
            await ask(f"vllm:base@{url}")


async def test_a_wrong_model_name_lists_what_the_server_has(model_server):
    model_server.replies = [error(404, "The model `qwen2.5-coder` does not exist.")]
    with pytest.raises(ModelNotFoundError, match=r"mean 'qwen2.5-coder-3b'\?; it serves 'qwen2.5-coder-3b', 'base'"):
        await ask(f"vllm:qwen2.5-coder@{model_server.url}")


async def test_a_404_without_a_model_list_doubts_the_url(model_server):
    model_server.replies, model_server.models = [error(404, "Not Found")], []
    with pytest.raises(ModelNotFoundError, match=r"ending in /v1"):
        await ask(f"vllm:base@{model_server.url}")


async def test_a_prompt_that_is_too_long_says_by_how_much(model_server):
    model_server.replies = [error(400, "request (9015 tokens) exceeds the available context size (8192 tokens)")]
    with pytest.raises(ContextTooLongError, match=r"9015 tokens, 823 more than its 8192; lower"):
        await ask(f"vllm:base@{model_server.url}")


async def test_a_refused_key_is_named_by_its_variable_only(model_server, monkeypatch):
    monkeypatch.setenv("VLLM_API_KEY", "geheim")
    model_server.replies = [error(401, "Invalid API Key geheim")]
    with pytest.raises(ModelKeyError, match=r"VLLM_API_KEY") as caught:
        await ask(f"vllm:base@{model_server.url}")
    assert model_server.keys == ["Bearer geheim"]
    assert "geheim" not in str(caught.value)


async def test_the_deadline_covers_retries_and_waiting(model_server):
    model_server.replies = [error(503, "loading")]
    settings = ModelSettings(retries=100)
    with pytest.raises((ModelDeadlineError, ModelUnreachableError)):
        await asyncio.wait_for(ask(f"vllm:base@{model_server.url}", settings, deadline_s=0.5), timeout=2)


async def test_a_server_that_never_answers_runs_into_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(ModelDeadlineError, match=r"within 0.3 s"):
            await ask(f"vllm:base@{url}", deadline_s=0.3)


async def test_a_busy_server_is_asked_again_when_it_says(model_server):
    model_server.replies = [error(429, "slow down", **{"Retry-After": "0"}), Reply(body=chat_completion("x"))]
    (completion,) = await ask(f"vllm:base@{model_server.url}", ModelSettings(retries=1))
    assert (completion.text, len(model_server.requests)) == ("x", 2)


async def test_a_wait_longer_than_the_deadline_is_not_begun(model_server):
    model_server.replies = [error(429, "slow down", **{"Retry-After": "60"})]
    with pytest.raises(ModelUnreachableError, match=r"slow down"):
        await ask(f"vllm:base@{model_server.url}", ModelSettings(retries=5, deadline_s=5))


async def test_a_stream_that_dies_is_asked_again_if_nothing_was_handed_on(model_server):
    model_server.replies = [Reply(body=[], cut=True), Reply(body=chat_chunks("x"))]
    pieces = []
    settings = ModelSettings(retries=1)
    (completion,) = await ask(f"vllm:base@{model_server.url}", settings, on_token=pieces.append)
    assert (completion.text, pieces) == ("x", ["x"])


@pytest.mark.parametrize(
    ("again", "handed"),
    [
        pytest.param(("SEL", "ECT 1", " + 1"), ["SELECT", " 1", " + 1"], id="the same text goes on"),
        pytest.param(("WITH", " x"), ["SELECT"], id="another text is not mixed into it"),
    ],
)
async def test_a_stream_that_dies_in_the_middle_is_asked_again(model_server, again, handed):
    model_server.replies = [
        Reply(body=chat_chunks("SELECT", finished=False), cut=True),
        Reply(body=chat_chunks(*again)),
    ]
    pieces = []
    (completion,) = await ask(f"vllm:base@{model_server.url}", ModelSettings(retries=1), on_token=pieces.append)
    assert completion.text == "".join(again)
    assert pieces == handed


async def test_a_stream_that_dies_every_time_is_an_error(model_server):
    model_server.replies = [Reply(body=chat_chunks("SELECT", finished=False), cut=True)]
    with pytest.raises(ModelUnreachableError, match=r"no answer from"):
        await ask(f"vllm:base@{model_server.url}", ModelSettings(retries=1), on_token=lambda _: None)
    assert len(model_server.requests) == 2


async def test_a_stream_that_ends_too_early_is_an_error(model_server):
    model_server.replies = [Reply(body=chat_chunks("SELECT", finished=False))]
    with pytest.raises(ModelUnreachableError, match=r"ended before the answer did"):
        await ask(f"vllm:base@{model_server.url}", on_token=lambda _: None)


@pytest.mark.parametrize("body", ["<html>hello</html>", "{", {"choices": None}, {"choices": []}, {}, [], 7])
async def test_an_answer_that_is_no_chat_completion_is_an_error(model_server, body):
    model_server.replies = [Reply(body=body)]
    with pytest.raises(ModelUnreachableError, match=r"sent no chat completion"):
        await ask(f"openai:base@{model_server.url}")


async def test_a_grammar_that_the_server_refuses_is_not_dropped(model_server):
    model_server.replies = [error(400, "failed to parse grammar")]
    with pytest.raises(ModelError, match=r"refused the request for .* failed to parse grammar"):
        await ask(f"vllm:base@{model_server.url}", grammar="root ::= nothing")


async def test_a_dead_replica_is_passed_over(model_server, second_server):
    dead = second_server.url
    second_server.close()
    endpoint = open_endpoint(f"vllm:base@{dead},{model_server.url}", settings=ModelSettings(retries=1))
    try:
        for number in range(4):
            await endpoint.complete([Message("system", f"schema {number}")])
    finally:
        await endpoint.close()
    assert len(model_server.requests) == 4


async def test_one_schema_stays_with_one_replica_while_that_is_free(model_server, second_server):
    endpoint = open_endpoint(f"vllm:base@{model_server.url},{second_server.url}", settings=QUICK)
    try:
        for schema in ("a", "b", "c", "d"):
            for _ in range(3):
                await endpoint.complete([Message("system", schema)])
    finally:
        await endpoint.close()
    homes = [{request["messages"][0]["content"] for request in one.requests} for one in (model_server, second_server)]
    assert homes[0].isdisjoint(homes[1])
    assert all(homes)
