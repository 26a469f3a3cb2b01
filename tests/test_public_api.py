"""The public surface: it does not change by accident, and new plugins need nothing else."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from agentsql.scaffold import KINDS, write_plugin
from scripts.public_api import ALL, PUBLIC, RECORD, difference, surface

ROOT = Path(__file__).resolve().parent.parent


def test_the_public_surface_is_as_recorded() -> None:
    found = difference(RECORD.read_text(), surface(ROOT))
    assert not found, (
        f"the public surface has changed:\n{found}\nIf that is meant, see what CONTRIBUTING.md promises of it, write "
        "it into CHANGELOG.md, and record it with `make api`"
    )


@pytest.mark.parametrize("module", PUBLIC)
def test_what_is_recorded_is_there(module: str) -> None:
    loaded = importlib.import_module(module)
    names = getattr(loaded, "__all__", ()) if PUBLIC[module] == ALL else PUBLIC[module]
    assert [name for name in names if not hasattr(loaded, name)] == []


CHANGES = [
    ("def ask(self, question: str, *, evidence: str = '')", "def ask(self, question: str, *, hint: str = '')"),
    ("evidence: str = ''", "evidence: str = 'none'"),
    ("-> Answer:", "-> str:"),
    ("    def close(self)", "    def _close(self)"),
    ("    name: str", "    name: str\n    size: int"),
    ("class SQLAgent:", "class SQLAgent(Base):"),
    ("def find(name: str)", "async def find(name: str)"),
    ("LIMIT = 3", "LIMIT = 4"),
    ('"find"', '"find", "LIMIT", "hidden"'),
    ("writes=('text',)", "writes=('text', 'status')"),
    ("most: int = 3", "most: int = 4"),
    ('1.0.2"', '1.1.0"'),
    ("shout = ", "cry = "),
]
MODULE = """
__all__ = ["LIMIT", "SQLAgent", "find"]
LIMIT = 3
class SQLAgent:
    '''An agent.'''
    name: str
    _hidden: int = 1
    def ask(self, question: str, *, evidence: str = '') -> Answer: return 1
    def close(self) -> None: ...
def find(name: str) -> str: return name
def hidden() -> None: ...
@step(reads=(), writes=('text',))
def shout(state, resources, *, most: int = 3): ...
"""
PROJECT = '[project]\nversion = "1.0.2"\n[project.entry-points."agentsql.steps"]\nshout = "agentsql:shout"\n'


@pytest.fixture
def rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Give the surface of a small package, with a text of its source replaced."""
    monkeypatch.setattr("scripts.public_api.PUBLIC", {"agentsql": ALL})

    def render(old: str = "", new: str = "") -> str:
        (tmp_path / "agentsql").mkdir(exist_ok=True)
        assert old in MODULE or old in PROJECT
        (tmp_path / "agentsql" / "__init__.py").write_text(MODULE.replace(old, new) if old else MODULE)
        (tmp_path / "pyproject.toml").write_text(PROJECT.replace(old, new) if old else PROJECT)
        return surface(tmp_path)

    return render


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_a_change_of_the_surface_is_seen(rendered, old: str, new: str) -> None:
    assert difference(rendered(), rendered(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'''An agent.'''", "'''Another text.'''"),
        ("_hidden: int = 1", "_hidden: int = 2"),
        ("return 1", "return 2"),
        ("def hidden()", "def hidden(more)"),
        ("1.0.2", "1.0.3"),
    ],
)
def test_what_nobody_builds_on_may_change(rendered, old: str, new: str) -> None:
    assert difference(rendered(), rendered(old, new)) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_is_built_on_the_public_surface_alone(kind: str, tmp_path: Path) -> None:
    folder = write_plugin("agentsql-mine", kind, tmp_path)
    used = [
        (node.module, alias.name)
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "agentsql"
        for alias in node.names
    ]
    assert used
    assert [(module, name) for module, name in used if not _is_public(str(module), name)] == []


def _is_public(module: str, name: str) -> bool:
    names = PUBLIC.get(module, ())
    if names != ALL:
        return name in names
    loaded = importlib.import_module(module)
    return name in getattr(loaded, "__all__", dir(loaded))
