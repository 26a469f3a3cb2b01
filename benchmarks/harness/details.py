"""A JSON line for each question that was put to some system: writing such lines, and reading them again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Key = tuple[str, str, str, str, str]
"""Benchmark, question, graph, SQL model, chat model."""


def key_of(row: Mapping[str, Any]) -> Key:
    """Give what tells a line from others; the last line of a key is the one that counts."""
    return (row["benchmark"], row["question_id"], row["graph"], row["model"], row["chat_model"])


def read_rows(paths: Iterable[Path]) -> list[Row]:
    """Give the lines of details files, the last of each key; a line that was cut off by a kill is passed over."""
    rows: dict[Key, Row] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            rows[key_of(row)] = row
    return list(rows.values())


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Write a line at the end, on a line of its own even if the last one was cut off."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        end = file.seek(0, 2)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(row, default=str).encode() + b"\n")
