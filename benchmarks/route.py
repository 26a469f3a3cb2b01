"""Sorts messages about the sample database with `route` and prints how many went where they should.

.venv/bin/python benchmarks/route.py [--model local:qwen2.5-coder-1.5b]
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from agentsql import Settings, SQLAgent
from agentsql.graph import GraphSpec
from agentsql.types import StepFinished

BOOKSHOP = Path(__file__).resolve().parents[1] / "examples" / "bookshop.sqlite"

MESSAGES = {
    "chat": (
        "Hello!",
        "thanks, that was helpful",
        "What can you do?",
        "What is in this database?",
        "Who are you?",
        "Good morning, how are you?",
    ),
    "refused": (
        "Delete all customers",
        "Please drop the table orders",
        "Add a new author called Jane Doe",
        "Update the price of all books to 2",
        "What is the weather in Berlin tomorrow?",
        "Who won the world cup in 2014?",
        "Write me a poem about the sea",
    ),
    "clarify": ("Show me", "the best?", "more", "what about it"),
    "sql": (
        "Wie viele Kunden gibt es in Deutschland?",
        "¿Cuántos autores hay?",
        "Combien de clients habitent à Paris ?",
        "有多少本书?",
        "who spent the most money?",
        "how much did we sell last year?",
        "How many customers are there?",
        "Which books cost more than 20?",
        "who writes the most?",
        "what sells best in Germany?",
        "average rating of each genre",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=Settings().agent.sql_model)
    asyncio.run(_sort(parser.parse_args().model))


async def _sort(model: str) -> None:
    only_route = GraphSpec("route", start="route").add("route", next="end")
    right = calls = 0
    with SQLAgent(BOOKSHOP, graph=only_route, sql_model=model) as agent:
        for wanted, messages in MESSAGES.items():
            for message in messages:
                async for event in agent.astream(message):
                    if isinstance(event, StepFinished):
                        got = event.updates["intent"]
                        right += got == wanted
                        calls += event.event.usage.calls
                        print(f"{'ok' if got == wanted else 'NO':<3} {wanted:<8} {got!s:<8} {message}")
    total = sum(map(len, MESSAGES.values()))
    print(f"{right} of {total} right; {calls} needed the model ({model})")


if __name__ == "__main__":
    main()
