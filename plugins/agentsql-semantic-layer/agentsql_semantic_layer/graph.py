"""The graph `semantic`."""

from __future__ import annotations

from dataclasses import replace

from agentsql.graph.shipped import default
from agentsql.graph.spec import GraphSpec
from agentsql_semantic_layer.steps import by_metrics


def semantic(file: str = "") -> GraphSpec:
    """Give the default graph, as it is installed, with metrics defined before SQL is written and held against it after.

    Args:
        file: of the layer; empty takes the one that the environment variable AGENTSQL_PLUGIN_SEMANTIC_LAYER names.
    """
    graph, options = default(), {"file": file}
    ways = {"none": graph.start, "named": graph.node("route").next["sql"]}
    graph = graph.replace_node("generate", next={"": ("use_metrics",)})
    for name in ("sample", "correct"):
        graph = graph.replace_node(name, next={"": ("use_metrics_samples",)})
    graph = graph.add("define_metrics", options=options, router=by_metrics, next=ways)
    graph = graph.add("use_metrics", options=options, next="check")
    graph = graph.add("use_metrics_samples", step="use_metrics", options=options, next="check_samples")
    described = f"{graph.description} Metrics are used as a file defines them."
    return replace(graph, name="semantic", start="define_metrics", description=described)
