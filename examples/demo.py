"""Ask three questions of the sample database and show what comes back; `make demo` runs this."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

HERE = Path(__file__).resolve().parent
QUESTIONS = (
    "How many customers live in Germany?",
    "Which customer placed the most orders?",
    "Which authors sold the most copies? Show the top five with the number of copies.",
)


def main() -> int:
    console = Console(highlight=False)
    started = time.perf_counter()
    wrong = 0
    with console.status("starting") as status:
        from agentsql import AgentSQLError, SQLAgent
        from agentsql.settings import load_settings

        try:
            settings = load_settings(flags={"schema.notes": str(HERE / "bookshop.notes.toml")}).settings
            with SQLAgent(HERE / "bookshop.sqlite", settings=settings, progress=status.update) as agent:
                for question in QUESTIONS:
                    console.rule(style="dim")
                    console.print(Text(question, style="bold"))
                    status.update("thinking; a model that has just started first reads the schema, which takes longest")
                    answer = agent.ask(question)
                    wrong += answer.status != "answered"
                    show(console, answer)
        except AgentSQLError as error:
            console.print(Text(f"error: {error}", style="red"))
            return error.exit_code
    console.rule(style="dim")
    seconds = time.perf_counter() - started
    console.print(Text(f"{len(QUESTIONS)} questions in {seconds:.1f} s. Ask your own:", style="dim"))
    console.print("  .venv/bin/agentsql chat --db examples/bookshop.sqlite", soft_wrap=True)
    return 1 if wrong else 0


def show(console: Console, answer) -> None:
    """Print the SQL, the rows, the sentence and the seconds of one answer."""
    console.print()
    console.print(Syntax(answer.sql, "sql", theme="ansi_dark", background_color="default", word_wrap=True))
    table = Table(show_edge=False, header_style="bold")
    for column in answer.columns:
        table.add_column(Text(column))
    for row in answer.rows[:12]:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    if answer.columns:
        console.print()
        console.print(table)
    console.print()
    console.print(Text(answer.text or "no answer"), Text(f"({answer.seconds:.1f} s)", style="dim"))


if __name__ == "__main__":
    sys.exit(main())
