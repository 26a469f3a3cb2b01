"""Schemas as Spider and BIRD describe them."""

from __future__ import annotations

from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.evaluation.tables_json import described_schema


def test_tables_columns_and_keys_are_read() -> None:
    entry = {
        "table_names_original": ["singer", "sings", "sqlite_sequence"],
        "column_names_original": [[-1, "*"], [0, "id"], [0, "Name"], [1, "singer_id"], [1, "concert"]],
        "column_types": ["text", "number", "text", "number", "number"],
        "primary_keys": [1, [3, 4]],
        "foreign_keys": [[3, 1]],
    }
    assert described_schema(entry) == Schema(
        "sqlite",
        (
            Table("singer", (Column("id", "number"), Column("Name", "text")), ("id",)),
            Table(
                "sings",
                (Column("singer_id", "number"), Column("concert", "number")),
                ("singer_id", "concert"),
                (ForeignKey(("singer_id",), "singer", ("id",)),),
            ),
        ),
    )
