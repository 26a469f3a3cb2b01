"""The names of a schema, made anew when it changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from agentsql.errors import DatabaseError

if TYPE_CHECKING:
    from agentsql.db.schema import Schema

_FRESH_S = 30.0
"""The schema is not looked at again for so long: it is asked for at the end of each question, in the agent's loop."""


class SchemaNames:
    """Gives the names of tables and columns, folded; those known last while the database cannot be read."""

    def __init__(self, schema: Callable[[], Schema], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._schema = schema
        self._clock = clock
        self._looked_at = float("-inf")
        self._known: tuple[Schema, frozenset[str]] | None = None

    def __call__(self) -> frozenset[str]:
        if self._clock() - self._looked_at >= _FRESH_S:
            self._look()
        return self._known[1] if self._known else frozenset()

    def _look(self) -> None:
        try:
            schema = self._schema()
        except DatabaseError:
            return
        self._looked_at = self._clock()
        if self._known is None or self._known[0] is not schema:
            names = {name for table in schema for name in (table.name, *(column.name for column in table.columns))}
            self._known = schema, frozenset(name.casefold() for name in names)
