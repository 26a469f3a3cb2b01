"""The fixtures that everyone's pytest finds: what they give, and that a run without them does not notice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentsql import Settings, SQLAgent
from agentsql.folders import cache_folder
from agentsql.testing import ScriptedModel
from tests.test_imports import HEAVY


def test_the_agent_asks_the_scripted_model_about_the_tiny_database(agent, scripted_model, tiny_db) -> None:
    assert isinstance(agent, SQLAgent) and isinstance(scripted_model, ScriptedModel)
    scripted_model.script("SELECT count(*) FROM singer", "There are 4 singers.")
    assert agent.ask("How many singers are there?").rows == ((4,),)
    assert agent.database.name == tiny_db.stem


def test_folders_of_the_user_are_left_alone(agentsql_folders: Path) -> None:
    assert agentsql_folders in cache_folder().parents


class TestOptions:
    @pytest.fixture
    def agent_options(self):
        return {"graph": "direct", "settings": Settings()}

    def test_options_of_ones_own_reach_the_agent(self, agent, scripted_model) -> None:
        scripted_model.script("SELECT 1")
        assert agent.graph.name == "direct"
        assert agent.ask("How many singers are there?").rows == ((1,),)


def test_a_fixture_of_the_same_name_takes_the_place_of_these(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import pytest\n@pytest.fixture\ndef agent():\n    return 'mine'\n")
    (tmp_path / "test_mine.py").write_text("def test_mine(agent):\n    assert agent == 'mine'\n")
    done = _pytest(tmp_path)
    assert done.returncode == 0, done.stdout


def test_a_run_without_them_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        f"import sys\ndef test_mine():\n    assert 'agentsql.pytest_plugin' in sys.modules\n"
        f"    assert not {set(HEAVY)!r} & set(sys.modules)\n    assert 'agentsql.testing' not in sys.modules\n"
    )
    # Other plugins of pytest that are installed here may import what they like.
    done = _pytest(tmp_path, "-p", "agentsql.pytest_plugin", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 0, done.stdout


def _pytest(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, *options, folder]
    given = {**os.environ, **environment}
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True, check=False)
