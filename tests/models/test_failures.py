"""Servers' errors, as they were recorded, sorted by cause."""

import httpx2
import openai
import pytest

from agentsql.models.failures import CallFailure, classify, retry_after_s

REQUEST = httpx2.Request("POST", "http://127.0.0.1:1/v1/chat/completions")


def status_error(status, message, headers=None):
    response = httpx2.Response(status, request=REQUEST, headers=headers)
    return openai.APIStatusError(message, response=response, body={"message": message})


# Recorded from the servers named.
TOO_LONG = [
    pytest.param(
        "request (9015 tokens) exceeds the available context size (8192 tokens), try increasing it",
        (9015, 8192),
        id="llama.cpp",
    ),
    pytest.param(
        "You passed 1193 input tokens and requested 7000 output tokens. However, the model's context length is only"
        " 8192 tokens, resulting in a maximum input length of 1192 tokens. Please reduce the length of the prompt.",
        (8193, 8192),
        id="vLLM 2026",
    ),
    pytest.param(
        "This model's maximum context length is 4096 tokens. However, you requested 64 output tokens and your prompt"
        " contains at least 4033 input tokens, for a total of at least 4097 tokens. Please reduce the length",
        (4097, 4096),
        id="vLLM, prompt cut off while counting",
    ),
    pytest.param(
        "'max_tokens' or 'max_completion_tokens' is too large: 8000. This model's maximum context length is 4096 tokens"
        " and your request has 2778 input tokens (8000 > 4096 - 2778). None",
        (10778, 4096),
        id="vLLM 0.10",
    ),
    pytest.param(
        "This model's maximum context length is 32768 tokens. However, you requested 39558 tokens (38534 in the"
        " messages, 1024 in the completion). Please reduce the length of the messages or completion.",
        (39558, 32768),
        id="vLLM 0.6 and OpenAI",
    ),
    pytest.param(
        "This model's maximum context length is 128,000 tokens. However, your messages resulted in 130,000 tokens.",
        (130000, 128000),
        id="OpenAI",
    ),
    pytest.param(
        "You passed 90 input characters. However, the model's context length is only 8", (None, 8), id="no count"
    ),
    pytest.param("context_length_exceeded", (None, None), id="code only"),
]


@pytest.mark.parametrize(("message", "sizes"), TOO_LONG)
def test_a_prompt_that_is_too_long_is_recognised_with_its_size(message, sizes):
    failure = classify(status_error(400, message))
    assert (failure.cause, failure.needed, failure.limit) == ("too_long", *sizes)
    assert not failure.passing


@pytest.mark.parametrize(
    ("exc", "cause"),
    [
        (status_error(401, "Invalid API Key"), "key"),
        (status_error(404, "The model `x` does not exist."), "unknown_model"),
        (status_error(400, "model 'x' not found"), "unknown_model"),
        (status_error(500, "boom"), "busy"),
        (status_error(400, "Failed to initialize samplers: failed to parse grammar"), "refused"),
        (openai.APIConnectionError(request=REQUEST), "unreachable"),
        (httpx2.RemoteProtocolError("peer closed connection"), "unreachable"),
        (ValueError("Expecting value: line 1 column 1"), "broken"),
    ],
)
def test_each_exception_has_one_cause(exc, cause):
    assert classify(exc).cause == cause


def test_a_busy_server_says_how_long_to_wait():
    assert classify(status_error(429, "slow down", {"Retry-After": "7"})) == CallFailure("busy", "slow down", 7.0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2.5", 2.5), ("-1", 0.0), ("Thu, 01 Jan 1970 00:01:00 GMT", 50.0), ("soon", None), (None, None)],
)
def test_retry_after_is_seconds_or_a_date(value, expected):
    headers = {} if value is None else {"retry-after": value}
    assert retry_after_s(headers, now=10.0) == expected
