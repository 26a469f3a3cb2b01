"""Asks a person at the terminal, or on stdin, whether a query may run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import Future

from rich.console import Console

from agentsql.cli import show
from agentsql.types import ApprovalRequest, Decision, EditedSQL

Read = Callable[[str, str], str]
"""Gives the line typed after a prompt, starting from a text; raises EOFError where there is none."""
Decide = Callable[[ApprovalRequest], Decision]


def decider(console: Console, *, may_wait: bool, read: Read | None = None) -> Decide:
    """Give what shows a query on `console` and reads the decision.

    Args:
        may_wait: at the end of the input the question is left waiting; without, it is refused.
        read: None reads the terminal if stdin is one, else a line of stdin.
    """

    def decide(request: ApprovalRequest) -> Decision:
        show.show_sql(console, request.sql)
        for finding in request.findings:
            show.say(console, f"look: {finding}", style="yellow")
        try:
            return _decided(request.sql, read or (_typed if sys.stdin.isatty() else _read_line), console)
        except EOFError:
            return "later" if may_wait else "refuse"

    return decide


class Handover:
    """Takes decisions from the thread that has the terminal to the question that waits for them."""

    def __init__(self) -> None:
        self._decision: Future[Decision] = Future()

    def put(self, decision: Decision) -> None:
        """Decide on the query that waits."""
        self._decision.set_result(decision)

    async def __call__(self, _request: ApprovalRequest) -> Decision:
        """Wait for the decision; a cancelled question stops waiting."""
        decision = await asyncio.wrap_future(self._decision)
        self._decision = Future()
        return decision


def _decided(sql: str, read: Read, console: Console) -> Decision:
    while True:
        word = read("run this query? r(un), e(dit), n(o): ", "").strip().lower()
        if word in ("r", "run", "y", "yes"):
            return "run"
        if word in ("n", "no", "refuse"):
            return "refuse"
        if word in ("e", "edit") and (edited := read("SQL: ", sql.strip()).strip()):
            return EditedSQL(edited)
        show.say(console, "type r to run it, e to change it first, or n to refuse", style="dim")


def _read_line(_prompt: str, _text: str) -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _typed(prompt: str, text: str) -> str:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.lexers import PygmentsLexer
    from prompt_toolkit.output import create_output
    from pygments.lexers.sql import SqlLexer

    # On stderr: what goes to stdout is the answer's.
    session: PromptSession[str] = PromptSession(
        prompt, lexer=PygmentsLexer(SqlLexer) if text else None, output=create_output(sys.stderr)
    )
    return session.prompt(default=text)
