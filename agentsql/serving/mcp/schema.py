"""The schema as text for a model: within a limit, and as CREATE statements."""

from __future__ import annotations

from collections.abc import Sequence

from agentsql.db.render import RenderedSchema, render_schema
from agentsql.db.schema import Schema

_SCHEMA_TOKENS = 12_000
"""Of a schema text; a larger one would fill the context of most clients. Tables left out are named."""
_SAMPLE_VALUES = 3


def rendered(schema: Schema, tables: Sequence[str] = ()) -> RenderedSchema:
    """Give CREATE statements of these tables, or of all where none are named."""
    return render_schema(schema, tables=tables, prompt_tokens=_SCHEMA_TOKENS, sample_values=_SAMPLE_VALUES)
