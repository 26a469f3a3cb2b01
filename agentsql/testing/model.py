"""The check of a model: all that agentsql asks of an endpoint is asked of it."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

from agentsql.errors import ModelError
from agentsql.models.endpoint import Endpoint
from agentsql.models.spec import open_endpoint
from agentsql.types import Completion, Message, Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_MESSAGES = (Message("system", "You are terse."), Message("user", "Say yes."))
_SCHEMA = {"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"]}
_GRAMMAR = 'root ::= "yes" | "no"'
_OPTIONS = ("temperature", "top_p", "top_k", "max_tokens", "json_schema", "grammar", "logprobs")
_BLOCKED_S = 1.5
"""A call during which the event loop stood still for as long, and most of the time, blocks it."""
_SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD")
_SHORTEST_SECRET = 8


async def check_model(endpoint: Endpoint | BaseChatModel) -> None:
    """Ask an endpoint for one completion, several, a streamed one, a bounded one and one as JSON, and look at them.

    Args:
        endpoint: as a plugin's entry point gives it; `agentsql.models.spec.open_endpoint("SPEC")` opens it by its spec.

    Raises:
        AssertionError: something does not fit the contract; the text says how to mend it.
    """
    known = isinstance(endpoint, Endpoint) or hasattr(endpoint, "ainvoke")
    assert known and not isinstance(endpoint, type), (
        f"{type(endpoint).__name__} is neither an agentsql.models.endpoint.Endpoint, which has `name`, `complete` and "
        "`close`, nor a LangChain chat model"
    )
    endpoint = open_endpoint(endpoint)
    _check_name(endpoint)
    (one,) = await _ask(endpoint, max_tokens=8)
    assert one.usage.calls >= 1, "the first completion must carry the request's Usage with calls = 1 or more"
    two = await _ask(endpoint, n=2, max_tokens=8)
    assert two[1].usage == Usage(), "the request's Usage belongs to the first completion; give Usage() to the others"
    await _ask(endpoint, temperature=0.7, top_p=0.9, top_k=20, max_tokens=8)
    await _check_blocking(endpoint)  # the first calls may import, and load, what they need
    await _check_stream(endpoint)
    await _check_constraints(endpoint)
    await _check_deadline(endpoint)
    together = await asyncio.gather(*(_ask(endpoint, max_tokens=8) for _ in range(4)))
    assert len(together) == 4
    await _close_twice(endpoint)


def _check_name(endpoint: Endpoint) -> None:
    name = getattr(endpoint, "name", "")
    assert isinstance(name, str) and name, "an endpoint needs a `name`: its spec, without a key"
    for variable, value in os.environ.items():
        if len(value) >= _SHORTEST_SECRET and any(word in variable.upper() for word in _SECRET_WORDS):
            assert value not in name, f"`name` holds the value of {variable}, and names are written into traces"


async def _ask(endpoint: Endpoint, *, n: int = 1, **options: Any) -> tuple[Completion, ...]:
    """Give the completions, after a look at what is promised of all of them."""
    given = list(_MESSAGES)
    try:
        found: object = await endpoint.complete(given, n=n, **options)
    except TypeError as exc:
        if "unexpected keyword" not in str(exc):
            raise
        raise AssertionError(
            f"complete() does not take all its arguments ({exc}); write it as agentsql.models.endpoint.Endpoint does, "
            "and name what the server cannot do in Completion.degraded"
        ) from exc
    except (ModelError, AssertionError):
        raise
    # Foreign code: a client may raise anything, and the agent handles ModelError alone.
    except Exception as exc:
        raise AssertionError(
            f"complete() raised {type(exc).__name__} ({exc}); turn it into an agentsql.errors.ModelError, by cause"
        ) from exc
    assert given == list(_MESSAGES), "complete() must leave the messages as they are: they are shared between calls"
    assert isinstance(found, tuple) and all(isinstance(one, Completion) for one in found), (
        f"complete() must give a tuple of Completion, gave {_shown(found)}"
    )
    count = {1: "one completion", 2: "two completions"}[n]
    assert len(found) == n, f"complete(n={n}) must give {count}, gave {len(found)}"
    for one in found:
        _check_completion(one)
    return found


async def _check_blocking(endpoint: Endpoint) -> None:
    """Ask while another task ticks; a call during which that stands still would stop every other question too."""
    blocked_s = 0.0
    for _ in range(2):  # whatever else holds up a busy machine does so once, and a client that blocks does always
        stood_s, seconds = await _longest_stand(endpoint)
        if stood_s < _BLOCKED_S or stood_s < 0.8 * seconds:
            return
        blocked_s = max(blocked_s, stood_s)
    raise AssertionError(
        f"complete() blocked the event loop for {blocked_s:.1f} s: await an async client, or asyncio.to_thread(…)"
    )


async def _longest_stand(endpoint: Endpoint) -> tuple[float, float]:
    """Give the longest time that the event loop stood still during a call, and the call's own, in seconds."""
    clock = asyncio.get_running_loop().time
    stood_s = 0.0

    async def tick() -> None:
        nonlocal stood_s
        last = clock()
        while True:
            await asyncio.sleep(0.01)
            stood_s, last = max(stood_s, clock() - last), clock()

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    started = clock()
    try:
        await _ask(endpoint, max_tokens=8)
        seconds = clock() - started
        await asyncio.sleep(0.02)
    finally:
        ticking.cancel()
    return stood_s, seconds


