"""What a caller may ask of one model call, and how each kind of server is told; what it cannot do is dropped here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

ServerKind = Literal["llama.cpp", "vllm", "openai"]

MOST_COMPLETIONS = 8
"""Completions in one request to a local server: it has so many slots, and refuses more."""
_SEED = 20_211
"""Of every sampled request, so that a question asked again gets the same candidates, and the same vote."""


class CallArguments(TypedDict, total=False):
    """The keyword arguments of `Endpoint.complete`, for the signatures of those that implement it."""

    n: int
    temperature: float
    top_p: float
    top_k: int
    max_tokens: int
    json_schema: Mapping[str, Any] | None
    grammar: str | None
    logprobs: bool
    deadline_s: float | None
    on_token: Callable[[str], None] | None


@dataclass(frozen=True, slots=True)
class CallOptions:
    """The same with their defaults; ValueError if two of them exclude each other."""

    n: int = 1
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    max_tokens: int = 512
    json_schema: Mapping[str, Any] | None = None
    grammar: str | None = None
    logprobs: bool = False
    deadline_s: float | None = None
    on_token: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        if self.json_schema is not None and self.grammar is not None:
            raise ValueError("give a json_schema or a grammar, not both: no server can honour two constraints")
        if self.on_token is not None and self.n != 1:
            raise ValueError(f"on_token needs n = 1, got n = {self.n}")


@dataclass(frozen=True, slots=True)
class RequestBody:
    """One HTTP request's fields besides model and messages."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()
    """Names of options that these fields leave out."""


def request_body(
    kind: ServerKind, options: CallOptions, refused: frozenset[str] = frozenset(), *, given: int = 0
) -> RequestBody:
    """Give the fields by which a server of `kind` is asked for `options`.

    Args:
        refused: names of options that this server has refused before; they are left out.
        given: completions of the same call that have come already; the next ones must not repeat them.
    """
    dropped = set(refused)
    if kind == "openai":
        dropped.add("grammar")
    if kind == "vllm" and options.temperature == 0:
        dropped.add("n")  # it refuses more than one without sampling
    wanted = {
        "n": options.n > 1,
        "json_schema": options.json_schema is not None,
        "grammar": options.grammar is not None,
        "logprobs": options.logprobs,
        "temperature": options.temperature != 1.0,
        "top_p": options.top_p != 1.0,
        "top_k": options.top_k > 0,
    }
    degraded = tuple(name for name, asked in wanted.items() if asked and name in dropped)
    asked = {name for name, asked in wanted.items() if asked and name not in dropped}
    fields: dict[str, Any] = {"max_completion_tokens" if "max_tokens" in dropped else "max_tokens": options.max_tokens}
    for name in asked & {"n", "temperature", "top_p", "top_k", "logprobs"}:
        fields[name] = getattr(options, name)
    if kind != "openai" and options.temperature > 0:
        fields["seed"] = _SEED + given
    if kind == "llama.cpp" and "n" in fields:
        fields["n"] = min(options.n, MOST_COMPLETIONS)
        fields["logprobs"] = True  # its usage counts the tokens of one completion; these are counted one by one
    if asked & {"json_schema", "grammar"}:
        fields |= _constraint(kind, options)
    return RequestBody(fields, degraded)


def _constraint(kind: ServerKind, options: CallOptions) -> dict[str, Any]:
    """Give the field that constrains the text; vLLM and llama.cpp ignore each other's in silence."""
    if options.grammar is not None:
        return {"structured_outputs": {"grammar": options.grammar}} if kind == "vllm" else {"grammar": options.grammar}
    schema = dict(options.json_schema or {})
    if kind == "vllm":
        return {"structured_outputs": {"json": schema}}
    named = {"name": "answer", "schema": schema, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


# How servers name the option that they refuse. Only these may be dropped: an invalid grammar stays an error.
_REFUSED_FIELDS = (
    ("json_schema", r"response_format|json_schema"),
    ("logprobs", r"logprobs"),
    ("max_tokens", r"'max_tokens' is not supported"),
    ("temperature", r"temperature"),
    ("top_p", r"top_p"),
    ("top_k", r"top_k"),
    ("n", r"[`'\"]n[`'\"]|more than one completion"),
)


def refused_option(kind: ServerKind, sent: Mapping[str, Any], message: str) -> str | None:
    """Name the option that a server's error message refuses, if it can be left out.

    Args:
        sent: fields of the request that was refused; an option that is not among them cannot be the cause.
    """
    if kind != "openai":
        return None  # for the two servers we know, a refusal is the caller's mistake
    spelled = {"json_schema": "response_format"}
    for name, pattern in _REFUSED_FIELDS:
        if spelled.get(name, name) in sent and re.search(pattern, message):
            return name
    return None
