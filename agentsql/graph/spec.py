"""A graph as data, read from TOML or built in Python."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from agentsql.errors import GraphError, nearest
from agentsql.steps.step import Router, Step

END = "end"
Targets = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One place in a graph: a step, its options, and where to go from there."""

    name: str
    step: str | Step
    """Name of an installed step, or the step itself."""
    options: Mapping[str, Any] = field(default_factory=dict)
    router: str | Router = ""
    """Name of an installed router, or the router itself; empty if the next node is always the same."""
    next: Mapping[str, Targets] = field(default_factory=dict)
    """Outcome of the router → nodes that follow; the outcome is an empty string where there is no router.

    Several nodes run side by side and must then all lead to one node, where they meet.
    """

    @property
    def step_name(self) -> str:
        return self.step if isinstance(self.step, str) else self.step.name

    @property
    def router_name(self) -> str:
        return self.router if isinstance(self.router, str) else self.router.name


@dataclass(frozen=True, slots=True)
class GraphSpec:
    """A graph of steps; `add` gives a longer one, so that a graph is built by a chain of calls.

    >>> GraphSpec("short", start="generate").add("generate", next="check").nodes[0].next
    {'': ('check',)}
    """

    name: str
    start: str
    description: str = ""
    nodes: tuple[Node, ...] = ()

    def add(
        self,
        name: str,
        *,
        next: str | Sequence[str] | Mapping[str, str | Sequence[str]],  # noqa: A002  the same word as in the TOML
        step: str | Step = "",
        options: Mapping[str, Any] | None = None,
        router: str | Router = "",
    ) -> GraphSpec:
        """Give a copy with one more node.

        Args:
            name: unique in the graph.
            next: a node, several that run side by side, or (with `router`) those of each outcome; `end` ends.
            step: the installed step to run, or a step that need not be installed; the node's name if empty.
            router: likewise, who decides where to go on.

        Raises:
            GraphError: the name is taken, or `router` and `next` do not go together.
        """
        if any(node.name == name for node in self.nodes):
            raise GraphError(self.name, [f"there are two nodes {name!r}"])
        if isinstance(next, Mapping) != bool(router):
            raise GraphError(self.name, [f"node {name!r} needs a router and outcomes in `next`, or neither"])
        node = Node(name, step or name, dict(options or {}), router, _targets(self.name, name, next))
        return replace(self, nodes=(*self.nodes, node))

    def replace_node(self, name: str, **changes: Any) -> GraphSpec:
        """Give a copy with fields of one node changed, to vary a shipped graph.

        Args:
            changes: fields of `Node`; `next` in any form that `add` takes.

        Raises:
            GraphError: there is no such node or field, or `next` names no nodes.
        """
        if not any(node.name == name for node in self.nodes):
            raise GraphError(self.name, [f"there is no node {name!r}{nearest(name, (one.name for one in self.nodes))}"])
        if problems := _unknown_keys(changes, [known.name for known in fields(Node)], f"the change of node {name!r}"):
            raise GraphError(self.name, problems)
        if "next" in changes:
            changes["next"] = _targets(self.name, name, changes["next"])
        return replace(
            self, nodes=tuple(replace(node, **changes) if node.name == name else node for node in self.nodes)
        )

    def node(self, name: str) -> Node:
        """Give the node of that name; KeyError if there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)


def read_graph(path: str | Path) -> GraphSpec:
    """Read a graph from a TOML file.

    Raises:
        GraphError: the file is missing, is not TOML, or has keys that mean nothing.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise GraphError(path.name, [f"cannot read {str(path)!r}: {exc.strerror}"]) from exc
    except tomllib.TOMLDecodeError as exc:
        raise GraphError(path.name, [f"not valid TOML: {exc}"]) from exc
    return graph_from(content, path.stem)


def graph_from(content: Mapping[str, Any], default_name: str) -> GraphSpec:
    """Give the graph that a parsed TOML describes; GraphError names every key that means nothing."""
    name = str(content.get("name", default_name))
    problems = _unknown_keys(content, ("name", "description", "start", "nodes"), "the graph")
    nodes = content.get("nodes", {})
    if not isinstance(nodes, dict):
        raise GraphError(name, ["`nodes` must be a section; write each node as [nodes.NAME]"])
    for node_name, table in nodes.items():
        problems += _node_problems(node_name, table)
    if "start" not in content:
        problems.append("`start` is missing: the name of the first node")
    if problems:
        raise GraphError(name, problems)
    spec = GraphSpec(name, str(content["start"]), str(content.get("description", "")))
    for node_name, table in nodes.items():
        spec = spec.add(node_name, **table)
    return spec


def _node_problems(name: str, table: object) -> list[str]:
    if not isinstance(table, dict):
        return [f"node {name!r} must be a section, written [nodes.{name}]"]
    problems = _unknown_keys(table, tuple(_NODE_TYPES), f"node {name!r}")
    if "next" not in table:
        problems.append(f'node {name!r} has no `next`; write next = "end" to end there')
    for key, (types, wanted) in _NODE_TYPES.items():
        if key in table and not isinstance(table[key], types):
            problems.append(f"node {name!r}: `{key}` must be {wanted}, not {table[key]!r}")
    return problems


def _unknown_keys(table: Mapping[str, Any], known: Sequence[str], where: str) -> list[str]:
    return [f"{where} has an unknown key {key!r}{nearest(key, known)}" for key in table if key not in known]


_NODE_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "step": ((str,), "a step's name"),
    "options": ((dict,), "a table of options"),
    "router": ((str,), "a router's name"),
    "next": ((str, list, dict), "a node, a list of nodes, or a table of outcomes"),
}


def _targets(graph: str, node: str, following: object) -> dict[str, Targets]:
    """Give the nodes that follow by outcome, of a node, several, or those of each outcome."""
    by_outcome = following if isinstance(following, Mapping) else {"": following}
    targets: dict[str, Targets] = {}
    for outcome, found in by_outcome.items():
        names = [found] if isinstance(found, str) else found
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            after = f" after {outcome!r}" if outcome else ""
            wanted = "a node or a list of nodes" if outcome else _NODE_TYPES["next"][1]
            raise GraphError(graph, [f"node {node!r}: `next`{after} must be {wanted}, not {found!r}"])
        targets[outcome] = tuple(names)
    return targets