def _check_completion(one: Completion) -> None:
    assert isinstance(one.text, str), f"Completion.text must be a str, is {type(one.text).__name__}"
    assert one.finish_reason in ("stop", "length"), (
        f"Completion.finish_reason must be 'stop' or 'length', is {one.finish_reason!r}"
    )
    unknown = sorted(set(one.degraded) - set(_OPTIONS))
    assert not isinstance(one.degraded, str) and not unknown, (
        f"Completion.degraded names options of complete(), such as ('json_schema',); got {one.degraded!r}"
    )


async def _check_stream(endpoint: Endpoint) -> None:
    pieces: list[str] = []
    (one,) = await _ask(endpoint, max_tokens=8, on_token=pieces.append)
    assert "".join(pieces) == one.text, (
        f"on_token was called with {pieces!r}, and the text is {one.text!r}: call it with each piece, or once with all"
    )


async def _check_constraints(endpoint: Endpoint) -> None:
    (reply,) = await _ask(endpoint, max_tokens=32, json_schema=_SCHEMA)
    if "json_schema" not in reply.degraded:
        try:
            found = json.loads(reply.text)
        except ValueError as exc:
            raise AssertionError(
                f"asked for JSON, got {reply.text!r}; honour json_schema or name it in Completion.degraded"
            ) from exc
        assert isinstance(found, dict) and isinstance(found.get("yes"), bool), (
            f"asked for JSON of a schema, got {reply.text!r}; honour json_schema or name it in Completion.degraded"
        )
    (reply,) = await _ask(endpoint, max_tokens=8, grammar=_GRAMMAR)
    assert "grammar" in reply.degraded or reply.text.strip() in ("yes", "no"), (
        f"asked for {_GRAMMAR}, got {reply.text!r}; honour grammar or name it in Completion.degraded"
    )
    (reply,) = await _ask(endpoint, max_tokens=8, logprobs=True)
    assert "logprobs" in reply.degraded or (reply.logprob is not None and reply.logprob <= 0), (
        f"asked for logprobs, got {reply.logprob!r}; give the mean log-probability, or name logprobs in "
        "Completion.degraded"
    )


async def _check_deadline(endpoint: Endpoint) -> None:
    """With no time at all an endpoint may answer, if it is that quick, or raise a ModelError; `_ask` sees to that."""
    try:
        await _ask(endpoint, max_tokens=8, deadline_s=0.001)
    except ModelError as problem:
        assert str(problem), "a ModelError needs a text that says what happened and what to do"


async def _close_twice(endpoint: Endpoint) -> None:
    await endpoint.close()
    await endpoint.close()


def _shown(found: object) -> str:
    if isinstance(found, tuple | list) and found:
        return f"{type(found).__name__} of {type(found[0]).__name__}"
    return type(found).__name__
