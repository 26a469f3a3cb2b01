"""Embed SQLAgent in an application: one agent for its lifetime, every outcome handled.

    python examples/embed.py ["a question" …]

Settings come from agentsql.toml and AGENTSQL_… variables, as for the command line.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agentsql import Answer, SQLAgent
from agentsql.settings import load_settings

DATABASE = Path(__file__).with_name("bookshop.sqlite")
QUESTIONS = ("How many books cost more than 20?", "And how many of them are hardcovers?")


def reply_to(answer: Answer) -> str:
    """Give what the application shows for an answer; only `answered` has rows to rely on."""
    match answer.status:
        case "answered":
            shown = "\n".join("  " + " | ".join(map(str, row)) for row in answer.rows[:10])
            return f"{answer.text}\n{shown}"
        case "chat" | "clarify":
            return answer.text
        case _:
            reason = answer.error.message if answer.error else answer.text
            return f"No answer: {reason}"


def main() -> None:
    with SQLAgent(DATABASE, settings=load_settings().settings) as agent:
        for question in sys.argv[1:] or QUESTIONS:
            answer = agent.ask(question, evidence="Format HC is a hardcover.", thread_id="example")
            print(f"{question}\n{reply_to(answer)}\n  {answer.sql}\n")

        # SQL of the application's own goes through the same two locks.
        refused = agent.run_sql("DELETE FROM reviews")
        print(f"DELETE FROM reviews\n  refused: {refused.error.message if refused.error else 'no'}")


if __name__ == "__main__":
    main()
