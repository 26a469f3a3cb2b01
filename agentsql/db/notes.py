"""What people know about tables and columns: a user's notes.toml and BIRD's description files."""

from __future__ import annotations

import csv
import dataclasses
import io
import logging
import tomllib
from collections.abc import Mapping
from pathlib import Path

from agentsql.db.schema import Schema, Table
from agentsql.errors import SettingsError, nearest

logger = logging.getLogger(__name__)

DESCRIPTION_FOLDER = "database_description"
_LISTED = 15
"""Names an error lists where none is near."""


def with_notes(schema: Schema, path: Path) -> Schema:
    """Give the schema with the comments of a notes.toml, which win over comments that are there.

    The file has `[tables.NAME]` with `comment`, and `[tables.NAME.columns]` with `column = "comment"`.

    Raises:
        SettingsError: no such file, not TOML, or it names what the database or the format does not have.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        reason = problem.strerror or "unreadable"
        raise SettingsError(f"notes file {str(path)!r} cannot be read: {reason}; correct [schema] notes") from problem
    except ValueError as problem:
        raise SettingsError(f"notes file {str(path)!r} is not valid TOML: {problem}; correct that line") from problem
    _refuse_unknown(content, ("tables",), f"key in {str(path)!r}")
    noted = _mapping(content.get("tables", {}), "tables", path)
    _refuse_unknown(noted, [table.name for table in schema], f"table in {str(path)!r}")
    by_fold = {name.casefold(): _mapping(note, f"tables.{name}", path) for name, note in noted.items()}
    return dataclasses.replace(
        schema,
        tables=tuple(_with_note(table, by_fold.get(table.name.casefold(), {}), path) for table in schema),
    )


def with_descriptions(schema: Schema, folder: Path) -> Schema:
    """Give the schema with the column descriptions of a BIRD `database_description` folder, where it has no comment.

    Each CSV is named for its table and has `original_column_name`, `column_name`, `column_description` and
    `value_description`. Names the database does not have are common in these files and are passed over.
    """
    files = {file.stem.casefold(): file for file in sorted(folder.glob("*.csv"))}
    tables = []
    for table in schema:
        file = files.get(table.name.casefold())
        comments = _descriptions(file) if file else {}
        columns = tuple(
            dataclasses.replace(column, comment=column.comment or comments.get(column.name.strip().casefold(), ""))
            for column in table.columns
        )
        tables.append(dataclasses.replace(table, columns=columns))
    return dataclasses.replace(schema, tables=tuple(tables))


def _with_note(table: Table, note: Mapping[str, object], path: Path) -> Table:
    where = f"tables.{table.name}"
    _refuse_unknown(note, ("comment", "columns"), f"key of [{where}] in {str(path)!r}")
    columns = _mapping(note.get("columns", {}), f"{where}.columns", path)
    _refuse_unknown(columns, [column.name for column in table.columns], f"column of {table.name!r} in {str(path)!r}")
    comments = {name.casefold(): _text(value, f"{where}.columns.{name}", path) for name, value in columns.items()}
    return dataclasses.replace(
        table,
        comment=_text(note["comment"], f"{where}.comment", path) if "comment" in note else table.comment,
        columns=tuple(
            dataclasses.replace(column, comment=comments.get(column.name.casefold(), column.comment))
            for column in table.columns
        ),
    )


def _refuse_unknown(given: Mapping[str, object], known: tuple[str, ...] | list[str], what: str) -> None:
    folded = {name.casefold() for name in known}
    for name in given:
        if name.casefold() not in folded:
            meant = nearest(name, known) or f"; known: {', '.join(list(known)[:_LISTED])}"
            raise SettingsError(f"unknown {what}: {name!r}{meant}")


def _mapping(value: object, where: str, path: Path) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise SettingsError(
            f"[{where}] in {str(path)!r} must be a table of names; write [{where}] with a line for each"
        )
    return value


def _text(value: object, where: str, path: Path) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{where} in {str(path)!r} must be a text, not {type(value).__name__}; put it in quotes")
    return value


def _descriptions(file: Path) -> dict[str, str]:
    """Read one CSV into comments by case-folded column name; the files are UTF-8 with or without BOM, or Latin-1."""
    try:
        content = file.read_bytes()
    except OSError as problem:
        logger.warning("description file %s cannot be read: %s", file.name, problem.strerror)
        return {}
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    comments = {}
    try:
        for row in csv.DictReader(io.StringIO(text.replace("\x00", ""), newline="")):
            cells = {(key or "").strip().casefold(): " ".join((value or "").split()) for key, value in _named(row)}
            comments[cells.get("original_column_name", "").casefold()] = _comment(cells)
    except csv.Error as problem:
        logger.warning("description file %s is broken off at a fault: %s", file.name, problem)
    return comments


def _named(row: Mapping[str | None, object]) -> list[tuple[str | None, str]]:
    """Leave out the cells beyond the header, which `csv` gathers in a list under None."""
    return [(key, value) for key, value in row.items() if isinstance(value, str)]


def _comment(cells: Mapping[str, str]) -> str:
    own = cells.get("original_column_name", "").casefold().replace("_", " ")
    parts = [cells.get("column_name", ""), cells.get("column_description", ""), cells.get("value_description", "")]
    kept: list[str] = []
    for part in parts:
        folded = part.casefold().replace("_", " ").strip(" .")
        if folded and folded != own and not any(folded in one.casefold() for one in kept):
            kept.append(part.rstrip(" ."))
    return ". ".join(kept)
