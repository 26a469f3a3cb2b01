"""Finds the tables, columns and values that a question speaks of (schema linking)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentsql.db.schema import Schema
from agentsql.resources import Resources
from agentsql.steps.shared import json_object, linked_by_words, prompt_for, shown_schema
from agentsql.steps.short_list import short_list
from agentsql.steps.step import step
from agentsql.types import Links

_MOST_CHOICES = 400
"""Columns a server is asked to hold the reply to; with more of them the list would be as long as the prompt."""


@step(reads=("question",), optional=("evidence", "history"), writes=("links",), choices={"by": ("words", "model")})
async def link(state: Mapping[str, Any], resources: Resources, *, by: str = "words") -> dict[str, Any]:
    """Link by the words of question, evidence and last turns; with `by = "model"` the chat model names columns too."""
    found = linked_by_words(state, resources)
    if by == "model":
        found = await _with_model_columns(found, state, resources)
    return {"links": found}


async def _with_model_columns(found: Links, state: Mapping[str, Any], resources: Resources) -> Links:
    listed = await short_list(state, resources)
    choices = _columns_by_name(shown_schema(resources, listed).tables, resources.schema)
    (completion,) = await resources.complete(
        "chat",
        prompt_for("link", state, resources, tables=listed),
        max_tokens=400,
        json_schema=_reply_schema(list(choices)),
    )
    named: list[tuple[str, str]] = []
    for text in json_object(completion.text).get("columns", ()):
        if found_column := choices.get(str(text)) or _column(str(text), resources.schema):
            named.append(found_column)
        else:
            resources.note(f"the chat model linked {str(text)[:80]!r}, which is not in the schema")
    columns = tuple(dict.fromkeys((*named, *found.columns)))
    tables = tuple(dict.fromkeys((*(table for table, _ in named), *found.tables)))
    return Links(tables, columns, found.values)


def _columns_by_name(tables: Sequence[str], schema: Schema) -> dict[str, tuple[str, str]]:
    shown = [table for name in tables if (table := schema.table(name))]
    return {f"{table.name}.{column.name}": (table.name, column.name) for table in shown for column in table.columns}


def _column(text: str, schema: Schema) -> tuple[str, str] | None:
    """Read `table.column` as a model writes it where no server holds it to the names."""
    table_name, _, column_name = text.partition(".")
    table = schema.table(table_name.strip(' "`'))
    column = table.column(column_name.strip(' "`')) if table else None
    return (table.name, column.name) if table and column else None


def _reply_schema(choices: list[str]) -> dict[str, Any]:
    item = {"type": "string", "enum": choices} if len(choices) <= _MOST_CHOICES else {"type": "string"}
    return {
        "type": "object",
        "properties": {"columns": {"type": "array", "items": item, "maxItems": 40}},
        "required": ["columns"],
        "additionalProperties": False,
    }
