"""Proves that a graph can run before any model is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agentsql.errors import GraphError, PluginError, nearest
from agentsql.graph.spec import END, GraphSpec, Node, Targets
from agentsql.plugins import load_plugin, plugin_names
from agentsql.state import REDUCED
from agentsql.steps.step import Router, Step

GIVEN = frozenset({"question", "evidence", "history", "corrections"})
"""State keys that are there before the first node."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The steps and routers of a graph, loaded, by node name."""

    steps: Mapping[str, Step]
    routers: Mapping[str, Router]


def check_graph(spec: GraphSpec) -> list[str]:
    """Give every reason why `spec` cannot run; an empty list if it can.

    Checked: steps, routers and options exist; outcomes are covered; every node is reached and can reach the end;
    branches that run side by side meet at one node and write different keys; and every key a step reads has been
    written on every path to it.
    """
    parts, problems = _load(spec)
    problems += _check_names(spec)
    if problems:
        return problems
    return [*_check_reach(spec), *_check_branches(spec, parts), *_check_reads(spec, parts)]


def checked_parts(spec: GraphSpec) -> Parts:
    """Give the loaded steps and routers; GraphError with every problem if the graph cannot run."""
    if problems := check_graph(spec):
        raise GraphError(spec.name, problems)
    return _load(spec)[0]


def _load(spec: GraphSpec) -> tuple[Parts, list[str]]:
    steps: dict[str, Step] = {}
    routers: dict[str, Router] = {}
    problems: list[str] = []
    for node in spec.nodes:
        try:
            step = node.step if isinstance(node.step, Step) else load_plugin("agentsql.steps", node.step)
            if not isinstance(step, Step):
                raise PluginError(f"{node.step_name!r} is no step: decorate the function with agentsql.steps.step.step")
            steps[node.name] = step
            problems += _check_options(node, step)
            if node.router:
                router = node.router
                if isinstance(router, str):
                    router = load_plugin("agentsql.routers", router)
                if not isinstance(router, Router):
                    raise PluginError(f"{node.router_name!r} is no router: decorate it with agentsql.steps.step.router")
                routers[node.name] = router
                problems += _check_outcomes(node, router)
        except PluginError as exc:
            problems.append(f"node {node.name!r}: {exc}")
    return Parts(steps, routers), problems


def _check_options(node: Node, step: Step) -> list[str]:
    known = {option.name: option for option in step.options}
    problems = [
        f"node {node.name!r}: step {node.step_name!r} has no option {name!r}{nearest(name, known)}"
        for name in node.options
        if name not in known
    ]
    for name, option in known.items():
        if name in node.options and (problem := option.problem(node.options[name])):
            problems.append(f"node {node.name!r}: {problem}")
        if name not in node.options and option.is_required:
            problems.append(f"node {node.name!r}: option {name!r} of step {node.step_name!r} must be set")
    return problems


def _check_outcomes(node: Node, router: Router) -> list[str]:
    missing = [outcome for outcome in router.outcomes if outcome not in node.next]
    unknown = [outcome for outcome in node.next if outcome not in router.outcomes]
    return [
        *(f"node {node.name!r}: outcome {one!r} of router {node.router_name!r} leads nowhere" for one in missing),
        *(
            f"node {node.name!r}: router {node.router_name!r} has no outcome {one!r}{nearest(one, router.outcomes)}"
            for one in unknown
        ),
    ]


def _check_names(spec: GraphSpec) -> list[str]:
    names = [node.name for node in spec.nodes]
    problems = [] if spec.start in names else [f"start {spec.start!r} is no node{nearest(spec.start, names)}"]
    for node in spec.nodes:
        for target in _successors(node):
            if target != END and target not in names:
                problems.append(f"node {node.name!r} leads to {target!r}, which is no node{nearest(target, names)}")
    return problems


def _successors(node: Node) -> list[str]:
    return [target for targets in node.next.values() for target in targets]


def _check_reach(spec: GraphSpec) -> list[str]:
    following = {node.name: set(_successors(node)) for node in spec.nodes}
    reached = _closure({spec.start}, following)
    preceding: dict[str, set[str]] = {}
    for name, targets in following.items():
        for target in targets:
            preceding.setdefault(target, set()).add(name)
    ending = _closure({END}, preceding)
    return [
        *(f"node {name!r} is never reached" for name in following if name not in reached),
        *(f"node {name!r} is in a loop without a way out" for name in following if name in reached - ending),
    ]


def _closure(start: set[str], edges: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set(start), list(start)
    while waiting:
        new = edges.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


def _check_branches(spec: GraphSpec, parts: Parts) -> list[str]:
    problems = []
    for targets in fan_outs(spec):
        branches = [spec.node(target) for target in targets if target != END]
        ends = {tuple(branch.next.values()) for branch in branches}
        if len(branches) != len(targets) or len(ends) != 1 or any(branch.router for branch in branches):
            problems.append(f"nodes {', '.join(targets)} run side by side, so each must lead to the same one node")
        written = [key for branch in branches for key in parts.steps[branch.name].writes - REDUCED]
        for key in sorted({key for key in written if written.count(key) > 1}):
            problems.append(f"nodes {', '.join(targets)} run side by side, but more than one writes {key!r}")
    return problems


def fan_outs(spec: GraphSpec) -> list[Targets]:
    """Give each set of nodes that run side by side."""
    return list(dict.fromkeys(found for node in spec.nodes for found in node.next.values() if len(found) > 1))


def _check_reads(spec: GraphSpec, parts: Parts) -> list[str]:
    """Follow what is surely written to a fixed point, from everything downwards (a forward must-analysis)."""
    everything = GIVEN.union(*(step.writes for step in parts.steps.values()))
    before = {node.name: everything for node in spec.nodes}
    before[spec.start] = GIVEN
    changed = True
    while changed:
        changed = False
        for node in spec.nodes:
            for targets in node.next.values():
                for target, known in _after(spec, node, targets, before, parts).items():
                    if target != END and not before[target] <= known:
                        before[target] &= known
                        changed = True
    problems = []
    for node in spec.nodes:
        step, router = parts.steps[node.name], parts.routers.get(node.name)
        unwritten = sorted(step.reads - before[node.name])
        problems += [_unwritten(node, f"step {node.step_name!r}", key) for key in unwritten]
        if router:
            missing = router.reads - before[node.name] - step.writes
            problems += [_unwritten(node, f"router {node.router_name!r}", key) for key in sorted(missing)]
    return problems


def _after(
    spec: GraphSpec, node: Node, targets: Targets, before: Mapping[str, frozenset[str]], parts: Parts
) -> dict[str, frozenset[str]]:
    """Give what is known at each target; where branches meet, that is what all of them wrote."""
    known = before[node.name] | parts.steps[node.name].writes
    for siblings in fan_outs(spec):
        if node.name in siblings:
            known = known.union(*(before[one] | parts.steps[one].writes for one in siblings if one != END))
    return {target: frozenset(known) for target in targets}


def _unwritten(node: Node, reader: str, key: str) -> str:
    return f"node {node.name!r}: {reader} reads {key!r}, which is not written on every path to it"


def graph_names() -> list[str]:
    """Give the names of the installed graphs, sorted."""
    return plugin_names("agentsql.graphs")
