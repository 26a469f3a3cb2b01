"""What is done of a long piece of work, a line each, under a first line that says what work it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from agentsql.errors import TrainingDataError, UsageError

JOURNAL = "unfinished.jsonl"
"""Name of the journal in a folder that is not finished."""


def resume_journal(path: Path, header: str) -> int:
    """Begin a journal, or cut a half-written line off the one that is there, and give how many lines it has.

    Args:
        header: one line of JSON that says all that the work follows from.

    Raises:
        UsageError: what is there is of other work.
    """
    if not path.exists():
        path.write_text(header + "\n", encoding="utf-8")
        return 0
    with path.open("r+b") as file:
        first = file.readline()
        if first != (header + "\n").encode():
            if not file.readline().endswith(b"\n"):  # nothing was done then
                file.seek(0)
                file.truncate()
                file.write((header + "\n").encode())
                return 0
            raise UsageError(
                f"{path} was begun by another command, with other {_differing(first, header)} than these; "
                "give that one again, name another folder, or remove that file"
            )
        done, end = 0, file.tell()
        while file.readline().endswith(b"\n"):
            done, end = done + 1, file.tell()
        file.truncate(end)
    return done


def journal_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a journal behind its first.

    Raises:
        TrainingDataError: one is no JSON object.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(islice(lines, 1, None), 2):
            try:
                found = json.loads(line)
            except ValueError as exc:
                raise TrainingDataError(f"line {number} of {path} is damaged: {exc}; remove that file") from exc
            yield found


def marks_of(paths: Iterable[Path]) -> list[list[str | int]]:
    """Give path, size and time of change of files, by which one that was changed is known."""
    marks: list[list[str | int]] = []
    for path in paths:
        status = path.stat() if path.is_file() else None
        marks.append([str(path), *((status.st_size, status.st_mtime_ns) if status else ())])
    return marks


def _differing(first: bytes, header: str) -> str:
    """Name what differs, for the message."""
    try:
        then, now = json.loads(first), json.loads(header)
        names = [name.replace("_", " ") for name in now if then.get(name) != now[name]]
    except (ValueError, AttributeError):
        names = []
    return " and ".join(names) or "inputs or options"
