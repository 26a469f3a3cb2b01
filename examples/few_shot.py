"""Keep solved questions, and see them shown to the model for the next one like them.

    python examples/few_shot.py

Needs the extra [retrieval]. The examples are kept in a folder of this program, not among your own.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from agentsql import SQLAgent
from agentsql.settings import ExamplesSettings, load_settings

DATABASE = Path(__file__).with_name("bookshop.sqlite")
SOLVED = {
    "How many customers live in France?": "SELECT count(*) FROM customers WHERE country = 'France'",
    "How many books cost more than 30?": "SELECT count(*) FROM books WHERE price > 30",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(load_settings().settings, examples=ExamplesSettings(folder=folder))
        with SQLAgent(DATABASE, settings=settings) as agent:
            for question, sql in SOLVED.items():
                kept = agent.add_example(question, sql)  # it is run first: SQL that fails is no example
                print(f"{'kept' if kept else 'was there'}: {question}")
            answer = agent.ask("How many customers live in Germany?")
            for event in answer.trace:
                if event.step == "retrieve":
                    print("shown to the model:", *event.notes, sep="\n  ")
            print(f"{answer.sql}\n{answer.text}")


if __name__ == "__main__":
    main()
