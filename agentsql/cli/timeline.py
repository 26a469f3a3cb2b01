"""A question drawn as a timeline: one bar a step over the seconds it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from agentsql.cli.layout import padded
from agentsql.cli.safe import one_line
from agentsql.cli.show import plural, say, show_sql
from agentsql.evaluation.records import Record
from agentsql.observe.records import StepRecord

_PIPE_WIDTH = 120
_NARROWEST_BAR = 12
_WIDEST_BAR = 48
_STYLES = {"answered": "green", "chat": "green", "clarify": "yellow", "waiting": "yellow"}


@dataclass(frozen=True, slots=True)
class Span:
    """A step with its place in time."""

    step: StepRecord
    begin: float
    """Seconds after the question began."""
    beside: bool
    """True if it ran at the same time as another."""

    @property
    def end(self) -> float:
        return self.begin + self.step.seconds


def spans_of(steps: Sequence[StepRecord]) -> list[Span]:
    """Give the steps in the order of their beginnings; those of records without times one behind the other."""
    begins: list[float] = []
    at = 0.0
    for step in steps:
        begins.append(at if step.started is None else step.started)
        at = begins[-1] + step.seconds
    placed = sorted(zip(begins, steps, strict=True), key=lambda one: one[0])
    return [Span(step, begin, _overlaps(number, placed)) for number, (begin, step) in enumerate(placed)]


def show_timeline(console: Console, record: Record, extra: Mapping[str, str]) -> None:
    """Draw a question on this console's width; without a terminal on 120 characters."""
    width = console.width if console.is_terminal else _PIPE_WIDTH
    say(console, record.question, style="bold")
    colour = _STYLES.get(record.status, "red")
    label = f"{record.status}: {record.error}" if record.error else record.status
    say(console, label, style=colour)
    say(console, _about(record, extra), style="dim")
    console.print()
    for line in timeline(spans_of(record.steps), width):
        if not console.is_terminal:
            line = Text(line.plain)
        line.rstrip()
        console.print(line, no_wrap=True, crop=console.is_terminal)
    for note in _notes(record):
        say(console, note, style="dim")
    if record.sql:
        console.print()
        show_sql(console, record.sql)
    tried = [one for one in record.candidates if one.sql != record.sql or one.failure]
    for candidate in tried:
        outcome = candidate.failure or (plural(candidate.rows, "row") if candidate.rows is not None else "not run")
        console.print()
        say(console, f"{candidate.name}: {outcome}", style="dim")
        show_sql(console, candidate.sql)


def timeline(spans: Sequence[Span], width: int) -> Iterator[Text]:
    """Yield a line a step: name, bar, seconds, then tokens, model and prompt as far as there is room."""
    if not spans:
        yield Text("no step was recorded")
        return
    names = [one_line(span.step.step) for span in spans]
    widest = max(8, min(max(map(len, names)), width // 4))
    details = [_details(span.step) for span in spans]
    kept = _kept_details(details, width - widest - 12 - _NARROWEST_BAR)
    room = [max((len(row[number]) for row in details), default=0) for number in range(kept)]
    bar = max(4, min(_WIDEST_BAR, width - widest - 12 - sum(room) - 2 * len(room)))
    whole = max(span.end for span in spans) or 1e-9
    for name, span, row in zip(names, spans, details, strict=True):
        line = Text(f"{padded(name, widest)} ")
        line.append("∥" if span.beside else " ", style="yellow")
        style = "red" if span.step.error else "cyan" if span.step.calls else "white"
        line.append(_bar(span, whole, bar), style=style)
        line.append(f" {span.step.seconds:7.2f} s")
        for text, size in zip(row, room, strict=False):
            line.append(f"  {text:<{size}}", style="dim")
        yield line


def _bar(span: Span, whole: float, width: int) -> str:
    begin = min(int(span.begin / whole * width), width - 1)
    end = max(begin + 1, min(width, round(span.end / whole * width)))
    full = "█" if span.step.seconds / whole * width >= 0.5 else "▏"
    return " " * begin + full * (end - begin) + " " * (width - end)


def _details(step: StepRecord) -> tuple[str, str, str]:
    """Give what is shown behind the seconds, most telling first."""
    if not step.calls:
        return "", "", ""
    calls = f" in {step.calls} calls" if step.calls > 1 else ""
    tokens = f"{step.prompt_tokens:,} + {step.completion_tokens:,} tokens{calls}"
    hashes = one_line(" ".join(dict.fromkeys(step.prompt_hashes)))
    return tokens, one_line(", ".join(step.models)), hashes


def _kept_details(details: Sequence[tuple[str, ...]], room: int) -> int:
    """Give how many of the details fit into so many characters, from the first on."""
    for kept in range(3, 0, -1):
        sizes = [max(len(row[number]) for row in details) for number in range(kept)]
        if sum(sizes) + 2 * kept <= room:
            return kept
    return 0


def _overlaps(number: int, placed: Sequence[tuple[float, StepRecord]]) -> bool:
    """True if another step's time is shared by more than a breath, which is what clocks may be off by."""
    begin, step = placed[number]
    end, breath = begin + step.seconds, 1e-4
    return any(
        other != number and begin < its_begin + its.seconds - breath and its_begin < end - breath
        for other, (its_begin, its) in enumerate(placed)
    )


def _about(record: Record, extra: Mapping[str, str]) -> str:
    parts = [record.db_id, f"{record.seconds:.2f} s", plural(record.calls, "call")]
    parts.append(f"{record.prompt_tokens:,} + {record.completion_tokens:,} tokens")
    if record.cached_tokens:
        parts.append(f"{record.cached_tokens:,} from the server's cache")
    if record.confidence is not None:
        parts.append(f"confidence {record.confidence:.0%}")
    if principal := extra.get("principal"):
        parts.append(f"for {principal}")
    if asked_at := extra.get("asked_at"):
        parts.append(asked_at)
    return " · ".join(filter(None, [*parts, record.question_id]))


def _notes(record: Record) -> Iterator[str]:
    for step in record.steps:
        if step.error:
            yield f"  {step.step}: ended by {step.error}"
        for note in step.notes:
            yield f"  {step.step}: {one_line(note)}"
