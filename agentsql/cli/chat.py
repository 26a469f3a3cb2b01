"""`agentsql chat`: questions one after another, typed by a person or read from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

import typer

from agentsql.cli import options
from agentsql.errors import AgentSQLError

if TYPE_CHECKING:
    from agentsql.agent import SQLAgent
    from agentsql.cli.conversation import Conversation

_LEAVING_WORDS = frozenset({"exit", "quit"})


def chat(
    db: options.Db,
    thread: options.Thread = None,
    graph: options.Graph = None,
    sql_model: options.SqlModel = None,
    chat_model: options.ChatModel = None,
    max_rows: options.MaxRows = None,
    timeout: options.Timeout = None,
    policy: options.Policy = None,
    principal: options.As = None,
    schemas: options.Schemas = None,
    approve: options.Approve = False,
) -> None:
    """Ask one question after another, typed or from a pipe."""
    flags = options.agent_flags(
        graph=graph,
        sql_model=sql_model,
        chat_model=chat_model,
        max_rows=max_rows,
        timeout_s=timeout,
        policy=policy,
        principal=principal,
        schemas=schemas,
    )
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    conversation = _open(db, flags, thread, interactive=interactive)
    conversation.approve = approve
    try:
        lines = _typed_lines(conversation) if interactive else _piped_lines()
        code = talk(conversation, lines, waiting=thread is not None)
    finally:
        conversation.agent.close()
    raise typer.Exit(0 if interactive else code)


def talk(conversation: Conversation, lines: Iterator[str], *, waiting: bool = False) -> int:
    """Answer line after line and give the exit code of the last one; an error or Ctrl-C ends its line only.

    Args:
        waiting: a query that waits in the thread for a decision is offered again first.
    """
    from agentsql.cli.commands import run_command
    from agentsql.cli.show import say, show_error

    code = 0
    for line in chain([""] if waiting else [], lines):
        try:
            if line in _LEAVING_WORDS:
                break
            if not line:
                code = conversation.go_on()
            else:
                code = run_command(conversation, line) if line.startswith("\\") else conversation.ask(line)
        except (AgentSQLError, OSError) as exc:
            if isinstance(exc, BrokenPipeError):
                raise
            show_error(conversation.err, exc)
            code = exc.exit_code if isinstance(exc, AgentSQLError) else 1
        except KeyboardInterrupt:
            if not conversation.interactive:
                raise
            say(conversation.err, "stopped", style="yellow")
            code = 130
        if conversation.leaving:
            break
    return code


def _open(db: str, flags: Mapping[str, object], thread: str | None, *, interactive: bool) -> Conversation:
    from agentsql.cli.conversation import Conversation, new_thread
    from agentsql.cli.progress import ProgressLine
    from agentsql.cli.session import open_agent, warm_up
    from agentsql.cli.show import make_console

    out, err = make_console(), make_console(stderr=True)
    progress = ProgressLine(err)
    given = dict(flags)

    def reopen(changed: Mapping[str, object]) -> SQLAgent:
        agent = open_agent(db, {**given, **changed}, progress)
        given.update(changed)
        return agent

    agent = reopen({})
    warm_up(agent, progress)
    return Conversation(agent, reopen, out, err, progress, interactive, thread_id=thread or new_thread())


def _piped_lines() -> Iterator[str]:
    for line in sys.stdin:
        if question := line.encode("utf-8", "replace").decode("utf-8").strip():
            yield question


def _typed_lines(conversation: Conversation) -> Iterator[str]:
    from agentsql.cli.prompt import prompt_session, read_line
    from agentsql.cli.show import plural, say

    session = prompt_session(conversation)
    name = conversation.agent.database.name
    tables = plural(len(conversation.agent.schema.tables), "table")
    say(conversation.out, f"{name}: {tables}. Ask in plain language; \\help lists commands.")
    while True:
        prefill, conversation.prefill = conversation.prefill, ""
        try:
            line = read_line(session, prefill)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if line:
            yield line
