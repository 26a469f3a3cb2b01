"""The backslash commands of `agentsql chat`, one function each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agentsql.cli import show
from agentsql.cli.conversation import Conversation, bullet_lines, new_thread
from agentsql.cli.layout import layout
from agentsql.cli.session import interruptible, warm_up
from agentsql.db.schema import Table
from agentsql.errors import UsageError, nearest
from agentsql.formats import cell_text
from agentsql.types import Answer, Candidate, Links, Row


@dataclass(frozen=True, slots=True)
class Command:
    """One backslash command."""

    name: str
    usage: str
    """Its arguments, as `\\help` shows them."""
    summary: str
    run: Callable[[Conversation, str], int]
    """Takes the text behind the name; gives an exit code."""


def run_command(chat: Conversation, line: str) -> int:
    r"""Run a line that begins with `\` and give its exit code.

    Raises:
        UsageError: there is no such command, or its argument is wrong.
    """
    name, _, argument = line[1:].strip().partition(" ")
    command = COMMANDS.get(_SHORT.get(name, name))
    if command is None:
        raise UsageError(f"there is no command \\{name}" + (nearest(name, COMMANDS) or "; \\help lists them"))
    return command.run(chat, argument.strip())


def _schema(chat: Conversation, argument: str) -> int:
    schema = chat.agent.schema
    if argument:
        table = schema.table(argument.strip('"`[]'))
        if table is None:
            meant = nearest(argument, (one.name for one in schema)) or "; \\schema lists them"
            raise UsageError(f"there is no table {argument!r}{meant}")
        columns, rows = _described(table)
    else:
        columns = ("table", "kind", "columns", "rows", "comment")
        rows = [(table.name, table.kind, len(table.columns), table.rows, table.comment) for table in schema]
    if not any(row[-1] for row in rows):  # no comments
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    show.show_lines(chat.out, show.draw_rows(chat.out, columns, rows))
    return 0


def _described(table: Table) -> tuple[tuple[str, ...], list[Row]]:
    """Give labels, and a row for each column; the comment is last."""
    targets = {
        column: f"{key.to_table}.{target}"
        for key in table.foreign_keys
        for column, target in zip(key.columns, key.to_columns, strict=False)
    }
    rows: list[Row] = [
        (
            column.name,
            column.type,
            "primary key" if column.name in table.primary_key else "",
            targets.get(column.name, ""),
            ", ".join(cell_text(value) for value in column.values[:3]),
            column.comment,
        )
        for column in table.columns
    ]
    return ("column", "type", "key", "points to", "for example", "comment"), rows


def _sql(chat: Conversation, argument: str) -> int:
    if argument:
        with chat.progress:
            result = interruptible(lambda: chat.agent.run_sql(argument))
        return chat.show_result(result)
    if not chat.sql:
        raise UsageError("no SQL has run yet; ask a question first, or write `\\sql SELECT …`")
    if chat.interactive:
        chat.prefill = f"\\sql {chat.sql}"
    else:
        show.show_sql(chat.out, chat.sql)
    return 0


def _rows(chat: Conversation, argument: str) -> int:
    del argument
    if not chat.columns:
        raise UsageError("there are no rows yet; ask a question first")
    if not (chat.interactive and chat.page_rows()):
        show.show_lines(chat.out, layout(chat.columns, chat.rows))
    return 0


def _trace(chat: Conversation, argument: str) -> int:
    del argument
    show.show_trace(chat.out, _last_answer(chat))
    return 0


def _why(chat: Conversation, argument: str) -> int:
    del argument
    answer = _last_answer(chat)
    updates = chat.outcome.updates if chat.outcome else {}
    if chat.outcome and chat.outcome.asked != answer.question:
        show.say(chat.out, f"understood as: {answer.question}")
    links = updates.get("links")
    if isinstance(links, Links):
        show.say(chat.out, f"tables it speaks of: {', '.join(links.tables) or 'none found'}")
        show.say(
            chat.out, f"columns: {', '.join(f'{table}.{column}' for table, column in links.columns) or 'none found'}"
        )
        if links.values:
            found = [f"{text!r} is in {table}.{column}" for table, column, text in links.values]
            show.say(chat.out, f"values:\n{bullet_lines(found)}")
    tables = updates.get("tables")
    if isinstance(tables, tuple) and tables:
        show.say(chat.out, f"tables shown to the SQL model: {', '.join(map(str, tables))}")
    for candidate in answer.candidates:
        chosen = " (the answer)" if candidate.sql == answer.sql and candidate.failure is None else ""
        show.say(chat.out, f"{candidate.name}{chosen}: {_verdict(candidate)}")
        show.show_sql(chat.out, candidate.sql)
    fixes = sum(candidate.name.endswith((".fix", ".mend")) for candidate in answer.candidates)
    show.say(chat.out, f"corrections: {fixes}; confidence: {_confidence(answer)}")
    for note in show.trace_notes(answer.trace):
        show.say(chat.out, f"  {note}")
    return 0


