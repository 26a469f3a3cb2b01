"""Fresh copies of databases, and whether a system has changed one."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Change = Literal["", "touched", "modified"]
"""`touched` is a file of other bytes with the same schema and rows, such as one in another journal mode."""

_PRAGMAS = ("user_version", "application_id")
_ENDINGS = (".db", ".sqlite", ".sqlite3")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A database at one moment."""

    file_hash: str
    content_hash: str


def fresh_copy(source: Path, target: Path) -> Snapshot:
    """Copy a SQLite file to `target`, writable, without what a copy that lay there left beside it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f"{target.name}*"):
        leftover.unlink()
    shutil.copyfile(source, target)
    return Snapshot(_file_hash(target), content_hash(target))


def change(before: Snapshot, database: Path) -> Change:
    """Tell what became of a database since its snapshot; what a connection holds uncommitted does not count."""
    if not database.exists():
        return "modified"
    beside = [path for path in database.parent.glob(f"{database.name}-*") if path.stat().st_size]
    if not beside and _file_hash(database) == before.file_hash:
        return ""
    try:
        return "touched" if content_hash(database) == before.content_hash else "modified"
    except sqlite3.Error:
        return "modified"


def content_hash(database: Path) -> str:
    """Hash the schema, all rows, and the two numbers in the header that a user may set.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    digest = hashlib.sha256()
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        for pragma in _PRAGMAS:
            digest.update(repr(connection.execute(f"PRAGMA {pragma}").fetchone()).encode())
        for line in connection.iterdump():
            digest.update(line.encode())
    return digest.hexdigest()


def databases_in(folder: Path) -> frozenset[str]:
    """Name the files of a folder that are, or are called, a database."""
    return frozenset(path.name for path in folder.iterdir() if path.is_file() and path.suffix in _ENDINGS)


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
