"""One solved question, and its line in the store's JSONL."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """A question whose SQL is known to be right."""

    question: str
    sql: str
    db: str = ""
    """Name of the database: for SQLite the file's name without its ending, so it survives a move of the file."""
    masked: str = ""
    """The question as it is compared with others; the question itself where nothing was masked."""
    dialect: str = ""
    created: str = ""
    """When it was confirmed: ISO 8601, UTC."""
    source: str = ""
    """Who confirmed it: `agent`, `chat`, `command line`, or a file's name."""

    @property
    def id(self) -> str:
        """16 hex digits that stand for question, SQL and database; letter case and blanks of the question aside."""
        text = "\x1f".join((normalised(self.question), " ".join(self.sql.split()), folded(self.db)))
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    @property
    def compared(self) -> str:
        """The text that is embedded."""
        return self.masked or self.question


def normalised(question: str) -> str:
    """Give the letters and digits of a question, folded: equal texts are the same question.

    >>> normalised("How many  Singers?") == normalised("how many singers")
    True
    """
    text = unicodedata.normalize("NFKC", question).casefold()
    return " ".join("".join(one if one.isalnum() else " " for one in text).split())


def folded(db: str) -> str:
    """Give a database's name as it is compared."""
    return db.strip().casefold()


def to_line(example: Example) -> bytes:
    """Give an example's line; `id` comes first."""
    return _line({"id": example.id, **{key: value for key, value in asdict(example).items() if value}})


def deletion_line(example_id: str) -> bytes:
    """Give the line that takes the example of that id back."""
    return _line({"id": example_id, "deleted": True})


def from_line(line: bytes) -> Example | str:
    """Give the example of a line, or the id that a deletion takes back.

    Raises:
        ValueError: the line is neither.
    """
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    if found.get("deleted") is True:
        return str(found["id"])
    return from_mapping(found)


def from_mapping(found: Mapping[str, Any]) -> Example:
    """Give the example of a JSON object.

    Raises:
        ValueError: question or SQL is missing, or something is no text.
    """
    known = {key: found[key] for key in Example.__slots__ if found.get(key) is not None}
    if wrong := [key for key, value in known.items() if not isinstance(value, str)]:
        raise ValueError(f"{wrong[0]!r} must be a text")
    if missing := [key for key in ("question", "sql") if not known.get(key, "").strip()]:
        raise ValueError(f"{missing[0]!r} is missing")
    return Example(**known)


def _line(content: Mapping[str, object]) -> bytes:
    # Escaped to ASCII, so that no text can break a line or be no UTF-8.
    return json.dumps(content).encode() + b"\n"
