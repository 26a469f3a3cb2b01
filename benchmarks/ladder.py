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


def examples() -> GraphSpec:
    """`values` with similar solved questions of other databases in the prompt; no later rung has them."""
    return _before(values(), "generate", "retrieve")


def pruning() -> GraphSpec:
    """`values` on the tables that the question needs."""
    return _before(values(), "generate", "prune")


def mending() -> GraphSpec:
    """`pruning` with the check for meaning, and what fails it mended by the schema alone."""
    spec = _options(_before(pruning(), "execute", "mend"), "check", meaning=True)
    spec = spec.replace_node("check", next={"": ("mend",)}, router="")
    return _options(spec, "execute", suspicious=True)


def default() -> GraphSpec:
    """The default graph as it is shipped."""
    return load_graph("default")


def without_hints() -> GraphSpec:
    """`default` without values in the prompt."""
    return _options(_options(default(), "generate", hints=False), "sample", hints=False)


def without_examples() -> GraphSpec:
    """`default` without similar solved questions."""
    return _options(default(), "retrieve", k=0)


def without_meaning() -> GraphSpec:
    """`default` without the check for meaning."""
    spec = default()
    for name in ("check", "mend", "check_samples", "mend_samples"):
        spec = _options(spec, name, meaning=False)
    return spec


def without_vote() -> GraphSpec:
    """`default` with one query only, whatever becomes of it."""
    spec = default().replace_node("execute", next={"": ("select",)}, router="")
    spec = _options(spec, "execute", suspicious=True)
    gone = {"sample", "check_samples", "mend_samples", "execute_samples", "correct"}
    return replace(spec, nodes=tuple(node for node in spec.nodes if node.name not in gone))


def without_correct() -> GraphSpec:
    """`default` without correction by the model."""
    spec = default().replace_node("execute_samples", next={"": ("select",)}, router="")
    return replace(spec, nodes=tuple(node for node in spec.nodes if node.name != "correct"))


def without_judge() -> GraphSpec:
    """`default` with even votes left to the order of the candidates."""
    return _options(default(), "select", judge="never")


LADDER: Mapping[str, Callable[[], GraphSpec]] = {
    "direct": direct,
    "+values": values,
    "+examples": examples,
    "+pruning": pruning,
    "+mending": mending,
    "+vote": without_correct,
    "default": default,
    "feather": lambda: load_graph("feather"),
}
"""Each is the one before with one part more, but for the examples: `+vote` has the routing too, `default` the
correction by the model. `feather` is a pipeline of its own."""

ABLATIONS: Mapping[str, Callable[[], GraphSpec]] = {
    "default": default,
    "no hints": without_hints,
    "no examples": without_examples,
    "no meaning": without_meaning,
    "no vote": without_vote,
    "no judge": without_judge,
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