def _verdict(candidate: Candidate) -> str:
    if candidate.failure is not None:
        return f"{candidate.failure.kind}: {show.failure_text(candidate.failure)}"
    if candidate.result is None:
        return "not executed"
    if candidate.result.error is not None:
        return f"{candidate.result.error.kind}: {show.failure_text(candidate.result.error)}"
    return f"gave {show.rows_note(len(candidate.result.rows), truncated=candidate.result.truncated)}"


def _confidence(answer: Answer) -> str:
    if answer.confidence is None:
        return "unknown, as nothing was executed"
    executed = sum(candidate.result is not None for candidate in answer.candidates)
    return f"{answer.confidence:.0%} ({show.plural(executed, 'candidate')} executed)"


def _good(chat: Conversation, argument: str) -> int:
    answer = _last_answer(chat)
    if answer.status != "answered" or not answer.sql:
        raise UsageError("the last question has no answer to keep; ask one that is answered with SQL first")
    question = argument or answer.question
    with chat.progress:
        chat.progress.say("keeping the question")
        added = chat.agent.add_example(question, answer.sql, source="chat")
    chat.progress.clear()
    said = "kept, and shown for similar questions from now on" if added else "it was kept already"
    show.say(chat.err, f"{said}: {question}", style="dim")
    return 0


def _export(chat: Conversation, argument: str) -> int:
    from agentsql.export import export_rows

    overwrite = argument.startswith("-f ")
    name = argument.removeprefix("-f ").strip().strip("\"'")
    if not name:
        raise UsageError("name a file: `\\export FILE.csv`, or .json, .parquet, .xlsx")
    if not chat.columns:
        raise UsageError("there are no rows to export yet; ask a question first")
    path = Path(name).expanduser()
    note = export_rows(path, chat.columns, chat.rows, overwrite=overwrite)
    show.say(chat.err, f"wrote {show.rows_note(len(chat.rows), truncated=chat.truncated)} to {path}")
    if chat.truncated:
        show.say(chat.err, "raise [database] max_rows (or start with --max-rows) and ask again to export more")
    if note:
        show.say(chat.err, note)
    return 0


def _model(chat: Conversation, argument: str) -> int:
    agent = chat.agent.settings.agent
    if not argument:
        show.say(chat.out, f"sql role: {agent.sql_model}\nchat role: {agent.chat_model or 'the same model'}")
        return 0
    role, _, spec = argument.partition(" ")
    if role not in ("sql", "chat"):
        role, spec = "sql", argument
    opened = chat.open_agent({f"agent.{role}_model": spec.strip()})
    chat.agent.close()
    chat.agent = opened
    warm_up(opened, chat.progress)
    return _model(chat, "")


def _new(chat: Conversation, argument: str) -> int:
    del argument
    chat.thread_id = new_thread()
    chat.outcome = None
    show.say(chat.err, "a new conversation; earlier questions are forgotten", style="dim")
    return 0


def _help(chat: Conversation, argument: str) -> int:
    del argument
    rows = [(f"\\{command.name} {command.usage}".strip(), command.summary) for command in COMMANDS.values()]
    widest = max(len(usage) for usage, _summary in rows)
    show.say(chat.out, "Type a question, or one of these:")
    for usage, summary in rows:
        show.say(chat.out, f"  {usage.ljust(widest)}  {summary}")
    if chat.interactive:
        show.say(chat.out, "Tab completes names, Ctrl-C stops a question, Ctrl-D leaves.")
    return 0


def _quit(chat: Conversation, argument: str) -> int:
    del argument
    chat.leaving = True
    return 0


def _last_answer(chat: Conversation) -> Answer:
    if chat.outcome is None:
        raise UsageError("nothing has been asked in this conversation yet; ask a question first")
    return chat.outcome.answer


COMMANDS = {
    command.name: command
    for command in (
        Command("schema", "[TABLE]", "show the tables, or the columns of one", _schema),
        Command("sql", "[SELECT …]", "edit the last SQL and run it, or run your own", _sql),
        Command("rows", "", "show the last rows again with every column", _rows),
        Command("why", "", "why the last answer is what it is", _why),
        Command("trace", "", "what each step did, and what it cost", _trace),
        Command("good", "[QUESTION]", "the last SQL is right: keep it, under this question if you give one", _good),
        Command("export", "[-f] FILE", "save the last rows as .csv, .json, .parquet or .xlsx", _export),
        Command("model", "[[sql|chat] SPEC]", "show the models, or change one", _model),
        Command("new", "", "start a new conversation", _new),
        Command("help", "", "show this", _help),
        Command("quit", "", "leave", _quit),
    )
}
_SHORT = {"q": "quit", "h": "help", "?": "help", "d": "schema", "exit": "quit"}
