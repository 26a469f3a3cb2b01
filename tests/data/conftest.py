"""Fixtures of the tests of training data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agentsql.data.prepare import Making
from agentsql.graph import load_graph
from agentsql.settings import Settings


@pytest.fixture
def making() -> Making:
    """Rows made as the default graph does."""
    return Making(load_graph("default"), Settings())


@pytest.fixture
def write_lines(tmp_path: Path) -> Callable[..., Path]:
    """Write objects as JSON lines and give the file."""

    def write(*rows: object, name: str = "rows.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write
