"""A database in a LangGraph application: the agent's graph as a part of another graph, and the agent as a tool.

    python examples/langgraph_subgraph.py ["a question" …]

The outer graph is a help desk that knows its opening hours by itself and passes everything else on. Its node `database`
is the whole agent: the steps of both graphs come in one stream. The node `lookup` calls the agent as a LangChain tool,
the way a graph with a tool-calling model does.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, ToolCall
from langgraph.graph import END, START, StateGraph
from langgraph.prebuilt import ToolNode

from agentsql import SQLAgent
from agentsql.graph.build import graph_input
from agentsql.settings import load_settings

DATABASE = Path(__file__).with_name("bookshop.sqlite")
QUESTIONS = ("When are you open?", "How many books are there?")


class Desk(TypedDict, total=False):
    """What the help desk keeps of a question."""

    question: str
    reply: str
    messages: list[AnyMessage]


def help_desk(agent: SQLAgent) -> Any:
    """Give the outer graph."""

    async def database(state: Desk) -> Desk:
        found = await agent.compiled.ainvoke(graph_input(state["question"], ""), context=agent.resources())
        return {"reply": found["text"]}

    def call(state: Desk) -> Desk:
        # A tool-calling model writes this message; here it is always the same one.
        wanted = ToolCall(name="ask_database", args={"question": state["question"]}, id="1", type="tool_call")
        return {"messages": [AIMessage("", tool_calls=[wanted])]}

    graph = StateGraph(Desk)
    graph.add_node("hours", lambda _state: {"reply": "From nine to six, Monday to Saturday."})
    graph.add_node("database", database)
    graph.add_node("call", call)
    graph.add_node("lookup", ToolNode([agent.as_tool()]))
    graph.add_conditional_edges(START, lambda state: "hours" if "open" in state["question"] else "database")
    graph.add_edge("hours", END)
    graph.add_edge("database", "call")
    graph.add_edge("call", "lookup")
    graph.add_edge("lookup", END)
    return graph.compile()


async def main() -> None:
    with SQLAgent(DATABASE, settings=load_settings().settings) as agent:
        desk = help_desk(agent)
        for question in sys.argv[1:] or QUESTIONS:
            print(question)
            async for inside, updates in desk.astream({"question": question}, stream_mode="updates", subgraphs=True):
                for step, written in updates.items():
                    print(f"  {'    ' if inside else ''}{step}")
                    if not inside and "reply" in written:
                        print(f"  {written['reply']}")
                    if step == "lookup":
                        print(written["messages"][-1].content)


if __name__ == "__main__":
    asyncio.run(main())
