"""Reads solved questions from files of others: JSON and JSON lines, the layouts of Spider and BIRD among them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agentsql.errors import UsageError
from agentsql.retrieval.example import Example, from_mapping

_SQL_KEYS = ("query", "sql", "SQL")
"""Where the SQL stands: Spider has the text under `query` and a parsed form under `sql`; BIRD has `SQL`."""
_DB_KEYS = ("db", "db_id")


def read_solved(path: Path, *, db: str = "", dialect: str = "") -> list[Example]:
    """Give the examples of a file, in its order.

    Args:
        path: a JSON array of objects, or one object a line, with `question`, SQL and database.
        db, dialect: of those that do not say.

    Raises:
        UsageError: the file cannot be read, or an entry is no solved question; nothing is left out quietly.
    """
    examples: dict[str, Example] = {}
    for where, entry in read_entries(path):
        if entry.get("deleted") is True:  # a line of a store's own file
            examples.pop(str(entry.get("id")), None)
            continue
        try:
            example = from_mapping(_renamed(entry, db, dialect, path.name))
        except ValueError as exc:
            raise UsageError(
                f"{where} of {path} is no solved question: {exc}; "
                "give `question`, `sql` (or `query`) and `db` (or `db_id`)"
            ) from exc
        examples.setdefault(example.id, example)
    return list(examples.values())


def read_entries(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each object of a JSON array or of JSON lines, with its place to name in an error.

    Raises:
        UsageError: the file cannot be read or is neither.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise UsageError(f"cannot read {path}: {exc.strerror or exc}") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"{path} is not UTF-8 text: {exc}") from exc
    found: list[tuple[str, Any]]
    try:
        whole = json.loads(text) if text.lstrip().startswith("[") else None
        if whole is None:
            lines = enumerate(text.split("\n"), start=1)
            found = [(f"line {number}", json.loads(line)) for number, line in lines if line.strip()]
        else:
            found = [(f"entry {number}", entry) for number, entry in enumerate(whole, start=1)]
    except ValueError as exc:
        raise UsageError(f"{path} is neither a JSON array nor JSON lines: {exc}") from exc
    for where, entry in found:
        if not isinstance(entry, dict):
            raise UsageError(f"{where} of {path} is no JSON object")
        yield where, entry


def _renamed(entry: Mapping[str, Any], db: str, dialect: str, source: str) -> dict[str, Any]:
    sql = next((entry[key] for key in _SQL_KEYS if isinstance(entry.get(key), str)), None)
    name = next((entry[key] for key in _DB_KEYS if entry.get(key)), db)
    own = {key: entry[key] for key in ("masked", "created") if entry.get(key)}
    return {
        **own,
        "question": entry.get("question"),
        "sql": sql,
        "db": name,
        "dialect": entry.get("dialect") or dialect,
        "source": entry.get("source") or source,
    }
