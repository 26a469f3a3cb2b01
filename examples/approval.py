"""Let a person decide before a query runs: at once, with another query, or tomorrow.

python examples/approval.py            # asks on the terminal; without one, each query is run
"""

from __future__ import annotations

import sys
from pathlib import Path

from agentsql import SQLAgent
from agentsql.settings import load_settings
from agentsql.types import ApprovalRequest, Decision, EditedSQL

DATABASE = Path(__file__).with_name("bookshop.sqlite")


def decide(request: ApprovalRequest) -> Decision:
    """Show a query with what speaks against it, and give the decision."""
    print(f"to be run: {request.sql}")
    for finding in request.findings:
        print(f"  but: {finding}")
    if not sys.stdin.isatty():
        return "run"
    typed = input("Enter runs it, n refuses it, or type another query: ").strip()
    return "refuse" if typed == "n" else EditedSQL(typed) if typed else "run"


def main() -> None:
    settings = load_settings().settings
    with SQLAgent(DATABASE, settings=settings) as agent:
        answer = agent.ask("How many customers live in Germany?", approve=decide)
        print(f"{answer.status}: {answer.text}\n")

        # What is not decided waits in its thread, and is still there when the program is started again.
        waiting = agent.ask("How many books cost more than 20?", thread_id="desk", approve=lambda _request: "later")
        print(f"{waiting.status}")

    with SQLAgent(DATABASE, settings=settings) as agent:
        if request := agent.pending("desk"):
            print(f"still waits: {request.sql}")
            answer = agent.resume("desk", EditedSQL("SELECT count(*) FROM books WHERE price >= 20"))
            print(f"{answer.status}: {answer.sql} gave {answer.rows}")


if __name__ == "__main__":
    main()
