"""The graph `decomposed`."""

from __future__ import annotations

from dataclasses import replace

from agentsql.graph.shipped import default
from agentsql.graph.spec import GraphSpec
from agentsql_decompose.step import by_composed, by_parts


def decomposed() -> GraphSpec:
    """Give the default graph, as it is installed, with `decompose` where its first query failed or was uncertain.

    What it does then otherwise, to ask for more queries, it does where the parts do not fit or give nothing.
    """
    graph = default()
    execute = graph.node("execute")
    plain = execute.next["uncertain"]
    graph = graph.replace_node("execute", next={**execute.next, "uncertain": ("decompose",)})
    graph = graph.add("decompose", router=by_parts, next={"composed": "check_parts", "plain": plain})
    graph = graph.add("check_parts", step="check", next="mend_parts")
    graph = graph.add("mend_parts", step="mend", next="execute_parts")
    graph = graph.add("execute_parts", step="execute", router=by_composed, next={"done": "select", "plain": plain})
    described = f"{graph.description} A question is tried in parts before the vote."
    return replace(graph, name="decomposed", description=described)
