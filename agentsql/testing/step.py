"""The check of a step: it is run the way a graph runs it, and what it declares and writes is looked at."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from agentsql.agent import SQLAgent
from agentsql.db.schema import Schema
from agentsql.graph.build import with_tuples
from agentsql.graph.check import check_graph
from agentsql.graph.spec import GraphSpec
from agentsql.graph.threads import serializer
from agentsql.graph.trace import run_step
from agentsql.models.endpoint import Endpoint
from agentsql.state import State, first_state
from agentsql.steps.step import Step, step
from agentsql.testing.scripted import ScriptedModel
from agentsql.types import Candidate, Intent, Links, Status


async def check_step(
    step: Step,
    *,
    database: str | Path,
    model: Endpoint | None = None,
    state: Mapping[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Run a step the way a graph does, and give what it wrote, without the trace.

    A step that is given no model is run twice, and has to write the same both times.

    Args:
        database: a path or URL, such as that of `tiny_database`.
        model: plays both roles; without one, a step that asks a model fails the check.
        state: keys beyond those of a fresh question ("How many singers are there?").
        options: those that a graph would set.

    Raises:
        StepContractError: it touched a key it did not declare.
        AssertionError: what it declares or returns does not fit the contract; the text says how to mend it.
    """
    assert isinstance(step, Step), "decorate the function with agentsql.steps.step.step(reads=…, writes=…)"
    full = {**first_state("How many singers are there?", ""), "history": (), **(state or {})}
    _check_declared(step, full)
    _check_options(step, full, options)
    with SQLAgent(database, sql_model=model or ScriptedModel()) as agent:
        updates = await _run(step, agent, full, options)
        for key, value in updates.items():
            _check_value(step, key, value, {**full, **updates}, agent.schema)
        if model is None:
            again = await _run(step, agent, full, options)
            assert again == updates, (
                f"step {step.name!r} wrote {updates!r}, then {again!r} of the same state: a step keeps nothing between "
                "two calls; what lasts goes into the state, and a clock or a seed is an option"
            )
    return updates


async def _run(step: Step, agent: SQLAgent, state: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    watched = replace(step, function=_giving_mapping(step))
    try:
        updates = await run_step(step.name, watched, options, state, agent.resources())
    except TypeError as exc:
        if "DeclaredState" not in str(exc):
            raise
        raise AssertionError(
            f"step {step.name!r} writes into the state it was given ({exc}); give back a dict of what changes"
        ) from exc
    updates.pop("trace")
    return updates


def _giving_mapping(step: Step) -> Callable[..., Any]:
    """Give the step's function with a look at what it gives; async where it is."""

    def checked(found: object) -> Mapping[str, Any]:
        assert isinstance(found, Mapping), (
            f"step {step.name!r} gave {type(found).__name__}; let it give a dict of what it writes, "
            "an empty one if that is nothing"
        )
        return found

    def run(*arguments: Any, **options: Any) -> Mapping[str, Any]:
        return checked(step.function(*arguments, **options))

    async def arun(*arguments: Any, **options: Any) -> Mapping[str, Any]:
        found = step.function(*arguments, **options)
        return checked(await found if inspect.isawaitable(found) else found)

    return arun if inspect.iscoroutinefunction(step.function) else run


def _check_declared(step: Step, state: Mapping[str, Any]) -> None:
    parameters = list(inspect.signature(step.function).parameters.values())
    positional = [one for one in parameters if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert len(positional) == 2, f"step {step.name!r} must take (state, resources, *, options…)"
    assert step.writes, f"step {step.name!r} writes nothing, so it does nothing; declare `writes`"
    assert "trace" not in step.writes, f"step {step.name!r} writes `trace`, which is kept for it; use resources.note(…)"
    both = step.reads & step.optional
    assert not both, f"step {step.name!r} has {', '.join(sorted(both))} in `reads` and in `optional`; keep one"
    missing = sorted(step.reads - set(state))
    assert not missing, (
        f"step {step.name!r} reads {', '.join(missing)}, which a fresh question does not have; give the check a value, "
        f"such as state={{{missing[0]!r}: …}}, and put a step that writes it before this one in every graph"
        if missing
        else ""
    )


def _check_options(checked: Step, state: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    @step(writes=tuple(state))
    def given(_state: Mapping[str, Any], _resources: object) -> Mapping[str, Any]:
        return {}

    graph = GraphSpec("check_step", start="the state given").add("the state given", step=given, next=checked.name)
    problems = check_graph(graph.add(checked.name, step=checked, options=options, next="end"))
    assert not problems, "; ".join(problems)


_TYPES: Mapping[str, type] = {
    "question": str,
    "evidence": str,
    "extras": Mapping,
    "history": tuple,
    "intent": str,
    "reason": str,
    "links": Links,
    "tables": tuple,
    "examples": tuple,
    "candidates": tuple,
    "corrections": int,
    "chosen": str,
    "status": str,
    "text": str,
}


def _check_value(step: Step, key: str, value: Any, state: Mapping[str, Any], schema: Schema) -> None:
    if key in State.__annotations__:
        wanted = _TYPES.get(key)
        assert wanted is None or isinstance(value, wanted), (
            f"step {step.name!r} writes {key!r} as {type(value).__name__}; it must be {wanted.__name__}"
        )
        problem = _wrong_value(key, value, state, schema)
        assert not problem, f"step {step.name!r} must write `{key}` as {problem}"
    _check_kept(step, key, value)


def _wrong_value(key: str, value: Any, state: Mapping[str, Any], schema: Schema) -> str:
    """Give what the value ought to be, or an empty text if it is that."""
    if key == "candidates" and not all(isinstance(one, Candidate) for one in value):
        return "a tuple of agentsql.types.Candidate"
    if key == "intent" and value not in get_args(Intent):
        return f"one of {', '.join(get_args(Intent))}; got {value!r}"
    if key == "status" and value not in get_args(Status):
        return f"one of {', '.join(get_args(Status))}; got {value!r}"
    if key == "confidence" and not (value is None or (isinstance(value, int | float) and 0 <= value <= 1)):
        return f"a number from 0 to 1, or None; got {value!r}"
    if key == "tables" and (unknown := [one for one in value if not schema.table(str(one))]):
        return f"names of tables that the schema has; it has no {unknown[0]!r}"
    if key == "examples" and not all(isinstance(one, tuple) and list(map(type, one)) == [str, str] for one in value):
        return "a tuple of (question, SQL) pairs of texts"
    if key == "chosen" and value and value not in {one.name for one in state["candidates"]}:
        return f"the name of a candidate, or an empty text for none; there is no candidate {value!r}"
    return ""


def _check_kept(step: Step, key: str, value: Any) -> None:
    """See that a conversation can keep the value: it goes into a checkpoint and comes back."""
    keeper = serializer()
    try:
        kept = with_tuples(keeper.loads_typed(keeper.dumps_typed(value)))
    except (TypeError, ValueError) as exc:
        kept = exc
    assert kept == with_tuples(value), (
        f"step {step.name!r} writes {type(value).__name__} under {key!r}, which a conversation cannot keep: write "
        "texts, numbers, tuples and dicts of them, or types of agentsql.types"
    )
