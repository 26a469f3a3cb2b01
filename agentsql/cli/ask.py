"""`agentsql ask`: one question, its answer on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.cli import options
from agentsql.cli.options import AnswerFormat
from agentsql.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from agentsql.agent import SQLAgent
    from agentsql.cli.progress import ProgressLine
    from agentsql.types import Answer


def ask(
    question: Annotated[str, typer.Argument(help="The question in plain language; `-` reads it from stdin.")],
    db: options.Db,
    form: Annotated[
        AnswerFormat, typer.Option("--format", help="table: SQL, rows and a sentence; csv: rows only.")
    ] = AnswerFormat.TABLE,
    sql_only: Annotated[bool, typer.Option("--sql-only", help="Print the SQL and nothing else.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show what each step did.")] = False,
    evidence: Annotated[str, typer.Option("--evidence", help="What you know that the schema does not say.")] = "",
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
    """Answer a question about a database."""
    from agentsql.cli.approve import decider
    from agentsql.cli.progress import ProgressLine
    from agentsql.cli.session import exit_code, open_agent, run_question
    from agentsql.cli.show import make_console, show_trace

    asked = _question(question)
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
    out, err = make_console(), make_console(stderr=True)
    progress = ProgressLine(err)
    with open_agent(db, flags, progress) as agent:
        if thread is not None:
            _settle_waiting(agent, thread, err=err, progress=progress)
        decide = decider(err, may_wait=thread is not None) if approve else None
        answer = run_question(
            agent, asked, progress=progress, evidence=evidence, thread_id=thread, decide=decide
        ).answer
    write_answer(answer, out=out, err=err, form=form, sql_only=sql_only, explain=explain)
    if explain and not (form is AnswerFormat.JSON and not sql_only):
        show_trace(err, answer)
    raise typer.Exit(exit_code(answer))


def _settle_waiting(agent: SQLAgent, thread: str, *, err: Console, progress: ProgressLine) -> None:
    """Let the person decide on a query that waits in the thread, whose place the next question takes.

    Raises:
        UsageError: it is left waiting.
    """
    from agentsql.cli.session import offer_waiting

    outcome = offer_waiting(agent, thread_id=thread, console=err, progress=progress)
    if outcome is None:
        return
    if outcome.answer.status == "waiting":
        raise UsageError(
            f"the question was not asked: it would take the place of the one that waits in the thread {thread!r}; "
            "decide on that first, or ask in another thread"
        )
    write_answer(outcome.answer, out=err, err=err, form=AnswerFormat.TABLE, sql_only=False, explain=False)


def write_answer(
    answer: Answer, *, out: Console, err: Console, form: AnswerFormat, sql_only: bool, explain: bool
) -> None:
    """Write what was asked for to `out`; whatever a program would not want goes to `err`."""
    from agentsql import formats
    from agentsql.cli import show

    answered = answer.status == "answered"
    if form is AnswerFormat.JSON and not sql_only:
        _write(out, formats.to_json(formats.answer_json(answer, trace=explain)))
        return
    if answer.status not in ("answered", "chat"):
        show.say(err, show.unanswered(answer))
        if answer.sql:
            show.say(err, f"the last SQL was: {answer.sql}")
        return
    if not answered:
        show.say(err if sql_only or form is AnswerFormat.CSV else out, answer.text)
        return
    if sql_only:
        show.show_sql(out, answer.sql)
        return
    if form is AnswerFormat.CSV:
        _write(out, formats.to_csv(answer.columns, answer.rows).removesuffix("\n"))
        show.say(err, answer.text)
    elif form is AnswerFormat.MARKDOWN:
        _write(out, formats.answer_markdown(answer))
    else:
        _write_table(answer, out)
    show.say(err, f"({show.answer_note(answer)}{'; --max-rows gives more' if answer.truncated else ''})", style="dim")


def _write_table(answer: Answer, out: Console) -> None:
    from agentsql.cli import show

    show.show_sql(out, answer.sql)
    out.print()
    show.show_lines(out, show.draw_rows(out, answer.columns, answer.rows))
    if answer.text:
        out.print()
        show.say(out, answer.text)


def _write(out: Console, text: str) -> None:
    """Write text exactly as it is into a file or pipe, and harmless on a terminal."""
    from agentsql.cli.safe import printable

    out.file.write((printable(text) if out.is_terminal else text) + "\n")


def _question(argument: str) -> str:
    """Give the question of the argument, or of stdin for `-`.

    Raises:
        UsageError: there is none.
    """
    text = sys.stdin.read() if argument == "-" else argument
    question = text.encode("utf-8", "replace").decode("utf-8").strip()
    if not question:
        raise UsageError('the question is empty; ask something, such as "How many customers are there?"')
    return question
