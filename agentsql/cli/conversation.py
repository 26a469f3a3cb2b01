"""What one `agentsql chat` remembers, and how it shows what came of a question."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console

from agentsql.cli import show
from agentsql.cli.approve import decider
from agentsql.cli.layout import layout
from agentsql.cli.progress import ProgressLine
from agentsql.cli.session import Outcome, exit_code, offer_waiting, run_question
from agentsql.types import Answer, ExecutionResult, Row

if TYPE_CHECKING:
    from agentsql.agent import SQLAgent

_LINES_BESIDE_ROWS = 8
"""Lines of the screen that the SQL, the sentence and the next prompt take."""


def new_thread() -> str:
    """Give the name of a conversation nobody else has."""
    return f"chat-{uuid.uuid4().hex[:12]}"


@dataclass(slots=True)
class Conversation:
    """One chat session; the backslash commands read and change it."""

    agent: SQLAgent
    open_agent: Callable[[Mapping[str, object]], SQLAgent]
    """Opens the same database with other settings, given by `section.key`."""
    out: Console
    err: Console
    progress: ProgressLine
    interactive: bool
    thread_id: str = field(default_factory=new_thread)
    outcome: Outcome | None = None
    sql: str = ""
    """The last SQL that ran, the agent's or the person's own."""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truncated: bool = False
    prefill: str = ""
    """What the next prompt starts with, for the person to edit."""
    approve: bool = False
    """Whether each query is shown before it runs, for the person to decide on."""
    leaving: bool = False

    def ask(self, question: str) -> int:
        """Put a question, show its answer, and give the exit code it would have."""
        decide = decider(self.out, may_wait=True) if self.approve else None
        return self._show(
            run_question(self.agent, question, progress=self.progress, thread_id=self.thread_id, decide=decide)
        )

    def go_on(self) -> int:
        """Offer the query that waits in the thread, if there is one, and give the exit code of what came of it."""
        outcome = offer_waiting(self.agent, thread_id=self.thread_id, console=self.out, progress=self.progress)
        return self._show(outcome) if outcome else 0

    def _show(self, outcome: Outcome) -> int:
        self.outcome = outcome
        answer = outcome.answer
        if answer.sql:
            self.sql = answer.sql
        if answer.status == "answered":
            self._show_answered(answer)
        elif answer.status == "chat":
            show.say(self.out, answer.text)
        else:
            show.say(self.out, show.unanswered(answer), style="yellow")
            if answer.sql:
                show.show_sql(self.out, answer.sql)
        return exit_code(answer)

    def show_result(self, result: ExecutionResult) -> int:
        """Show what the person's own SQL gave, and give its exit code."""
        self.sql = result.sql
        if result.error is not None:
            show.show_error(self.err, show.failure_text(result.error))
            return 4 if result.error.kind == "timeout" else 1
        self.columns, self.rows, self.truncated = result.columns, result.rows, result.truncated
        self.show_rows()
        note = show.rows_note(len(result.rows), truncated=result.truncated)
        show.say(self.err, f"({note} · {result.seconds:.2f} s)", style="dim")
        return 0

    def show_rows(self) -> None:
        """Show the last rows: in the pager if they are longer than the screen, cut to its width otherwise."""
        if self.interactive and len(self.rows) > self.out.height - _LINES_BESIDE_ROWS and self.page_rows():
            return
        drawn = show.draw_rows(self.out, self.columns, self.rows)
        show.show_lines(self.out, drawn)
        if drawn.hidden and self.interactive:
            show.say(self.out, "\\rows shows all columns", style="dim")

    def page_rows(self) -> bool:
        """Show the last rows with every column in the person's pager; False if there is none."""
        return show.page_lines(self.out, layout(self.columns, self.rows).lines)

    def _show_answered(self, answer: Answer) -> None:
        self.columns, self.rows, self.truncated = answer.columns, answer.rows, answer.truncated
        show.show_sql(self.out, answer.sql)
        self.out.print()
        self.show_rows()
        if answer.text:
            self.out.print()
            show.say(self.out, answer.text, style="bold")
        show.say(self.err, f"({show.answer_note(answer)})", style="dim")


def bullet_lines(items: Sequence[str]) -> str:
    """Give the items one below the other."""
    return "\n".join(f"  {item}" for item in items)
