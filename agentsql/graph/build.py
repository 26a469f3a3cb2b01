"""Compiles a checked GraphSpec to a LangGraph state graph."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypedDict, get_type_hints

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END as LANGGRAPH_END
from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Overwrite

from agentsql.graph.check import Parts, checked_parts, fan_outs
from agentsql.graph.spec import END, GraphSpec, Node
from agentsql.graph.trace import run_step
from agentsql.resources import Resources
from agentsql.state import REDUCED, State, first_state
from agentsql.steps.step import Router, Step
from agentsql.types import Turn

Compiled = CompiledStateGraph[Any, Resources, Any, Any]
_UNSET = "\0unset"
"""Stands in a thread for a key that the question has not written: LangGraph cannot take a value away."""


def compile_graph(spec: GraphSpec, checkpointer: BaseCheckpointSaver[Any] | None = None) -> Compiled:
    """Give a runnable graph; run it with `context=Resources` and the input of `graph_input`.

    Raises:
        GraphError: the spec does not pass `check_graph`.
    """
    parts = checked_parts(spec)
    graph: StateGraph[Any, Resources, Any, Any] = StateGraph(_state_type(parts), context_schema=Resources)
    for node in spec.nodes:
        graph.add_node(node.name, _runner(node, parts.steps[node.name]))
    meeting = {name for targets in fan_outs(spec) for name in targets}
    graph.set_entry_point(spec.start)
    for targets in fan_outs(spec):
        (follower,) = spec.node(targets[0]).next[""]
        graph.add_edge(list(targets), _langgraph_name(follower))
    for node in spec.nodes:
        if node.router:
            places = {_langgraph_name(target) for targets in node.next.values() for target in targets}
            graph.add_conditional_edges(node.name, _chooser(node, parts.routers[node.name]), sorted(places))
        elif node.name not in meeting:
            for target in node.next[""]:
                graph.add_edge(node.name, _langgraph_name(target))
    return graph.compile(checkpointer=checkpointer, name=spec.name)


def graph_input(question: str, evidence: str, history: Sequence[Turn] = ()) -> dict[str, Any]:
    """Give the input of a new question: every per-question key back at its start, whatever the thread holds.

    Args:
        history: earlier turns; where there are none those of the thread stay.
    """
    start = first_state(question, evidence)
    if history:
        start["history"] = tuple(history)
    return {key: Overwrite(value) if key in REDUCED else value for key, value in start.items()}


def forgotten(spec: GraphSpec) -> dict[str, Any]:
    """Give what a new question of a thread enters besides, so that no key of a plugin's own is left of the last one."""
    return dict.fromkeys(_own_keys(checked_parts(spec)), _UNSET)


def with_tuples(value: Any) -> Any:
    """Give what a checkpoint kept as it was before: it keeps tuples as lists."""
    if isinstance(value, list | tuple):
        return tuple(map(with_tuples, value))
    if isinstance(value, dict):
        return {key: with_tuples(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{one.name: with_tuples(getattr(value, one.name)) for one in fields(value)})
    return value


def _state_type(parts: Parts) -> type:
    """Give State, widened by the keys that plugin steps write, since LangGraph drops undeclared ones in silence."""
    known = get_type_hints(State, include_extras=True)
    extra = dict.fromkeys(_own_keys(parts), Any)
    return TypedDict("GraphState", {**known, **extra}, total=False)  # type: ignore[operator, no-any-return]  # keys known at run time only


def _own_keys(parts: Parts) -> list[str]:
    """Give the keys that plugins' steps write beyond those of State."""
    return sorted({key for step in parts.steps.values() for key in step.writes} - set(State.__annotations__))


def _runner(node: Node, step: Step) -> Callable[..., Awaitable[dict[str, Any]]]:
    async def run(state: Mapping[str, Any], runtime: Runtime[Resources]) -> dict[str, Any]:
        return await run_step(node.name, step, node.options, _as_it_was(state, runtime.context), runtime.context)

    return run


def _chooser(node: Node, router: Router) -> Callable[..., list[str]]:
    def choose(state: Mapping[str, Any], runtime: Runtime[Resources]) -> list[str]:
        outcome = router.function(_as_it_was(state, runtime.context), runtime.context)
        return [_langgraph_name(target) for target in node.next[outcome]]

    return choose


def _as_it_was(state: Mapping[str, Any], resources: Resources) -> Mapping[str, Any]:
    """Give the state of a question that may have been stopped, and so have been in a checkpoint, as steps know it."""
    found = {key: value for key, value in state.items() if not (isinstance(value, str) and value == _UNSET)}
    return found if resources.approve is None else with_tuples(found)


def _langgraph_name(target: str) -> str:
    return LANGGRAPH_END if target == END else target
