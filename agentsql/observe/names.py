"""The names of a schema, made anew when it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentsql.db.schema import Schema


class SchemaNames:
    """Gives the names of tables and columns, folded."""

    def __init__(self, schema: Callable[[], Schema]) -> None:
        self._schema = schema
        self._known: tuple[Schema, frozenset[str]] | None = None

    def __call__(self) -> frozenset[str]:
        schema, known = self._schema(), self._known
        if known is None or known[0] is not schema:
            names = {name for table in schema for name in (table.name, *(column.name for column in table.columns))}
            known = self._known = schema, frozenset(name.casefold() for name in names)
        return known[1]
