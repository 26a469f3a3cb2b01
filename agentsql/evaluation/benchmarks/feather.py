"""Feather's layout: rows as of BIRD, and every `ID.sqlite` in one folder.

They are judged by BIRD's rule. Feather's own script compares lists of rows, so that it counts an order that nobody
asked for. Layout: HLXU23/Feather-SQL, evaluate.py and db_handler.py (commit 50c5bb1).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentsql.evaluation.benchmarks.bird import flat_folders, has_flat_database, is_bird_row, read_benchmark
from agentsql.evaluation.questions import Benchmark

usual_files = ("dev.json", "test.json")


def recognises(path: Path, first: Mapping[str, Any]) -> bool:
    """Tell by BIRD's keys and a flat database beside."""
    return is_bird_row(first) and has_flat_database(path, str(first["db_id"]))


def read(path: Path, databases: Path | None) -> Benchmark:
    """Read the questions."""
    return read_benchmark("feather", path, databases, flat_folders(path))
