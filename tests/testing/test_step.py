"""`check_step`: what it passes works in a graph, and each broken step is told what to mend."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentsql.errors import StepContractError
from agentsql.plugins import load_plugin
from agentsql.steps.generate import generate
from agentsql.steps.step import step
from agentsql.testing import ScriptedModel, check_step
from agentsql.types import Candidate


async def test_a_step_that_keeps_the_contract_passes(tiny: Path) -> None:
    @step(reads=("question",), writes=("evidence",))
    def add_evidence(state, resources, *, text: str = "x"):
        return {"evidence": f"{state['question']} {text}"}

    updates = await check_step(add_evidence, database=tiny, state={"question": "Who?"}, text="y")
    assert updates == {"evidence": "Who? y"}


async def test_a_step_may_ask_a_scripted_model(tiny: Path) -> None:
    updates = await check_step(generate, database=tiny, model=ScriptedModel("SELECT 1"))
    assert updates["candidates"][0].sql == "SELECT 1"


@pytest.mark.parametrize("name", ["route", "link", "prune", "check", "mend", "execute", "select", "answer", "reply"])
async def test_the_shipped_steps_pass(name: str, tiny: Path) -> None:
    intent = "chat" if name == "reply" else "sql"
    run = {"intent": intent, "candidates": (Candidate("full-1", "SELECT count(*) FROM singer"),), "chosen": ""}
    model = ScriptedModel("There are some.")
    assert await check_step(load_plugin("agentsql.steps", name), database=tiny, model=model, state=run) is not None


async def test_a_key_of_ones_own_is_given_by_the_check(tiny: Path) -> None:
    @step(reads=("plan",), writes=("plan",))
    async def lengthen(state, resources):
        return {"plan": {"parts": (*state["plan"]["parts"], "b")}}

    updates = await check_step(lengthen, database=tiny, state={"plan": {"parts": ("a",)}})
    assert updates == {"plan": {"parts": ("a", "b")}}


@dataclass(frozen=True)
class Plan:
    """A type that no conversation can keep."""

    parts: tuple[str, ...] = ()


@step(reads=("question",))
def idle(state, resources):
    return {}


@step(writes=("text",))
def curious(state, resources):
    return {"text": state["question"]}


@step(writes=("text",))
def secretive(state, resources):
    return {"text": "a", "evidence": "b"}


@step(reads=("question",), optional=("question",), writes=("text",))
def doubled(state, resources):
    return {}


@step(writes=("text",))
def short(state):
    return {}


@step(writes=("trace",))
def tracing(state, resources):
    return {}


@step(reads=("plan",), writes=("text",))
def early(state, resources):
    return {}


@step(reads=("question",), writes=("question",))
def meddling(state, resources):
    state["question"] = "Who?"
    return {}


@step(writes=("text",))
def wordy(state, resources):
    return "text"


@step(writes=("text",))
async def silent(state, resources):
    resources.note("done")


_calls = itertools.count()


@step(writes=("text",))
def remembering(state, resources):
    return {"text": f"call {next(_calls)}"}


@step(writes=("text",))
def strict(state, resources, *, most: int = 3, words: str):
    return {}


def writing(key: str, value: object):
    @step(writes=(key,))
    def wrong(state, resources) -> Mapping[str, object]:
        return {key: value}

    return wrong


BROKEN = [
    (lambda state, resources: {}, {}, "decorate the function with"),
    (idle, {}, "step 'idle' writes nothing, so it does nothing; declare `writes`"),
    (curious, {}, "step 'curious' reads 'question', which it does not declare; add it to `reads`"),
    (secretive, {}, "step 'secretive' writes evidence undeclared; add to `writes`"),
    (doubled, {}, "has question in `reads` and in `optional`; keep one"),
    (short, {}, r"must take \(state, resources, \*, options…\)"),
    (tracing, {}, "writes `trace`, which is kept for it; use resources.note"),
    (
        early,
        {},
        r"reads plan, which a fresh question does not have; give the check a value, such as state=\{'plan': …\}",
    ),
    (meddling, {}, "writes into the state it was given .*; give back a dict of what changes"),
    (wordy, {}, "gave str; let it give a dict of what it writes"),
    (silent, {}, "gave NoneType; let it give a dict of what it writes, an empty one if that is nothing"),
    (remembering, {}, "of the same state: a step keeps nothing between two calls"),
    (strict, {}, "option 'words' of step 'strict' must be set"),
    (strict, {"words": "a", "mst": 1}, "has no option 'mst'; did you mean 'most'"),
    (strict, {"words": "a", "most": "many"}, "option 'most' takes int, got 'many'"),
    (writing("text", 1), {}, "writes 'text' as int; it must be str"),
    (writing("tables", ["singer"]), {}, "writes 'tables' as list; it must be tuple"),
    (writing("tables", ("singers",)), {}, "names of tables that the schema has; it has no 'singers'"),
    (writing("candidates", ("SELECT 1",)), {}, r"as a tuple of agentsql\.types\.Candidate"),
    (writing("examples", ("How many?",)), {}, r"as a tuple of \(question, SQL\) pairs of texts"),
    (writing("chosen", "full-1"), {}, "there is no candidate 'full-1'"),
    (writing("confidence", 85), {}, "as a number from 0 to 1, or None; got 85"),
    (writing("status", "done"), {}, "as one of answered, chat, .*; got 'done'"),
    (writing("intent", "query"), {}, "as one of sql, chat, .*; got 'query'"),
    (writing("plan", Plan()), {}, "writes Plan under 'plan', which a conversation cannot keep: write texts"),
    (writing("plan", open), {}, "which a conversation cannot keep"),
]


@pytest.mark.parametrize(("broken", "options", "says"), BROKEN)
async def test_each_broken_step_is_told_what_to_mend(broken, options, says: str, tiny: Path) -> None:
    with pytest.raises((AssertionError, StepContractError), match=says):
        await check_step(broken, database=tiny, **options)


async def test_a_step_that_asks_a_model_is_told_to_be_given_one(tiny: Path) -> None:
    with pytest.raises(AssertionError, match="scripted was asked, but has no reply"):
        await check_step(generate, database=tiny)
