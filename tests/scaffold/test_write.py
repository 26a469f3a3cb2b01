"""`agentsql plugins new`: each kind installs, passes its own tests and is found, as it is written."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentsql.cli.main import main
from agentsql.errors import UsageError
from agentsql.scaffold import KINDS, write_plugin
from agentsql.scaffold.write import _SUFFIX, _TEMPLATES

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "import sys; from agentsql.cli.main import main; sys.exit(main())"


@dataclass(frozen=True)
class Installed:
    """An environment into which pip has installed a new plugin of each kind; it sees this one's packages too."""

    python: Path
    folders: dict[str, Path]

    def run(self, *arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
        command: Sequence[str | Path] = (self.python, *arguments)
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("new")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "venv")}))
    (packages / "parent.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    folders = {kind: write_plugin(f"agentsql-new-{kind}", kind, folder) for kind in KINDS}
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"]
    editable = [part for one in folders.values() for part in ("--editable", one)]
    subprocess.run([*pip, "--no-index", "--no-deps", "--no-build-isolation", *editable], check=True)
    return Installed(python, folders)


def test_each_kind_is_found_by_agentsql_once_pip_has_installed_it(installed: Installed) -> None:
    listed = installed.run("-c", COMMAND, "plugins", "list", "--format", "json", folder=installed.python.parent)
    rows = json.loads(listed.stdout)
    found = {(row["group"], row["name"]) for row in rows if row["distribution"].startswith("agentsql-new-")}
    assert found == {(kind.group, f"new_{name}") for name, kind in KINDS.items()}
    checked = installed.run("-c", COMMAND, "plugins", "check", "--format", "json", folder=installed.python.parent)
    assert [row for row in json.loads(checked.stdout) if row["distribution"].startswith("agentsql-new-")] == []


def test_each_kind_passes_its_own_tests_unedited(installed: Installed) -> None:
    tests = [folder / "tests" for folder in installed.folders.values()]
    done = installed.run(
        "-m", "pytest", "-q", "-rA", "--import-mode=importlib", *tests, folder=installed.python.parents[1].parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for kind in KINDS:
        assert f"{kind}.py::test_agentsql_finds_it" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_passes_its_own_tests_and_types_in_its_own_folder(installed: Installed, kind: str) -> None:
    folder = installed.folders[kind]
    for tool in (("pytest",), ("mypy", "--cache-dir", installed.python.parents[1] / "mypy")):
        done = installed.run("-m", *tool, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_kind_is_formatted_and_has_no_findings(installed: Installed) -> None:
    for rule in (("check",), ("format", "--check")):
        done = installed.run("-m", "ruff", *rule, *installed.folders.values(), folder=installed.python.parent)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_template_is_used_and_leaves_no_name_open(tmp_path: Path) -> None:
    for kind in KINDS:
        folder = write_plugin("agentsql-top-customers", kind, tmp_path / kind)
        made = [path for path in folder.rglob("*") if path.is_file()]
        wanted = [path for source in ("common", kind) for path in (_TEMPLATES / source).rglob(f"*{_SUFFIX}")]
        assert len(made) == len(wanted)
        assert not [path for path in made if "$" in path.read_text() or _SUFFIX in path.name]
        assert (folder / "agentsql_top_customers" / "__init__.py").is_file()
        assert 'license = "Apache-2.0"' in (folder / "pyproject.toml").read_text()
    assert not [path for path in _TEMPLATES.rglob("*") if path.is_file() and path.suffix != _SUFFIX]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "call it 'agentsql-top-customers', say"),
        ("Top Customers", "call it 'top-customers', say"),
        ("../escape", "call it 'escape', say"),
        ("1st", "call it 'st', say"),
        ("x" * 51, f"call it '{'x' * 50}', say"),
        ("a--b", "call it 'a-b', say"),
        ("größe", "call it 'gr-sse', say"),
        ("class", "cannot be a name in Python"),
        ("agentsql-import", "the plugin 'import' of 'agentsql-import' cannot be a name in Python"),
        ("agentsql-1", "the plugin '1' of 'agentsql-1' cannot be a name in Python"),
        ("calendar", "would hide the module of that name; call it 'agentsql-calendar', say"),
        ("agentsql", "would hide the module of that name"),
        ("pytest", "pytest .* is installed already"),
        ("sqlalchemy-utils-of-mine", ""),
        ("yaml", "a module 'yaml' is installed already"),
        ("agentsql-generate", "agentsql-framework .* has a plugin 'generate' in agentsql.steps already"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_with_another(tmp_path: Path, name: str, says: str) -> None:
    if not says:
        assert write_plugin(name, "step", tmp_path).is_dir()
        return
    with pytest.raises(UsageError, match=says):
        write_plugin(name, "step", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no kind 'steps' of plugin; did you mean 'step'"):
        write_plugin("agentsql-mine", "steps", tmp_path)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "agentsql-mine" / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(UsageError, match=r"agentsql-mine' is there already; take another name, or another --directory"):
        write_plugin("agentsql-mine", "step", tmp_path)
    assert kept.read_text() == "mine"


def test_where_nothing_can_be_written_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        write_plugin("agentsql-mine", "step", tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_command_prints_the_folder_and_says_what_comes_next(tmp_path: Path, capsys) -> None:
    assert main(["plugins", "new", "agentsql-mine", "--kind", "graph", "--directory", str(tmp_path / "new")]) == 0
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'new' / 'agentsql-mine'}\n"
    assert "pip install --editable" in said.err
    assert main(["plugins", "new", "agentsql-mine", "--kind", "graph", "--directory", str(tmp_path / "new")]) == 2
    assert "is there already" in capsys.readouterr().err
