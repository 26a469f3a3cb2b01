"""Answer by a graph of your own, from a TOML file that is proven before a model is called.

    python examples/custom_graph.py ["a question"]

Any program takes such a file: `agentsql ask --graph examples/careful.toml …`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agentsql import SQLAgent
from agentsql.graph import check_graph, load_graph, to_mermaid
from agentsql.settings import load_settings

HERE = Path(__file__).parent


def main() -> None:
    graph = load_graph(HERE / "careful.toml")
    print(to_mermaid(graph))

    # A graph that cannot run is refused with what is wrong and where; here, a loop that leads to no node.
    nodes = {"done": ("select",), "failed": ("corect",), "given_up": ("select",)}
    broken = graph.replace_node("execute", next=nodes)
    for problem in check_graph(broken):
        print(f"refused: {problem}")

    question = sys.argv[1] if len(sys.argv) > 1 else "How many books are there?"
    with SQLAgent(HERE / "bookshop.sqlite", graph=graph, settings=load_settings().settings) as agent:
        answer = agent.ask(question)
        print(" → ".join(event.step for event in answer.trace))
        print(f"{answer.sql}\n{answer.text}")


if __name__ == "__main__":
    main()
