"""What a person sees while they wait."""

import io

from rich.console import Console

from agentsql.cli.progress import ProgressLine
from agentsql.types import StepFinished, StepStarted, Token, TraceEvent


def _progress(*, terminal: bool) -> tuple[ProgressLine, io.StringIO, list[float]]:
    shown, now = io.StringIO(), [0.0]
    console = Console(file=shown, force_terminal=terminal, width=80, color_system=None)
    return ProgressLine(console, clock=lambda: now[0]), shown, now


def test_without_a_terminal_a_line_is_printed_every_five_seconds_at_most():
    progress, shown, now = _progress(terminal=False)
    for second in range(12):
        now[0] = float(second)
        progress.say(f"{second} MB")
    assert shown.getvalue() == "0 MB\n5 MB\n10 MB\n"


def test_without_a_terminal_steps_are_silent():
    progress, shown, _now = _progress(terminal=False)
    with progress:
        progress.show(StepStarted("generate"))
    assert shown.getvalue() == ""


def test_the_line_names_the_running_steps_and_the_seconds():
    progress, _shown, now = _progress(terminal=True)
    with progress:
        now[0] = 7.0
        progress.show(StepStarted("link"))
        progress.show(StepStarted("prune"))
        assert progress.__rich__().plain == "link, prune 7 s"
        progress.show(StepFinished(TraceEvent("link", 0.1), {}))
        assert progress.__rich__().plain == "prune 7 s"


def test_the_line_shows_what_a_model_writes_without_its_line_breaks_and_sequences():
    progress, _shown, _now = _progress(terminal=True)
    progress.show(StepStarted("generate"))
    progress.show(Token("generate", "SELECT a\n"))
    progress.show(Token("generate", "FROM\x1b[2J b"))
    assert progress.__rich__().plain == "generate 0 s  SELECT a FROM b"


def test_what_was_said_is_forgotten_when_it_is_over():
    progress, _shown, _now = _progress(terminal=True)
    progress.say("loading")
    progress.clear()
    assert progress.note == ""


def test_the_spinner_leaves_nothing_behind():
    progress, shown, _now = _progress(terminal=True)
    with progress:
        progress.show(StepStarted("generate"))
    assert shown.getvalue().endswith("\x1b[2K")
