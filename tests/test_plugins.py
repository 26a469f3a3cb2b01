"""How plugins are found, and what is said of those that cannot be used."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from agentsql import plugins
from agentsql.errors import PluginError


def test_the_built_in_parts_are_plugins_like_any_other() -> None:
    found = {(entry.group, entry.name) for entry in plugins.list_plugins()}
    assert {("agentsql.steps", "generate"), ("agentsql.routers", "by_check"), ("agentsql.graphs", "default")} <= found
    assert {("agentsql.models", "local"), ("agentsql.databases", "sqlite")} <= found


def test_no_installed_plugin_is_broken() -> None:
    assert plugins.check_plugins() == []


def test_listing_imports_none_of_them() -> None:
    program = (
        "import sys; from agentsql.plugins import list_plugins; list_plugins(); "
        "print([name for name in sys.modules if name.startswith('agentsql.steps.')])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(PluginError, match="there is no step 'generat'; did you mean 'generate'"):
        plugins.load_plugin("agentsql.steps", "generat")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put distributions with a step `extra` on the path."""

    def put(distribution: str, module: str, code: str) -> None:
        folder = tmp_path / distribution
        information = folder / f"{distribution}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text(f"[agentsql.steps]\nextra = {module}:extra\n")
        (folder / f"{module}.py").write_text(code)
        monkeypatch.syspath_prepend(str(folder))
        plugins._entries.cache_clear()

    yield put
    plugins._entries.cache_clear()


def test_two_plugins_of_one_name_are_both_named(install) -> None:
    install("first", "first_module", "extra = 1")
    install("second", "second_module", "extra = 2")
    with pytest.raises(PluginError, match=r"two steps 'extra', from first \(.*\) and second \(.*\); uninstall one"):
        plugins.load_plugin("agentsql.steps", "extra")


def test_a_broken_plugin_fails_only_when_used_and_says_who_and_why(install) -> None:
    install("broken", "broken_module", "raise RuntimeError('half written')")
    assert plugins.load_plugin("agentsql.steps", "generate")
    with pytest.raises(PluginError, match=r"the step 'extra' of broken cannot be loaded .* RuntimeError: half written"):
        plugins.load_plugin("agentsql.steps", "extra")
    (problem,) = plugins.check_plugins()
    assert (problem.entry.distribution, problem.entry.version) == ("broken", "1.0")


def test_a_plugin_for_another_api_says_which_side_to_update(install) -> None:
    install("newer", "newer_module", "PLUGIN_API = 99\nextra = 1")
    with pytest.raises(PluginError, match="is made for PLUGIN_API 99, this agentsql has 1; update agentsql"):
        plugins.load_plugin("agentsql.steps", "extra")


def test_an_entry_without_distribution_is_still_described() -> None:
    entry = EntryPoint("extra", "nowhere:extra", "agentsql.steps")
    assert plugins._described(entry).distribution == "an unknown distribution"
