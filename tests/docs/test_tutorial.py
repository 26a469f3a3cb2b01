"""The tutorial on plugins, followed step by step: what it prints is written, tested, found and used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentsql.scaffold import write_plugin
from tests.docs.pages import ROOT, blocks, commands

PAGE = ROOT / "docs" / "plugins.md"
AGENTSQL = "import sys; from agentsql.cli.main import main; sys.exit(main())"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the tutorial, announced to Python as pip would."""
    (new,) = (one.words for one in commands(PAGE) if one.words[:2] == ("plugins", "new") and len(one.words) == 5)
    folder = write_plugin(new[2], new[4], tmp_path_factory.mktemp("tutorial"))
    for one in blocks(PAGE):
        if one.title:
            (folder / one.title).write_text(one.text)
    (folder / "glossary.toml").write_text("veterans = 'a veteran is a singer of 40 years or more'\n")
    installed = folder / "agentsql_glossary-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: agentsql-glossary\nVersion: 0.1.0\n")
    announced = next(one.text for one in blocks(PAGE) if "entry-points" in one.text)
    assert announced in (folder / "pyproject.toml").read_text()
    name = announced.splitlines()[1].replace('"', "")
    (installed / "entry_points.txt").write_text(f"[agentsql.steps]\n{name}\n")
    return folder


def python(package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{package}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=package, env=environment, capture_output=True, text=True, check=False
    )


def test_its_tests_pass(package):
    done = python(package, "-m", "pytest", "-p", "no:cacheprovider", "-rA")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 4


def test_its_graph_can_run(package):
    done = python(package, "-c", AGENTSQL, "graph", "check", "explained.toml")
    assert done.returncode == 0, done.stderr


def test_its_code_reads_as_ours_does(package):
    done = python(package, "-m", "ruff", "check", "agentsql_glossary", "tests")
    assert done.returncode == 0, done.stdout
