"""What gets imported when: the rules of .importlinter, and how light `import agentsql` and `agentsql --help` are."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = (
    "datasets", "faiss", "fastapi", "huggingface_hub", "langchain_core", "langchain_openai", "langgraph", "mcp",
    "numpy", "openai", "pandas", "prompt_toolkit", "pyarrow", "ray", "requests", "sentence_transformers",
    "sqlalchemy", "sqlglot", "torch", "transformers", "vllm", "xllamacpp",
)  # fmt: skip
BARE = "import typer, rich.console"
"""What no command line of this kind can do without; the measure that the others are held against."""
SLACK_S = 0.25
"""Seconds above BARE for `agentsql --help`; on a quiet machine BARE takes 0.15 s, and 0.4 s is the promise."""
_MAIN = "import sys; sys.argv = ['agentsql', *{}]; from agentsql.cli.main import main; main()"
LIGHT = {
    "import agentsql": "import agentsql",
    "agentsql --help": _MAIN.format(["--help"]),
    "agentsql ask --help": _MAIN.format(["ask", "--help"]),
}  # fmt: skip


def _environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "COLUMNS": "100"}


@pytest.mark.parametrize("name", LIGHT)
def test_it_loads_no_heavy_package(name, tmp_path):
    report = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('LOADED', *sorted(set({HEAVY!r}) & set(sys.modules))))\n{LIGHT[name]}"
    )
    done = subprocess.run(
        [sys.executable, "-c", report], env=_environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED"


@pytest.mark.parametrize("name", ["import agentsql", "agentsql --help"])
def test_it_starts_at_once(name, tmp_path):
    environment = _environment(tmp_path)
    for _ in range(3):  # what else runs on the machine only ever adds time, so one quiet moment is enough
        bare = _best_seconds(BARE, environment)
        own = _best_seconds(LIGHT[name], environment)
        if own <= max(0.4, bare + SLACK_S):
            return
    pytest.fail(f"{name} took {own:.2f} s at best, `{BARE}` {bare:.2f} s")


def test_every_part_of_the_package_has_its_layer():
    rules = configparser.ConfigParser()
    rules.read(ROOT / ".importlinter")
    layers = set(re.findall(r"[\w.]+", rules["importlinter:contract:layers"]["layers"]))
    parts = {
        f"agentsql.{path.stem}"
        for path in (ROOT / "agentsql").iterdir()
        if (path / "__init__.py").exists() or (path.suffix == ".py" and path.stem not in ("__init__", "__main__"))
    }
    assert parts - layers == set()


def test_the_import_rules_hold():
    lint = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])"
    done = subprocess.run(
        [sys.executable, "-c", lint], cwd=ROOT, env={**os.environ, "NO_COLOR": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def _best_seconds(code: str, environment: dict[str, str], *, runs: int = 5) -> float:
    best = float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL, check=True)
        best = min(best, time.perf_counter() - started)
    return best
