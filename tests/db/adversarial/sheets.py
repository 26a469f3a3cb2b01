"""Reading the sheets of statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FAMILIES = ("sqlite", "postgres", "mysql", "duckdb")
"""Dialects that have a sheet in common beside their own."""
HERE = Path(__file__).resolve().parent
_HEADING = "-- reason: "
_CHARACTER = re.compile(r"\\x\{([0-9A-F]{4})\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement of a sheet."""

    reason: str
    sql: str
    place: str


def read_sheet(kind: Literal["refused", "harmless"], dialect: str) -> list[Entry]:
    """Give the statements for a dialect: first those of all families, then its own."""
    shared = _entries(f"{kind}.sql") if dialect in FAMILIES else ()
    return [*shared, *_entries(f"{kind}_{dialect}.sql")]


def _entries(file: str) -> Iterator[Entry]:
    reason = ""
    for number, line in enumerate((HERE / file).read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith(_HEADING):
            reason = line.removeprefix(_HEADING)
        elif line and reason:
            yield Entry(reason, _CHARACTER.sub(lambda found: chr(int(found[1], 16)), line), f"{file}:{number}")
