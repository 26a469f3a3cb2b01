"""Runs one step on the tiny database with a scripted model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentsql import SQLAgent
from agentsql.graph.trace import run_step
from agentsql.settings import Settings
from agentsql.state import first_state
from agentsql.steps.step import Step
from agentsql.testing import Reply, ScriptedModel
from agentsql.types import TraceEvent


class Run:
    """What a step wrote, what it noted, and what it asked the model."""

    def __init__(self, updates: dict[str, Any], event: TraceEvent, model: ScriptedModel) -> None:
        self.updates = updates
        self.event = event
        self.model = model

    @property
    def prompt(self) -> str:
        """The last message of the only prompt."""
        (asked,) = self.model.asked
        return asked[-1].content


@pytest.fixture
def run(tiny: Path) -> Callable[..., Any]:
    """Give `await run(step, replies=(…), options={…}, **state) -> Run`."""

    async def run_it(
        step: Step,
        *,
        replies: tuple[Reply, ...] = (),
        options: dict[str, Any] | None = None,
        settings: Settings | None = None,
        database: Path | None = None,
        **state: Any,
    ) -> Run:
        model = ScriptedModel(*replies)
        with SQLAgent(database or tiny, sql_model=model, settings=settings) as agent:
            full = {**first_state("How many singers are there?", ""), "history": (), **state}
            updates = await run_step(step.name, step, options or {}, full, agent.resources())
        (event,) = updates.pop("trace")
        return Run(updates, event, model)

    return run_it
