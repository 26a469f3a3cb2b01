"""An answer, its rows and its trace on a terminal or a pipe."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from agentsql.cli.layout import Layout, layout, record
from agentsql.cli.safe import one_line, printable
from agentsql.types import Answer, Cell, QueryFailure, Row, TraceEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

_STATUS_WORDS = {"clarify": "a question back", "refused": "refused", "failed": "no answer", "waiting": "waiting"}


def make_console(*, stderr: bool = False) -> Console:
    """Give a console that takes nothing in a text for markup or emoji, and wraps lines on a terminal only."""
    console = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    console.soft_wrap = not console.is_terminal
    return console


def say(console: Console, text: str, *, style: str = "") -> None:
    """Print untrusted text."""
    console.print(Text(printable(text), style=style if console.is_terminal else ""))


def show_error(console: Console, error: BaseException | str) -> None:
    """Print `error: …`, red on a terminal."""
    label = Text("error: ", style="bold red" if console.is_terminal else "")
    console.print(label + Text(printable(str(error)), style=""))


def show_sql(console: Console, sql: str) -> None:
    """Print SQL, highlighted on a terminal."""
    shown = printable(sql).strip()
    if not console.is_terminal:
        console.print(Text(shown))
        return
    from rich.syntax import Syntax

    highlighted = Syntax(shown, "sql", theme="ansi_dark", background_color="default").highlight(shown)
    highlighted.rstrip()
    console.print(highlighted)


def draw_rows(console: Console, columns: Sequence[str], rows: Sequence[Row]) -> Layout:
    """Lay rows out for this console: all of them in a pipe, what fits its width on a terminal."""
    if not console.is_terminal:
        return layout(columns, rows)
    drawn = layout(columns, rows, width=console.width)
    return record(columns, rows[0]) if drawn.hidden and len(rows) == 1 else drawn


def show_lines(console: Console, drawn: Layout) -> None:
    """Print a drawn table, its header bold on a terminal."""
    bold = "bold" if console.is_terminal and drawn.has_header else ""
    for number, line in enumerate(drawn.lines):
        console.print(Text(line, style=bold if number == 0 else ""), no_wrap=True, crop=console.is_terminal)
    if drawn.hidden:
        say(console, f"not shown: {plural(len(drawn.hidden), 'more column')} ({', '.join(drawn.hidden)})", style="dim")


def page_lines(console: Console, lines: Sequence[str]) -> bool:
    """Show lines in the person's pager; False if there is none.

    `$PAGER` may be set; `less` scrolls sideways, as long lines are not folded.
    """
    command = shlex.split(os.environ.get("PAGER", "")) or ["less"]
    if shutil.which(command[0]) is None:
        return False
    environ = {"LESS": "-SRFX", **os.environ}
    with console.capture() as captured:
        for line in lines:
            console.print(Text(line), no_wrap=True, crop=False)
    subprocess.run(command, input=captured.get(), text=True, encoding="utf-8", env=environ, check=False)
    return True


def plural(count: int, noun: str) -> str:
    """Give `1 table`, `2 tables`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def rows_note(answer_rows: int, *, truncated: bool) -> str:
    """Give `5 rows`, or that there are more."""
    if truncated:
        return f"the first {answer_rows:,} rows; the database has more"
    return plural(answer_rows, "row")


def answer_note(answer: Answer) -> str:
    """Give one line on how an answer came about: rows, seconds, confidence."""
    parts = [f"{answer.seconds:.1f} s"]
    if answer.status == "answered":
        parts.insert(0, rows_note(len(answer.rows), truncated=answer.truncated))
    if answer.confidence is not None:
        parts.append(f"confidence {answer.confidence:.0%}")
    return " · ".join(parts)


def unanswered(answer: Answer) -> str:
    """Give why there is no answer, with what would mend it."""
    said = answer.text or (failure_text(answer.error) if answer.error else "the model gave no answer")
    return f"{_STATUS_WORDS.get(answer.status, answer.status)}: {said}"


def failure_text(failure: QueryFailure) -> str:
    """Give a failure with its hint."""
    return f"{failure.message}; {failure.hint}" if failure.hint else failure.message


def trace_layout(trace: Sequence[TraceEvent], *, width: int | None) -> Layout:
    """Draw what each step did: seconds, calls, tokens, what it wrote."""
    rows: list[tuple[Cell, ...]] = [
        (
            event.step,
            f"{event.seconds:.2f}",
            event.usage.calls or None,
            _tokens(event),
            ", ".join(event.writes),
            " ".join(event.prompt_hashes),
        )
        for event in trace
    ]
    columns = ("step", "seconds", "calls", "tokens in + out", "wrote", "prompt")
    return layout(columns, [tuple("" if cell is None else cell for cell in row) for row in rows], width=width)


def trace_notes(trace: Sequence[TraceEvent]) -> Iterator[str]:
    """Give each note of each step, with the step's name."""
    for event in trace:
        for note in event.notes:
            yield f"{event.step}: {one_line(note)}"


def show_trace(console: Console, answer: Answer) -> None:
    """Print the trace as a table, then what the steps noted."""
    width = console.width if console.is_terminal else None
    show_lines(console, trace_layout(answer.trace, width=width))
    for note in trace_notes(answer.trace):
        say(console, f"  {note}")
    usage = answer.usage
    total = f"total: {answer.seconds:.2f} s, {plural(usage.calls, 'call')}, {usage.tokens:,} tokens"
    cached = f" ({usage.cached_tokens:,} from the server's cache)" if usage.cached_tokens else ""
    say(console, total + cached)


def _tokens(event: TraceEvent) -> str | None:
    usage = event.usage
    return f"{usage.prompt_tokens:,} + {usage.completion_tokens:,}" if usage.calls else None
