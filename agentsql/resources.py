"""What steps work with and what one question may spend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agentsql.db.value_index import ValueIndex
from agentsql.errors import BudgetSpentError, ModelDeadlineError
from agentsql.settings import BudgetSettings, Settings
from agentsql.types import ApprovalRequest, Completion, Consent, Event, ModelCall, Role, Token, TraceEvent, Usage

if TYPE_CHECKING:
    from agentsql.db.database import Database
    from agentsql.db.schema import Schema
    from agentsql.db.words import WordIndex
    from agentsql.models.endpoint import Endpoint
    from agentsql.prompts import Prompt
    from agentsql.retrieval.store import ExampleStore
    from agentsql.views import VisibleExamples

_CHARACTERS_A_TOKEN = 2.5
"""Lower than any SQL prompt measured (3.0 to 3.9), so that an estimate errs on the side of the budget."""


@dataclass(slots=True)
class Meter:
    """What one question has spent; every model call asks it first."""

    budget: BudgetSettings
    clock: Callable[[], float] = time.monotonic
    usage: Usage = field(default_factory=Usage)
    started: float = 0.0
    _reserved_calls: int = 0
    _reserved_tokens: int = 0

    def start(self) -> None:
        self.started = self.clock()

    def seconds(self) -> float:
        """Give how long the question has been worked on; a person's time to decide is not counted."""
        return self.clock() - self.started

    def count(self, trace: Iterable[TraceEvent]) -> None:
        """Add what a question that goes on has spent before it stopped."""
        for event in trace:
            self.usage += event.usage
            self.started -= event.seconds

    def seconds_left(self) -> float:
        return self.budget.seconds - self.seconds()

    def reserve(self, prompt_tokens: int, max_tokens: int) -> int:
        """Set tokens aside for a call that is about to be made and give how many it may write.

        Raises:
            BudgetSpentError: nothing is left of the calls, the tokens or the seconds.
        """
        if self.usage.calls + self._reserved_calls >= self.budget.calls:
            raise BudgetSpentError("model calls", self.budget.calls, "calls")
        if self.seconds_left() <= 0:
            raise BudgetSpentError("seconds", self.budget.seconds, "seconds")
        left = self.budget.tokens - self.usage.tokens - self._reserved_tokens - prompt_tokens
        if left < min(max_tokens, 16):
            raise BudgetSpentError("tokens", self.budget.tokens, "tokens")
        granted = min(max_tokens, left)
        self._reserved_calls += 1
        self._reserved_tokens += prompt_tokens + granted
        return granted

    def settle(self, prompt_tokens: int, granted: int, spent: Usage) -> None:
        """Replace a reservation by what the call really took."""
        self._reserved_calls -= 1
        self._reserved_tokens -= prompt_tokens + granted
        self.usage += spent


@dataclass(slots=True)
class StepLog:
    """What one run of a step leaves for its trace event."""

    step: str
    usage: Usage = field(default_factory=Usage)
    prompt_hashes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Resources:
    """Everything that outlives a step: handed to each one, never stored in a checkpoint."""

    database: Database
    schema: Schema
    words: WordIndex
    endpoints: Mapping[Role, Endpoint]
    settings: Settings
    meter: Meter
    emit: Callable[[Event], None] = lambda _event: None
    values: ValueIndex = field(default_factory=ValueIndex)
    """Cell texts of the whole database; empty while they are being read, or where they may not be."""
    examples: ExampleStore | VisibleExamples | None = None
    """Solved questions; None and an empty store are the same to a step."""
    approve: Callable[[ApprovalRequest], Consent] | None = None
    """Asks a person whether a query may run; None where nobody is to be asked. A step that calls it is run anew from
    its start once there is a decision, so it asks for all it wants to run before it runs any."""
    log: StepLog = field(default_factory=lambda: StepLog("none"))

    def for_step(self, step: str) -> Resources:
        """Give a copy whose notes and usage go to a log of its own."""
        return replace(self, log=StepLog(step))

    def note(self, text: str) -> None:
        """Add a line to the step's trace event."""
        self.log.notes.append(text)

    async def complete(
        self, role: Role, prompt: Prompt, *, n: int = 1, max_tokens: int = 512, stream: bool = False, **options: Any
    ) -> tuple[Completion, ...]:
        """Ask the model of that role, within the question's budget.

        Args:
            stream: emit a `Token` event for each piece of text; only with n = 1.
            options: passed to `Endpoint.complete`.

        Raises:
            BudgetSpentError: before the call, or when the question's time ends during it.
            ModelError: see `Endpoint.complete`.
        """
        estimate = int(sum(len(message.content) for message in prompt.messages) / _CHARACTERS_A_TOKEN)
        granted = self.meter.reserve(estimate, max_tokens * n)
        spent, error = Usage(calls=1), ""
        began, started = self.meter.seconds(), time.perf_counter()
        completions: tuple[Completion, ...] = ()
        try:
            completions = await self.endpoints[role].complete(
                prompt.messages,
                n=n,
                max_tokens=max(1, granted // n),
                deadline_s=min(self.settings.models.deadline_s, self.meter.seconds_left()),
                on_token=self._on_token() if stream else None,
                **options,
            )
            spent = sum((completion.usage for completion in completions), Usage())
            spent = replace(spent, calls=max(spent.calls, 1), seconds=time.perf_counter() - started)
        except BaseException as exc:
            error = type(exc).__name__
            if isinstance(exc, ModelDeadlineError) and self.meter.seconds_left() <= 0:
                raise BudgetSpentError("seconds", self.meter.budget.seconds, "seconds") from exc
            raise
        finally:
            self.meter.settle(estimate, granted, spent)
            self.log.usage += spent
            self.log.prompt_hashes.append(prompt.hash)
            self.log.model_calls.append(
                ModelCall(
                    role,
                    self.endpoints[role].name,
                    prompt.hash,
                    began,
                    time.perf_counter() - started,
                    spent,
                    completions=n,
                    max_tokens=max(1, granted // n),
                    temperature=float(options.get("temperature", 0.0)),
                    finish_reasons=tuple(one.finish_reason for one in completions),
                    error=error,
                )
            )
        if prompt.tokens:
            completions = tuple(replace(one, text=prompt.restored(one.text)) for one in completions)
        for option in sorted({name for completion in completions for name in completion.degraded}):
            self.note(f"the {role} model's server cannot do {option}; went on without")
        return completions

    def _on_token(self) -> Callable[[str], None]:
        return lambda text: self.emit(Token(self.log.step, text))
