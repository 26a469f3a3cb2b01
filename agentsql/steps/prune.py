"""Chooses the tables that the SQL model is shown (schema pruning)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentsql.db.schema import Schema
from agentsql.resources import Resources
from agentsql.steps.shared import all_asked, json_object, prompt_for, shown_schema
from agentsql.steps.step import step
from agentsql.types import Links

_SCHEMA = {
    "type": "object",
    "properties": {"tables": {"type": "array", "items": {"type": "string"}, "maxItems": 40}},
    "required": ["tables"],
    "additionalProperties": False,
}


@step(reads=("question",), optional=("evidence", "history"), writes=("tables",), choices={"by": ("words", "model")})
async def prune(state: Mapping[str, Any], resources: Resources, *, by: str = "words") -> dict[str, Any]:
    """Keep every table while the whole schema fits its token budget; else the linked ones and their neighbours.

    A schema that fits is left alone, because one unchanging prompt prefix is cheaper than a shorter one: a server
    with a prefix cache reads it once. With `by = "model"` the chat model names the tables instead, always.
    """
    if by == "model":
        return {"tables": await _named_by_model(state, resources)}
    if not shown_schema(resources).dropped:
        return {"tables": ()}
    return {"tables": linked_tables(resources.words.find(all_asked(state)), resources.schema)}


def linked_tables(links: Links, schema: Schema) -> tuple[str, ...]:
    """Give the tables of the links, those named first, then those one foreign key away from them."""
    named = [*links.tables, *(table for table, _, _ in links.values), *(table for table, _ in links.columns)]
    kept = dict.fromkeys(named)
    for table in schema:
        for key in table.foreign_keys:
            if table.name in kept or key.to_table in kept:
                named += [table.name, key.to_table]
    return tuple(dict.fromkeys(named))


async def _named_by_model(state: Mapping[str, Any], resources: Resources) -> tuple[str, ...]:
    (completion,) = await resources.complete(
        "chat", prompt_for("prune", state, resources), max_tokens=300, json_schema=_SCHEMA
    )
    named = [resources.schema.table(str(name).strip(' "`')) for name in json_object(completion.text).get("tables", ())]
    tables = tuple(dict.fromkeys(table.name for table in named if table))
    if not tables:
        resources.note("the chat model named no table of the schema; all are kept")
    return tables
