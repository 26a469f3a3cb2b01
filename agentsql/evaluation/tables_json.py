"""Schemas as Spider and BIRD describe them, in `tables.json` and `dev_tables.json`: one object for each database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentsql.db.schema import Column, ForeignKey, Schema, Table


def described_schema(entry: Mapping[str, Any]) -> Schema:
    """Give the schema of one database, with tables and columns in the order of the file.

    Raises:
        KeyError, IndexError: the object is not as the benchmarks' are.
    """
    tables, columns = entry["table_names_original"], entry["column_names_original"]
    # BIRD writes a key of several columns as a list of them.
    keys = {one for key in entry["primary_keys"] for one in (key if isinstance(key, list) else [key])}
    return Schema(
        "sqlite",
        tuple(
            Table(
                name,
                tuple(
                    Column(column, entry["column_types"][number])
                    for number, (owner, column) in enumerate(columns)
                    if owner == place
                ),
                tuple(columns[number][1] for number in sorted(keys) if columns[number][0] == place),
                tuple(
                    ForeignKey((columns[own][1],), tables[columns[other][0]], (columns[other][1],))
                    for own, other in entry["foreign_keys"]
                    if columns[own][0] == place
                ),
            )
            for place, name in enumerate(tables)
            if not name.startswith("sqlite_")
        ),
    )
