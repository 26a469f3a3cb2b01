"""Small benchmarks in the layouts that the readers know."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agentsql.testing import tiny_database

SHARED = Path(__file__).resolve().parents[4] / "shared" / "benchmarks"


@pytest.fixture
def real() -> Callable[[str], Path]:
    """Give the path of a real questions file; the test is skipped where it is not there."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.is_file():
            pytest.skip(f"needs {path}")
        return path

    return find


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Sequence[Any]], Path]:
    """Write rows as a JSON array, or as lines where the name ends in .jsonl."""

    def put(name: str, rows: Sequence[Any]) -> Path:
        path = tmp_path / name
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        path.write_text(lines if path.suffix == ".jsonl" else json.dumps(rows, indent=1), encoding="utf-8")
        return path

    return put


@pytest.fixture
def concerts(tmp_path: Path) -> Callable[[str], Path]:
    """Make the tiny database of singers and concerts at a path below the test's folder."""

    def make(name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return tiny_database(path)

    return make
