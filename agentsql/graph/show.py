"""Draws a graph as Mermaid."""

from __future__ import annotations

from agentsql.graph.spec import END, GraphSpec


def to_mermaid(spec: GraphSpec) -> str:
    """Give a Mermaid flowchart: one box a node, one arrow a way, labelled with the router's outcome."""
    lines = ["flowchart LR", f"    start([question]) --> {spec.start}"]
    for node in spec.nodes:
        shape = f"{node.name}{{{{{node.name}}}}}" if node.router else f"{node.name}[{node.name}]"
        lines.append(f"    {shape}")
    for node in spec.nodes:
        arrows: dict[str, list[str]] = {}
        for outcome, targets in node.next.items():
            for target in targets:
                arrows.setdefault("finish([answer])" if target == END else target, []).append(outcome)
        for target, outcomes in arrows.items():
            label = ", ".join(filter(None, outcomes))
            lines.append(f"    {node.name} -->{f'|{label}|' if label else ''} {target}")
    return "\n".join(lines) + "\n"
