"""The graphs that the accuracy benchmark compares: a ladder from `direct` up, and `default` with one part off.

.venv/bin/python benchmarks/ladder.py          # check each of them and print its nodes
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from agentsql.errors import AgentSQLError
from agentsql.graph import GraphSpec, load_graph
from agentsql.graph.check import check_graph


def direct() -> GraphSpec:
    """One greedy query on the whole schema."""
    return load_graph("direct")


def values() -> GraphSpec:
    """`direct` with the cell values that the question names in the prompt."""
    return _options(_before(direct(), "generate", "link"), "generate", hints=True)


def pruning() -> GraphSpec:
    """`values` on the tables that the question needs."""
    return _before(values(), "generate", "prune")


def correction() -> GraphSpec:
    """`pruning` with the check for meaning, and the correction of what failed."""
    spec = _options(pruning().add("correct", next="check"), "check", meaning=True)
    to_correct = {"failed": ("correct",), "given_up": ("select",)}
    spec = spec.replace_node("check", next={"passed": ("execute",), **to_correct})
    return spec.replace_node("execute", next={"done": ("select",), **to_correct})


def default() -> GraphSpec:
    """The default graph as it is shipped."""
    return load_graph("default")


def without_hints() -> GraphSpec:
    """`default` without values in the prompt."""
    return _options(default(), "generate", hints=False)


def without_meaning() -> GraphSpec:
    """`default` without the check for meaning."""
    return _options(default(), "check", meaning=False)


def without_mending() -> GraphSpec:
    """`default` with every correction left to the model."""
    return _options(default(), "correct", mend=False)


def without_correct() -> GraphSpec:
    """`default` without correction."""
    to_select = {"failed": ("select",), "given_up": ("select",)}
    spec = default().replace_node("check", next={"passed": ("execute",), **to_select})
    spec = spec.replace_node("execute", next={"done": ("select",), **to_select})
    return replace(spec, nodes=tuple(node for node in spec.nodes if node.name != "correct"))


LADDER: Mapping[str, Callable[[], GraphSpec]] = {
    "direct": direct,
    "+values": values,
    "+pruning": pruning,
    "+correction": correction,
    "default": default,
}
"""Each is the one before with one part more, except `default`."""

ABLATIONS: Mapping[str, Callable[[], GraphSpec]] = {
    "default": default,
    "no hints": without_hints,
    "no meaning": without_meaning,
    "no mending": without_mending,
    "no correct": without_correct,
}
"""The default graph, and it with one part off."""


def graph_named(name: str, *, plain: bool = False) -> GraphSpec:
    """Give the graph of the ladder, of the ablations, installed, or in a TOML of that name.

    Args:
        plain: word no answer with a model, so that only the calls that make the SQL are left.
    """
    made = {**LADDER, **ABLATIONS}.get(name)
    spec = made() if made else load_graph(name)
    for node in spec.nodes if plain else ():
        if node.step_name == "answer":
            spec = _options(spec, node.name, by="rows")
    return spec


def _before(spec: GraphSpec, target: str, name: str, **node: Any) -> GraphSpec:
    """Give the graph with a new node in front of `target`, on every way to it."""

    def moved(found: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name if one == target else one for one in found))

    nodes = tuple(
        replace(one, next={outcome: moved(found) for outcome, found in one.next.items()}) for one in spec.nodes
    )
    start = name if spec.start == target else spec.start
    return replace(spec, nodes=nodes, start=start).add(name, next=target, **node)


def _options(spec: GraphSpec, name: str, **options: Any) -> GraphSpec:
    return spec.replace_node(name, options={**spec.node(name).options, **options})


def main() -> None:
    for name, make in {**LADDER, **ABLATIONS}.items():
        try:
            spec = make()
            problems = check_graph(spec)
        except AgentSQLError as exc:
            print(f"{name:<14} cannot be made: {exc}")
            continue
        nodes = " ".join(f"{node.name}{dict(node.options) or ''}" for node in spec.nodes)
        print(f"{name:<14} {'; '.join(problems) or nodes}")


if __name__ == "__main__":
    main()
