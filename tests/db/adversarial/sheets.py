"""Reading the sheets of statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
_HEADING = "-- reason: "
_CHARACTER = re.compile(r"\\x\{([0-9A-F]{4})\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement of a sheet."""

    reason: str
    sql: str
    line: int


def read_sheet(name: str) -> list[Entry]:
    """Give the statements of `name`.sql in their order."""
    return list(_entries((HERE / f"{name}.sql").read_text(encoding="utf-8")))


def _entries(text: str) -> Iterator[Entry]:
    reason = ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(_HEADING):
            reason = line.removeprefix(_HEADING)
        elif line and reason:
            yield Entry(reason, _CHARACTER.sub(lambda found: chr(int(found[1], 16)), line), number)
