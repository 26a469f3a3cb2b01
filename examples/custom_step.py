"""Write a step and put it into a graph with the Python builder.

    python examples/custom_step.py

The step tells the SQL model what the shop's own words mean. It needs no model itself. To share a step, put it into a
package with an entry point; plugins/agentsql-relative-dates is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentsql import SQLAgent
from agentsql.graph import GraphSpec
from agentsql.resources import Resources
from agentsql.settings import load_settings
from agentsql.steps.step import step

DATABASE = Path(__file__).with_name("bookshop.sqlite")
GLOSSARY = {
    "bargain": "a bargain is a book with a price below 10",
    "newcomer": "a newcomer is a customer with joined_on in 2025 or later",
    "scarce": "a book is scarce when stock is below 3",
}


@step(reads=("question",), optional=("evidence",), writes=("evidence",))
def explain_terms(state: Mapping[str, Any], resources: Resources, *, most: int = 5) -> dict[str, object]:
    """Add the meaning of the shop's own words to the evidence, at most `most` of them."""
    words = {word.rstrip("s") for word in re.findall(r"\w+", state["question"].lower())}
    meanings = [meaning for term, meaning in GLOSSARY.items() if term in words][:most]
    for meaning in meanings:
        resources.note(meaning)
    return {"evidence": "\n".join(filter(None, [state.get("evidence", ""), *meanings]))}


def bookshop_graph() -> GraphSpec:
    """Give a small graph: explain words, write a query, check it and run it, with corrections on the way."""
    return (
        GraphSpec("bookshop", start="explain_terms", description="Knows the shop's own words.")
        .add("explain_terms", step=explain_terms, options={"most": 3}, next="link")
        .add("link", next="generate")
        .add("generate", next="check")
        .add("check", router="by_check", next={"passed": "execute", "failed": "correct", "given_up": "select"})
        .add("execute", router="by_execution", next={"done": "select", "failed": "correct", "given_up": "select"})
        .add("correct", next="check")
        .add("select", next="answer")
        .add("answer", next="end")
    )


def main() -> None:
    with SQLAgent(DATABASE, graph=bookshop_graph(), settings=load_settings().settings) as agent:
        answer = agent.ask("How many bargains are there?")
        for event in answer.trace:
            print(f"{event.step:14} {event.seconds:6.2f} s  {'; '.join(event.notes)}")
        print(f"\n{answer.sql}\n{answer.text}")


if __name__ == "__main__":
    main()
