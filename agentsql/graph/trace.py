"""Runs one step: hands it the keys it declared, and records what it did."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from langgraph.errors import GraphBubbleUp

from agentsql.errors import StepContractError
from agentsql.resources import Resources, StepLog
from agentsql.steps.step import Step
from agentsql.types import StepFailed, StepFinished, StepStarted, TraceEvent


class DeclaredState(Mapping[str, Any]):
    """The part of the state that a step declared; reading anything else is an error that says so."""

    def __init__(self, step: Step, state: Mapping[str, Any]) -> None:
        self._step = step
        allowed = step.reads | step.optional
        self._values = {key: value for key, value in state.items() if key in allowed}

    def __getitem__(self, key: str) -> Any:
        self._require_declared(key)
        return self._values[key]

    def get(self, key: str, default: Any = None) -> Any:
        self._require_declared(key)
        return self._values.get(key, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _require_declared(self, key: str) -> None:
        if key not in self._step.reads | self._step.optional:
            raise StepContractError(self._step.name, f"reads {key!r}, which it does not declare; add it to `reads`")


async def run_step(
    name: str, step: Step, options: Mapping[str, Any], state: Mapping[str, Any], resources: Resources
) -> dict[str, Any]:
    """Give what the step writes, with its trace event added; emits `StepStarted`, then `StepFinished` or `StepFailed`.

    Args:
        name: of the node, for the trace.

    Raises:
        StepContractError: it read or wrote a key it did not declare.
    """
    own = resources.for_step(name)
    own.emit(StepStarted(name))
    began, started = own.meter.seconds(), time.perf_counter()
    try:
        updates = await step(DeclaredState(step, state), own, **options)
        if undeclared := sorted(set(updates) - step.writes):
            raise StepContractError(step.name, f"writes {', '.join(undeclared)} undeclared; add to `writes`")
    except GraphBubbleUp:  # it waits for a person, and is run anew
        raise
    except BaseException as exc:
        failed = _event(own.log, began, time.perf_counter() - started)
        own.emit(StepFailed(replace(failed, error=type(exc).__name__)))
        raise
    event = replace(_event(own.log, began, time.perf_counter() - started), writes=tuple(sorted(updates)))
    own.emit(StepFinished(event, updates))
    return {**updates, "trace": (event,)}


def _event(log: StepLog, began: float, seconds: float) -> TraceEvent:
    return TraceEvent(
        step=log.step,
        seconds=seconds,
        usage=log.usage,
        prompt_hashes=tuple(log.prompt_hashes),
        notes=tuple(log.notes),
        started=began,
        model_calls=tuple(log.model_calls),
    )
