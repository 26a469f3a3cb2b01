"""An agent whose observers can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.settings import ObserveSettings, Settings
from agentsql.testing import Reply, ScriptedModel

JOE = "SELECT age FROM singer WHERE name = 'Joe Sharp'"


@pytest.fixture
def observed(tiny: Path) -> Iterator[Callable[..., SQLAgent]]:
    """Give `observed(*replies, graph=…, **observe_settings) -> SQLAgent`."""
    opened: list[SQLAgent] = []

    def make(*replies: Reply, graph: str = "direct", **observe: object) -> SQLAgent:
        model = ScriptedModel(
            *(replies or (JOE, "Joe Sharp is 52.")), name="vllm:scripted@http://models.example:8001/v1"
        )
        settings = Settings(observe=ObserveSettings(**observe))  # type: ignore[arg-type]
        opened.append(SQLAgent(tiny, sql_model=model, graph=graph, settings=settings))
        return opened[-1]

    yield make
    for agent in opened:
        agent.close()
