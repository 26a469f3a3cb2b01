"""An agent opened from the command line's options, and one question put to it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console

from agentsql.cli import show
from agentsql.cli.approve import Decide, Handover, decider
from agentsql.errors import AgentSQLError
from agentsql.settings import load_settings
from agentsql.types import Answer, Answered, ApprovalNeeded, Event, ExecutionResult, StepFinished

if TYPE_CHECKING:
    from agentsql.agent import SQLAgent
    from agentsql.cli.progress import ProgressLine


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer, and what the steps found on the way."""

    asked: str
    """The question as it was typed; `answer.question` differs where a step wrote it anew."""
    answer: Answer
    updates: Mapping[str, object]
    """The last value each state key was given."""


def open_agent(db: str, flags: Mapping[str, object], progress: ProgressLine) -> SQLAgent:
    """Give an agent with the settings from files, environment and `flags` (values by `section.key`)."""
    from agentsql.observe.process import observe_process

    settings = load_settings(flags=flags).settings
    observe_process(settings.observe)
    with progress:
        from agentsql.agent import SQLAgent

        return SQLAgent(db, settings=settings, progress=progress.say)


def warm_up(agent: SQLAgent, progress: ProgressLine) -> None:
    """Load the model in the background, its progress showing until it is done."""
    agent.warm().add_done_callback(lambda _done: progress.clear())


def run_question(
    agent: SQLAgent,
    question: str,
    *,
    progress: ProgressLine,
    evidence: str = "",
    thread_id: str | None = None,
    decide: Decide | None = None,
) -> Outcome:
    """Ask, showing progress; Ctrl-C stops the question on the server too and goes on to the caller.

    Args:
        decide: called in this thread with each query before it runs; None runs them.
    """
    stream = partial(agent.stream, question, evidence=evidence, thread_id=thread_id)
    return _outcome(agent, question, stream, progress=progress, decide=decide)


def offer_waiting(agent: SQLAgent, *, thread_id: str, console: Console, progress: ProgressLine) -> Outcome | None:
    """Show the query that waits in a thread, let the person decide, and go on with it; None if there is none."""
    request = agent.pending(thread_id)
    if request is None:
        return None
    show.say(console, f"this question waits for your decision: {request.question}")
    decide = decider(console, may_wait=True)
    stream = partial(agent.stream_resumed, thread_id, decide(request))
    return _outcome(agent, request.question, stream, progress=progress, decide=decide)


def _outcome(
    agent: SQLAgent,
    asked: str,
    stream: Callable[..., Iterator[Event]],
    *,
    progress: ProgressLine,
    decide: Decide | None,
) -> Outcome:
    """Follow what `stream` yields, which takes `approve`, to the answer; see `run_question`."""
    updates: dict[str, object] = {}
    handover = Handover()
    with progress:
        try:
            for event in stream(approve=handover if decide else None):
                progress.show(event)
                if isinstance(event, ApprovalNeeded) and decide:
                    with progress.paused():
                        decision = decide(event.request)
                    handover.put(decision)
                if isinstance(event, StepFinished):
                    updates.update(event.updates)
                elif isinstance(event, Answered):
                    return Outcome(asked, event.answer, updates)
        except KeyboardInterrupt:
            agent.cancel()
            raise
    raise AgentSQLError("the agent stopped without an answer; run with --debug for what happened")


def interruptible(query: Callable[[], ExecutionResult]) -> ExecutionResult:
    """Run a query in this thread so that Ctrl-C always comes out as a KeyboardInterrupt.

    SQLite stops a query whose progress handler raises, and takes the exception for its own answer.
    """
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, note)
    try:
        result = query()
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
    return result


def exit_code(answer: Answer) -> int:
    """Give 0 for an answer or a reply, 4 for a query that ran out of time, 1 for anything else."""
    if answer.status in ("answered", "chat"):
        return 0
    return 4 if answer.error is not None and answer.error.kind == "timeout" else 1
