"""Fixtures for the tests of plugins and of programs with an agent; pytest finds them once agentsql is installed.

A fixture of the same name in one's own `conftest.py` or test module takes the place of one of these. Nothing else of a
test run is touched, and nothing heavy is imported until one of them is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from agentsql import SQLAgent
    from agentsql.testing import ScriptedModel

_FOLDERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")


@pytest.fixture
def agentsql_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what agentsql reads and writes in this test (schemas, settings, conversations) out of the user's folders."""
    folder = tmp_path / "agentsql"
    for variable in _FOLDERS:
        monkeypatch.setenv(variable, str(folder / variable))
    return folder


@pytest.fixture
def tiny_db(tmp_path: Path, agentsql_folders: Path) -> Path:  # noqa: ARG001  # wanted for what it sets
    """Give the path of a new SQLite database of singers and concerts: `agentsql.testing.tiny_database`."""
    from agentsql.testing import tiny_database

    return tiny_database(tmp_path / "tiny.sqlite")


@pytest.fixture
def scripted_model() -> ScriptedModel:
    """Give a model without replies; add some by `scripted_model.script("SELECT 1", …)`."""
    from agentsql.testing import ScriptedModel

    return ScriptedModel()


@pytest.fixture
def agent_options() -> Mapping[str, Any]:
    """Give the arguments of the fixture `agent`; a fixture of one's own of this name changes them."""
    return {}


@pytest.fixture
def agent(tiny_db: Path, scripted_model: ScriptedModel, agent_options: Mapping[str, Any]) -> Iterator[SQLAgent]:
    """Give an agent that asks `scripted_model` about `tiny_db`, or as `agent_options` says; it is closed at the end."""
    from agentsql import SQLAgent

    options = {"database": tiny_db, "sql_model": scripted_model, **agent_options}
    with SQLAgent(**options) as opened:
        yield opened
