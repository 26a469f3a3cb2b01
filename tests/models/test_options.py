"""How each kind of server is asked for the same options."""

import pytest

from agentsql.models.options import CallOptions, refused_option, request_body

GRAMMAR = "root ::= x"
SCHEMA = {"type": "object"}
RESPONSE_FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
}


@pytest.mark.parametrize(
    ("kind", "options", "fields", "degraded"),
    [
        pytest.param(
            "vllm",
            CallOptions(n=3, temperature=0.8),
            {"n": 3, "temperature": 0.8, "seed": 20_211},
            (),
            id="vllm gives n at once",
        ),
        pytest.param("vllm", CallOptions(n=3), {}, ("n",), id="vllm refuses n without sampling"),
        pytest.param(
            "llama.cpp",
            CallOptions(n=3, temperature=0.8),
            {"n": 3, "temperature": 0.8, "seed": 20_211, "logprobs": True},
            (),
            id="llama.cpp gives n at once and counts tokens by their logprobs",
        ),
        pytest.param(
            "llama.cpp",
            CallOptions(n=30),
            {"n": 8, "logprobs": True},
            (),
            id="at most as many at once as there are slots",
        ),
        pytest.param(
            "vllm",
            CallOptions(grammar=GRAMMAR),
            {"structured_outputs": {"grammar": GRAMMAR}},
            (),
            id="vllm grammar",
        ),
        pytest.param("llama.cpp", CallOptions(grammar=GRAMMAR), {"grammar": GRAMMAR}, (), id="llama.cpp grammar"),
        pytest.param("openai", CallOptions(grammar=GRAMMAR), {}, ("grammar",), id="openai has no grammars"),
        pytest.param("vllm", CallOptions(json_schema=SCHEMA), {"structured_outputs": {"json": SCHEMA}}, (), id="vllm"),
        pytest.param("openai", CallOptions(json_schema=SCHEMA), {"response_format": RESPONSE_FORMAT}, (), id="openai"),
        pytest.param("llama.cpp", CallOptions(top_k=20), {"top_k": 20}, (), id="llama.cpp top-k"),
        pytest.param("vllm", CallOptions(top_k=20), {"top_k": 20}, (), id="vllm top-k"),
        pytest.param("openai", CallOptions(logprobs=True), {"logprobs": True}, (), id="logprobs"),
    ],
)
def test_each_server_is_told_in_its_own_words(kind, options, fields, degraded):
    body = request_body(kind, options)
    assert body.fields == {"max_tokens": 512, "temperature": 0.0} | fields
    assert body.degraded == degraded


def test_completions_that_are_asked_for_later_have_another_seed():
    options = CallOptions(n=3, temperature=0.8)
    assert (
        request_body("llama.cpp", options, given=8).fields["seed"] != request_body("llama.cpp", options).fields["seed"]
    )


def test_what_a_server_has_refused_is_left_out_and_recorded():
    body = request_body("openai", CallOptions(logprobs=True), frozenset({"logprobs", "temperature", "max_tokens"}))
    assert body.fields == {"max_completion_tokens": 512}
    assert body.degraded == ("logprobs", "temperature")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"),
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model.",
            "max_tokens",
        ),
        ("This model does not support response_format json_schema", "json_schema"),
        ("'top_p' must be lower", None),
        ("invalid role", None),
    ],
)
def test_a_refused_option_is_named_only_if_it_was_sent(message, expected):
    sent = request_body("openai", CallOptions(json_schema=SCHEMA)).fields
    assert refused_option("openai", sent, message) == expected


def test_the_two_servers_we_know_refuse_only_what_is_wrong():
    assert refused_option("llama.cpp", {"response_format": {}}, "response_format is invalid") is None


def test_two_constraints_at_once_are_the_callers_mistake():
    with pytest.raises(ValueError, match=r"not both"):
        CallOptions(json_schema=SCHEMA, grammar=GRAMMAR)
