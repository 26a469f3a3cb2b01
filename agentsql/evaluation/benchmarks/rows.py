"""The rows of a questions file, and what is said of one that is not as its layout has it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from agentsql.errors import UsageError
from agentsql.evaluation.questions import Question
from agentsql.retrieval.layouts import read_entries

_START_CHARS = 1_000_000
"""Characters of a file in which its first row must end to be seen without reading the rest."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with its place in its file."""

    path: Path
    where: str
    """`entry 3` of a JSON array, `line 3` of a file of lines; counted from 1."""
    cells: Mapping[str, Any]

    def text(self, *keys: str) -> str:
        """Give the text under the first of the keys that the row has.

        Raises:
            UsageError: it has none of them, or no text is there.
        """
        value = self.optional(*keys)
        if not value.strip():
            there = next((key for key in keys if key in self.cells), "")
            problem = f"has no text under {there!r}" if there else f"lacks {' or '.join(map(repr, keys))}"
            raise self.refused(problem, "add it, or remove the row")
        return value

    def optional(self, *keys: str) -> str:
        """Give the text under the first of the keys that the row has, a number as text; empty if it has none.

        Raises:
            UsageError: what is there is neither text nor number.
        """
        for key in keys:
            value = self.cells.get(key)
            if isinstance(value, str):
                return value
            if isinstance(value, int | float) and not isinstance(value, bool):
                return str(value)
            if value is not None:
                raise self.refused(f"has {type(value).__name__} under {key!r}", "make it a text")
        return ""

    def refused(self, problem: str, advice: str) -> UsageError:
        """Make the error that says what is wrong with the row."""
        return UsageError(f"{self.where} of {self.path} {problem}; {advice}")


def read_rows(path: Path) -> list[Row]:
    """Give the rows of a JSON array, of a file of JSON lines, or of a CSV file with a header.

    Raises:
        UsageError: it cannot be read, is none of these, or holds no row.
    """
    entries = _csv_rows(path) if path.suffix.lower() == ".csv" else read_entries(path)
    rows = [Row(path, where, cells) for where, cells in entries]
    if not rows:
        raise UsageError(f"{path} holds no question; is it the right file?")
    return rows


def first_row(path: Path) -> Mapping[str, Any]:
    """Give the first row of a questions file, without reading the rest where that can be done.

    Raises:
        UsageError: as of `read_rows`.
    """
    if path.suffix.lower() == ".csv":
        found = next(_csv_rows(path), None)
        return found[1] if found else read_rows(path)[0].cells
    try:
        with path.open(encoding="utf-8-sig") as file:
            start = file.read(_START_CHARS).lstrip().removeprefix("[").lstrip()
        cells, _ = json.JSONDecoder().raw_decode(start)
    except (OSError, ValueError):
        cells = None
    return cells if isinstance(cells, dict) else read_rows(path)[0].cells


def with_unique_ids(rows: Iterable[Row], questions: Iterable[Question]) -> tuple[Question, ...]:
    """Give the questions, one a row, after seeing that no two have one id.

    Raises:
        UsageError: two have.
    """
    seen: dict[str, str] = {}
    found = []
    for row, question in zip(rows, questions, strict=True):
        if question.id in seen:
            raise row.refused(
                f"has the question_id {question.id!r} of {seen[question.id]}", "give each question an id of its own"
            )
        seen[question.id] = row.where
        found.append(question)
    return tuple(found)


def _csv_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for cells in reader:
                where = f"line {reader.line_num}"
                if None in cells or None in cells.values():
                    raise UsageError(f"{where} of {path} has not as many cells as the header; put quotes around commas")
                yield where, cells
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror or exc}") from exc
    except (UnicodeDecodeError, csv.Error) as exc:
        raise UsageError(f"{path} is no CSV file in UTF-8: {exc}") from exc


def has(cells: Mapping[str, Any], keys: str) -> bool:
    """Tell whether a row has all of these keys, which are parted by blanks."""
    return all(key in cells for key in chain(keys.split()))
