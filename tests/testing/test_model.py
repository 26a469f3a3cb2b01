"""`check_model`: what it passes works behind an agent, and each broken model is told what to mend."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel

from agentsql.errors import ModelDeadlineError, ModelUnreachableError
from agentsql.testing import ScriptedModel, check_model
from agentsql.types import Completion, Usage

CONSTRAINTS = ("json_schema", "grammar", "logprobs")


class Good(ScriptedModel):
    """Says what it cannot do."""

    def __init__(self) -> None:
        super().__init__("yes")

    async def complete(self, messages, **options: Any) -> tuple[Completion, ...]:
        found = await super().complete(messages, **options)
        return tuple(replace(one, degraded=tuple(name for name in CONSTRAINTS if options.get(name))) for one in found)


async def test_a_model_that_keeps_the_contract_passes() -> None:
    await check_model(Good())


async def test_a_langchain_model_passes() -> None:
    await check_model(FakeListChatModel(responses=["yes"]))


async def test_a_model_that_honours_what_it_is_asked_for_passes() -> None:
    class Able(ScriptedModel):
        async def complete(self, messages, **options: Any) -> tuple[Completion, ...]:
            text = '{"yes": true}' if options.get("json_schema") else "yes"
            found = await ScriptedModel(text).complete(messages, **options)
            return tuple(replace(one, logprob=-0.1) for one in found)

    await check_model(Able())


async def test_a_model_may_run_out_of_time() -> None:
    class Slow(Good):
        async def complete(self, messages, *, deadline_s=None, **options: Any) -> tuple[Completion, ...]:
            if deadline_s is not None:
                raise ModelDeadlineError("no answer in time")
            return await super().complete(messages, **options)

    await check_model(Slow())


class Nameless(Good):
    def __init__(self) -> None:
        super().__init__()
        self.name = ""


class Single(Good):
    async def complete(self, messages, *, n=1, **options):
        return await super().complete(messages, n=1, **options)


class Listing(Good):
    async def complete(self, messages, **options):
        return list(await super().complete(messages, **options))


class Bare(Good):
    async def complete(self, messages, **options):
        return tuple(one.text for one in await super().complete(messages, **options))


class Costless(Good):
    async def complete(self, messages, **options):
        return tuple(replace(one, usage=Usage()) for one in await super().complete(messages, **options))


class Overcounting(Good):
    async def complete(self, messages, **options):
        return tuple(replace(one, usage=Usage(1)) for one in await super().complete(messages, **options))


class Short(Good):
    async def complete(self, messages, n=1, temperature=0.0, top_p=1.0, top_k=0, max_tokens=512):
        return await super().complete(messages, n=n)


class Empty(Good):
    async def complete(self, messages, **options):
        return tuple(replace(one, text=None) for one in await super().complete(messages, **options))


class Reasoning(Good):
    async def complete(self, messages, **options):
        return tuple(replace(one, finish_reason="end_turn") for one in await super().complete(messages, **options))


class Worded(Good):
    async def complete(self, messages, **options):
        return tuple(replace(one, degraded="no grammar") for one in await super().complete(messages, **options))


class Mute(Good):
    async def complete(self, messages, *, on_token=None, **options):
        return await super().complete(messages, **options)


class Grabbing(Good):
    async def complete(self, messages, **options):
        messages.pop(0)
        return await super().complete(messages, **options)


class Raising(Good):
    async def complete(self, messages, **options):
        raise ConnectionResetError("peer went away")


class Impatient(Good):
    async def complete(self, messages, *, deadline_s=None, **options):
        async with asyncio.timeout(0 if deadline_s else None):
            await asyncio.sleep(0.01)
        return await super().complete(messages, **options)


class Blocking(Good):
    async def complete(self, messages, **options):
        if len(self.asked) > 2:  # the calls before are not timed, as they may load what they need
            time.sleep(2)
        return await super().complete(messages, **options)


class Wordless(Good):
    async def complete(self, messages, *, deadline_s=None, **options):
        if deadline_s:
            raise ModelUnreachableError
        return await super().complete(messages, **options)


class Closing(Good):
    closed = False

    async def close(self) -> None:
        if self.closed:
            raise AssertionError("closed already: let close() be called twice")
        self.closed = True


def ignoring(option: str) -> Good:
    class Ignoring(Good):
        async def complete(self, messages, **options):
            found = await super().complete(messages, **options)
            return tuple(replace(one, degraded=tuple(set(one.degraded) - {option})) for one in found)

    return Ignoring()


class Loose(Good):
    async def complete(self, messages, *, json_schema=None, **options):
        found = await super().complete(messages, **options)
        return tuple(replace(one, text="{}") for one in found) if json_schema else found


BROKEN = [
    (Nameless(), "an endpoint needs a `name`: its spec, without a key"),
    (Single(), r"complete\(n=2\) must give two completions, gave 1"),
    (Listing(), r"complete\(\) must give a tuple of Completion, gave list of Completion"),
    (Bare(), r"complete\(\) must give a tuple of Completion, gave tuple of str"),
    (Costless(), "must carry the request's Usage with calls = 1 or more"),
    (Overcounting(), r"belongs to the first completion; give Usage\(\) to the others"),
    (Short(), r"complete\(\) does not take all its arguments .*'on_token'.*name what the server cannot do"),
    (Empty(), "Completion.text must be a str, is NoneType"),
    (Reasoning(), "finish_reason must be 'stop' or 'length', is 'end_turn'"),
    (Worded(), r"names options of complete\(\), such as \('json_schema',\); got 'no grammar'"),
    (Mute(), r"on_token was called with \[\], and the text is 'yes': call it with each piece, or once with all"),
    (Grabbing(), r"complete\(\) must leave the messages as they are"),
    (Raising(), r"raised ConnectionResetError \(peer went away\); turn it into an agentsql.errors.ModelError"),
    (Impatient(), r"raised TimeoutError .*; turn it into an agentsql.errors.ModelError, by cause"),
    (Blocking(), r"blocked the event loop for .* s: await an async client, or asyncio.to_thread"),
    (Wordless(), "a ModelError needs a text that says what happened and what to do"),
    (Closing(), r"let close\(\) be called twice"),
    (ignoring("json_schema"), r"asked for JSON, got 'yes'; honour json_schema or name it in Completion\.degraded"),
    (Loose(), r"asked for JSON of a schema, got '\{\}'; honour json_schema or name it"),
    (ignoring("logprobs"), "asked for logprobs, got None; give the mean log-probability, or name logprobs in"),
    (
        FakeListChatModel,
        "is neither an agentsql.models.endpoint.Endpoint, which has `name`, `complete` and `close`, nor a LangChain",
    ),
]


@pytest.mark.parametrize(("broken", "says"), BROKEN, ids=lambda one: type(one).__name__)
async def test_each_broken_model_is_told_what_to_mend(broken, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        await check_model(broken)


async def test_a_text_that_leaves_its_grammar_is_named() -> None:
    class Chatty(Good):
        async def complete(self, messages, **options: Any) -> tuple[Completion, ...]:
            found = await super().complete(messages, **options)
            return tuple(replace(one, text="Yes!", degraded=()) for one in found) if options.get("grammar") else found

    with pytest.raises(
        AssertionError, match=r'asked for root ::= "yes" \| "no", got \'Yes!\'; honour grammar or name it'
    ):
        await check_model(Chatty())


async def test_a_key_in_the_name_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE_API_KEY", "sk-1234567890")
    model = Good()
    model.name = "mine:small?key=sk-1234567890"
    with pytest.raises(
        AssertionError, match="`name` holds the value of MINE_API_KEY, and names are written into traces"
    ):
        await check_model(model)


async def test_what_the_server_says_is_wrong_stays_its_error() -> None:
    with pytest.raises(ModelUnreachableError, match="nothing listens"):
        await check_model(ScriptedModel(ModelUnreachableError("nothing listens")))
