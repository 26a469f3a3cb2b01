"""Chooses the tables that the SQL model is shown (schema pruning)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentsql.db.closure import join_closure
from agentsql.resources import Resources
from agentsql.steps.shared import json_object, prompt_for, shown_schema
from agentsql.steps.short_list import TABLES, short_list, table_index
from agentsql.steps.step import step


@step(reads=("question",), optional=("evidence", "history"), writes=("tables",), choices={"by": ("words", "model")})
async def prune(
    state: Mapping[str, Any],
    resources: Resources,
    *,
    by: str = "words",
    tables: int = TABLES,
    meaning: bool = True,
) -> dict[str, Any]:
    """Keep every table while the whole schema fits its token budget; else the likeliest, joinable, as far as they fit.

    A schema that fits is left alone, because one unchanging prompt prefix is cheaper than a shorter one: a server
    with a prefix cache reads it once. With `by = "model"` the chat model then judges the short list, or a schema that
    fits. `tables` is the length of that list; with `meaning` a schema of more tables is searched by embeddings too.
    """
    listed = await short_list(state, resources, tables=tables, meaning=meaning)
    if by == "model":
        return {"tables": await _judged(listed, state, resources)}
    return {"tables": listed}


async def _judged(listed: tuple[str, ...], state: Mapping[str, Any], resources: Resources) -> tuple[str, ...]:
    """Let the chat model choose among the tables it is shown; add those its choice is joined over."""
    choices = shown_schema(resources, listed).tables
    schema = {
        "type": "object",
        "properties": {"tables": {"type": "array", "items": {"type": "string", "enum": list(choices)}, "maxItems": 40}},
        "required": ["tables"],
        "additionalProperties": False,
    }
    (completion,) = await resources.complete(
        "chat", prompt_for("prune", state, resources, tables=listed), max_tokens=300, json_schema=schema
    )
    found = [resources.schema.table(str(name).strip(' "`')) for name in _named(completion.text)]
    named = tuple(table.name for table in found if table and table.name in choices)
    if not named:
        resources.note("the chat model named no table it was shown; all of them are kept")
        return listed
    return join_closure(named, table_index(resources.schema).linked)


def _named(text: str) -> list[object]:
    named = json_object(text).get("tables")
    return named if isinstance(named, list) else []
