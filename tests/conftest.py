"""Fixtures that several folders of tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from agentsql import SQLAgent
    from agentsql.graph import GraphSpec
    from agentsql.settings import Settings
    from agentsql.testing import Reply, ScriptedModel

pytest_plugins = ["tests.services"]

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_configure() -> None:
    """Fix where model files are looked for, before tests get cache folders of their own."""
    from agentsql.models.files import model_folder
    from agentsql.settings import load_settings

    os.environ["AGENTSQL_MODELS_DIRECTORY"] = str(model_folder(load_settings().settings.models.directory))


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the schema cache and the model servers of this run to itself, and leave no server behind."""
    from agentsql.models.server import stop_server

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
        stop_server()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep each test's conversations and settings to itself."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A small database of singers and concerts."""
    from agentsql.testing import tiny_database

    return tiny_database(tmp_path / "tiny.sqlite")


@pytest.fixture
def make_agent(tiny: Path) -> Iterator[Callable[..., tuple[SQLAgent, ScriptedModel]]]:
    """Give an agent on the tiny database with a scripted model in both roles."""
    from agentsql import SQLAgent
    from agentsql.testing import ScriptedModel

    opened: list[SQLAgent] = []

    def make(
        *replies: Reply, graph: str | GraphSpec | None = None, settings: Settings | None = None
    ) -> tuple[SQLAgent, ScriptedModel]:
        model = ScriptedModel(*replies)
        agent = SQLAgent(tiny, sql_model=model, graph=graph, settings=settings)
        opened.append(agent)
        return agent, model

    yield make
    for agent in opened:
        agent.close()


@pytest.fixture(scope="session")
def spider() -> Path:
    """The Spider folder; the test is skipped where it is not there."""
    folder = SHARED / "benchmarks" / "spider"
    if not folder.is_dir():
        pytest.skip(f"needs Spider in {folder}, in its official layout")
    return folder
