"""Finds the tables, columns and values that a question speaks of (schema linking)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentsql.resources import Resources
from agentsql.steps.shared import all_asked, json_object, prompt_for
from agentsql.steps.step import step
from agentsql.types import Links

_SCHEMA = {
    "type": "object",
    "properties": {"columns": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["columns"],
    "additionalProperties": False,
}


@step(reads=("question",), optional=("evidence", "history"), writes=("links",), choices={"by": ("words", "model")})
async def link(state: Mapping[str, Any], resources: Resources, *, by: str = "words") -> dict[str, Any]:
    """Link by the words of question, evidence and last turns; with `by = "model"` the chat model names columns too."""
    found = resources.words.find(all_asked(state))
    if by == "model":
        found = await _with_model_columns(found, state, resources)
    return {"links": found}


async def _with_model_columns(found: Links, state: Mapping[str, Any], resources: Resources) -> Links:
    (completion,) = await resources.complete(
        "chat", prompt_for("link", state, resources), max_tokens=400, json_schema=_SCHEMA
    )
    named: list[tuple[str, str]] = []
    for text in json_object(completion.text).get("columns", ()):
        table_name, _, column_name = str(text).partition(".")
        table = resources.schema.table(table_name.strip(' "`'))
        column = table.column(column_name.strip(' "`')) if table else None
        if table and column:
            named.append((table.name, column.name))
        else:
            resources.note(f"the chat model linked {str(text)[:80]!r}, which is not in the schema")
    columns = tuple(dict.fromkeys((*named, *found.columns)))
    tables = tuple(dict.fromkeys((*(table for table, _ in named), *found.tables)))
    return Links(tables, columns, found.values)
