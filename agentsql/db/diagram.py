"""The schema for programs (JSON) and for people (a Mermaid diagram)."""

from __future__ import annotations

import re

from agentsql.db.quote import clip
from agentsql.db.schema import Schema
from agentsql.types import Cell

_NOT_WORD = re.compile(r"\W+")


def render_schema_json(schema: Schema) -> dict[str, object]:
    """Give the schema as plain JSON values; cells that JSON has no type for become text."""
    return {
        "dialect": schema.dialect,
        "fingerprint": schema.fingerprint,
        "namespaces": list(schema.namespaces),
        "tables": [
            {
                "name": table.name,
                "kind": table.kind,
                "namespace": table.namespace,
                "comment": table.comment,
                "rows": table.rows,
                "columns": [
                    {
                        "name": column.name,
                        "type": column.type,
                        "nullable": column.nullable,
                        "comment": column.comment,
                        "values": [_json_cell(value) for value in column.values],
                        "values_complete": column.values_complete,
                    }
                    for column in table.columns
                ],
                "primary_key": list(table.primary_key),
                "foreign_keys": [
                    {"columns": list(key.columns), "to_table": key.to_table, "to_columns": list(key.to_columns)}
                    for key in table.foreign_keys
                ],
            }
            for table in schema
        ],
    }


def render_mermaid(schema: Schema) -> str:
    """Give an `erDiagram` in Mermaid; characters it cannot show in a name become underscores."""
    lines = ["erDiagram"]
    for table in schema:
        lines.append(f"  {_entity(table.name)} {{")
        linked = {column for key in table.foreign_keys for column in key.columns}
        for column in table.columns:
            keys = [mark for mark, names in (("PK", table.primary_key), ("FK", linked)) if column.name in names]
            parts = [_word(column.type) or "any", _word(column.name), ", ".join(keys)]
            lines.append("    " + " ".join(filter(None, parts)))
        lines.append("  }")
    for table in schema:
        for key in table.foreign_keys:
            label = clip(", ".join(key.columns), 60).replace('"', "'")
            lines.append(f'  {_entity(key.to_table)} ||--o{{ {_entity(table.name)} : "{label}"')
    return "\n".join(lines) + "\n"


def _entity(name: str) -> str:
    quoted = clip(name, 80).replace('"', "'")
    return f'"{quoted}"'


def _word(text: str) -> str:
    word = _NOT_WORD.sub("_", text).strip("_")
    return f"_{word}" if word[:1].isdigit() else word


def _json_cell(value: Cell) -> str | int | float | bool | None:
    if isinstance(value, float) and value not in (float("inf"), float("-inf")) and value == value:
        return value
    return value if value is None or isinstance(value, str | bool | int) else str(value)
