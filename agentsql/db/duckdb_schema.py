"""Reading the structure and the values of a DuckDB database: four statements for all tables, then a few for each."""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Literal

from agentsql.db.introspect import fingerprint
from agentsql.db.profile import TEXT_CHARS, ProfileBounds, profile_tables
from agentsql.db.quote import quote_identifier
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.types import Row

Run = Callable[[str, float], "tuple[Row, ...] | None"]
"""Gives the rows of a statement, or None if it failed or took longer than that many seconds."""

_HERE = "database_name = current_database() AND NOT internal"
# A view's columns are in duckdb_columns() as a table's are.
_TABLES = f"""
    SELECT schema_name, table_name, 'table', comment, '' FROM duckdb_tables() WHERE {_HERE} AND NOT temporary
    UNION ALL SELECT schema_name, view_name, 'view', comment, sql FROM duckdb_views() WHERE {_HERE} AND NOT temporary
    ORDER BY schema_name <> 'main', schema_name, 2
"""
_COLUMNS = f"""
    SELECT schema_name, table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns()
    WHERE {_HERE} ORDER BY schema_name, table_name, column_index
"""
_KEYS = """
    SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
    FROM duckdb_constraints() WHERE database_name = current_database() AND constraint_type IN
        ('PRIMARY KEY', 'FOREIGN KEY') ORDER BY schema_name, table_name, constraint_index
"""
_STRUCTURE_S = 60.0
_DEFAULT = "main"
_TYPE_CHARS = 200
"""An enum or struct may have thousands of members; a prompt has no room for them."""
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "BOOLEAN", "U")
"""What the types of columns begin with whose cells are taken as they are; `U` are those without a sign, and UUID."""


def read_structure(run: Run) -> Schema | None:
    """Give tables, views, columns and keys, without values or counts; None if they cannot be read."""
    tables, columns, keys = (run(sql, _STRUCTURE_S) for sql in (_TABLES, _COLUMNS, _KEYS))
    if tables is None or columns is None or keys is None:
        return None
    by_table: dict[str, list[Column]] = defaultdict(list)
    for schema_name, table_name, name, kind, nullable, comment in columns:
        column = Column(str(name), _type(str(kind)), nullable=bool(nullable), comment=str(comment or ""))
        by_table[_full_name(schema_name, table_name)].append(column)
    found: dict[str, Table] = {}
    for schema_name, table_name, kind, comment, definition in tables:
        full, namespace = _full_name(schema_name, table_name), "" if schema_name == _DEFAULT else str(schema_name)
        kind_of: Literal["table", "view"] = "view" if kind == "view" else "table"
        if by_table[full]:
            found[full] = Table(
                full,
                tuple(by_table[full]),
                comment=str(comment or ""),
                kind=kind_of,
                namespace=namespace,
                definition=str(definition or ""),
            )
    for schema_name, table_name, constraint, names, target, target_names in keys:
        full = _full_name(schema_name, table_name)
        if full in found:
            # A foreign key cannot leave its schema.
            target_name = _full_name(schema_name, target)
            found[full] = _with_key(found[full], str(constraint), _names(names), target_name, _names(target_names))
    sorted_tables = tuple(
        dataclasses.replace(table, foreign_keys=tuple(sorted(table.foreign_keys, key=lambda key: key.columns)))
        for table in sorted(found.values(), key=lambda table: table.name)
    )
    namespaces = (_DEFAULT, *sorted({table.namespace for table in sorted_tables if table.namespace}))
    return Schema("duckdb", sorted_tables, fingerprint(sorted_tables), namespaces)


def _full_name(schema_name: object, table_name: object) -> str:
    return str(table_name) if schema_name == _DEFAULT else f"{schema_name}.{table_name}"


def add_values(run: Run, schema: Schema, bounds: ProfileBounds) -> Schema:
    """Give the schema with row counts and values."""

    def read(sql: str, seconds: float) -> list[Row] | None:
        rows = run(sql, seconds)
        return None if rows is None else list(rows)

    return profile_tables(schema, bounds, read, _short_cell)


def _with_key(
    table: Table, constraint: str, own: tuple[str, ...], target: str, target_columns: tuple[str, ...]
) -> Table:
    if constraint == "PRIMARY KEY":
        return dataclasses.replace(table, primary_key=own)
    return dataclasses.replace(table, foreign_keys=(*table.foreign_keys, ForeignKey(own, target, target_columns)))


def _names(cell: object) -> tuple[str, ...]:
    """Read a list of names, which comes as JSON."""
    return tuple(str(name) for name in json.loads(str(cell))) if cell else ()


def _type(declared: str) -> str:
    return declared if len(declared) <= _TYPE_CHARS else f"{declared[: _TYPE_CHARS - 3]}..."


def _short_cell(column: Column) -> str:
    """Select numbers as they are and the start of everything else as text; the content of a BLOB says nothing."""
    name, kind = quote_identifier(column.name, "duckdb"), column.type.upper()
    if kind.startswith("BLOB"):
        return "NULL"
    if kind.startswith("DECIMAL") and "[" not in kind:
        return f"CAST({name} AS DOUBLE)"
    if kind.startswith(_NUMBERS) and "[" not in kind and not kind.startswith(("UUID", "UNION")):
        return name
    return f"left(CAST({name} AS VARCHAR), {TEXT_CHARS + 1})"
