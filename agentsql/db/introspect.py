"""Reading the structure of a SQLite database: a few statements for all tables together."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from typing import Any, Literal

from agentsql.db.schema import Column, ForeignKey, Schema, Table

logger = logging.getLogger(__name__)

_NAMES = """
    SELECT m.name, m.type, CASE m.type WHEN 'view' THEN m.sql END
    FROM sqlite_master AS m LEFT JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = m.name
    WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND coalesce(l.type, '') <> 'shadow'
"""
_NAMES_BEFORE_3_37 = """
    SELECT name, type, CASE type WHEN 'view' THEN sql END FROM sqlite_master
    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
"""
_COLUMNS = """
    SELECT m.name, p.name, p.type, p."notnull", p.pk FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS p
    WHERE m.type IN ('table', 'view') AND p.hidden <> 1 {only} ORDER BY m.name, p.cid
"""
_FOREIGN_KEYS = """
    SELECT m.name, p.id, p."table", p."from", p."to" FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS p
    WHERE m.type = 'table' ORDER BY m.name, p.id, p.seq
"""

_ColumnRow = tuple[str, str, str, int, int]


def read_structure(connection: sqlite3.Connection) -> Schema:
    """Give tables, views, columns and keys, without values or counts; shadow tables and `sqlite_*` are left out.

    A view or virtual table that SQLite cannot open (its table or module is gone) is left out with a warning. A foreign
    key to a table that is not there is left out; one without target columns points at the target's primary key.
    """
    names = _NAMES if sqlite3.sqlite_version_info >= (3, 37) else _NAMES_BEFORE_3_37
    kinds: dict[str, tuple[Literal["table", "view"], str | None]] = {
        name: (kind, definition) for name, kind, definition in _rows(connection, names)
    }
    columns: dict[str, list[_ColumnRow]] = defaultdict(list)
    for row in _column_rows(connection, kinds):
        columns[row[0]].append(row)
    tables = {name: _table(name, *kind, columns[name]) for name, kind in kinds.items() if columns[name]}
    keys = _foreign_keys(_rows(connection, _FOREIGN_KEYS), tables)
    found = tuple(
        dataclasses.replace(tables[name], foreign_keys=tuple(sorted(keys[name], key=lambda key: key.columns)))
        for name in sorted(tables)
    )
    return Schema("sqlite", found, fingerprint(found))


def fingerprint(tables: Iterable[Table]) -> str:
    """Give the SHA-256 of names, types and keys; values, counts and comments do not change it."""
    structure = [
        [
            table.name,
            table.kind,
            [[column.name, column.type, column.nullable] for column in table.columns],
            list(table.primary_key),
            [[list(key.columns), key.to_table, list(key.to_columns)] for key in table.foreign_keys],
        ]
        for table in tables
    ]
    return hashlib.sha256(json.dumps(structure, ensure_ascii=True).encode()).hexdigest()


def _rows(connection: sqlite3.Connection, sql: str, parameters: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    with closing(connection.cursor()) as cursor:
        cursor.row_factory = None
        return cursor.execute(sql, parameters).fetchall()


def _column_rows(connection: sqlite3.Connection, names: Iterable[str]) -> list[_ColumnRow]:
    """Read all columns at once, or table by table if one of them cannot be opened."""
    try:
        return _rows(connection, _COLUMNS.format(only=""))
    except sqlite3.OperationalError:
        rows: list[Any] = []
    for name in names:
        try:
            rows += _rows(connection, _COLUMNS.format(only="AND m.name = ?"), (name,))
        except sqlite3.OperationalError as problem:
            logger.warning("left out of the schema: %s cannot be opened: %s", name, problem)
    return rows


def _table(name: str, kind: Literal["table", "view"], definition: str | None, rows: list[_ColumnRow]) -> Table:
    columns = tuple(Column(column, kind_of or "", nullable=not notnull) for _, column, kind_of, notnull, _ in rows)
    key = tuple(row[1] for row in sorted((row for row in rows if row[4]), key=lambda row: row[4]))
    return Table(name, columns, primary_key=key, kind=kind, definition=definition or "")


def _foreign_keys(
    rows: list[tuple[str, int, str, str, str | None]], tables: dict[str, Table]
) -> dict[str, list[ForeignKey]]:
    by_fold = {one.name.casefold(): one for one in tables.values()}
    pairs: dict[tuple[str, int, str], list[tuple[str, str | None]]] = defaultdict(list)
    for name, number, target_name, source_column, target_column in rows:
        pairs[name, number, target_name].append((source_column, target_column))
    keys: dict[str, list[ForeignKey]] = defaultdict(list)
    for (name, _, target_name), columns in pairs.items():
        source, target = by_fold.get(name.casefold()), by_fold.get(target_name.casefold())
        if source is None or target is None:
            continue
        named = tuple(to for _, to in columns if to is not None) or target.primary_key
        if len(named) != len(columns):
            continue
        own = tuple(_real_name(source, column) for column, _ in columns)
        key = ForeignKey(own, target.name, tuple(_real_name(target, column) for column in named))
        if key not in keys[name]:
            keys[name].append(key)
    return keys


def _real_name(table: Table, name: str) -> str:
    column = table.column(name)
    return column.name if column else name
