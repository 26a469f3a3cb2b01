"""What is known of a server's tables serves on for those that have not changed; only the others are read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agentsql.db.cache import Marks, SchemaCache, Stamp
from agentsql.db.schema import Schema, Table


@dataclass(frozen=True, slots=True)
class _Sampled:
    schema: Schema
    marks: Marks
    """As they were before the values were read."""


class Samples:
    """What was read last of the values of one database, here and in the cache; used by one thread at a time."""

    def __init__(self, cache: SchemaCache | None) -> None:
        self._cache = cache
        self._last: _Sampled | None = None

    def refresh(
        self, identity: str, stamp: Stamp, schema: Schema, marks: Marks, sample: Callable[[Schema], Schema]
    ) -> Schema:
        """Give a schema just read with values, those known already of tables that are as they were, and keep it.

        Args:
            schema: as the catalogue gives it, for all tables together.
            sample: gives a schema, here one of the other tables only, with row counts and values.
        """
        if self._last is None and self._cache and (stored := self._cache.last(identity)):
            self._last = _Sampled(*stored)
        kept = _unchanged(schema, marks, self._last) if self._last else {}
        rest = sample(replace(schema, tables=tuple(table for table in schema if table.name not in kept)))
        found = kept | {table.name: table for table in rest}
        schema = replace(schema, tables=tuple(found[table.name] for table in schema))
        self._last = _Sampled(schema, marks)
        if self._cache:
            self._cache.store(identity, stamp, schema, marks)
        return schema


def _unchanged(schema: Schema, marks: Marks, before: _Sampled) -> dict[str, Table]:
    known = {table.name: table for table in before.schema if table.name in before.marks and _was_read(table)}
    return {
        table.name: _with_values_of(table, old)
        for table in schema
        if (old := known.get(table.name))
        and marks.get(table.name) == before.marks[table.name]
        and _is_alike(table, old)
    }


def _is_alike(table: Table, old: Table) -> bool:
    return [(one.name, one.type) for one in table.columns] == [(one.name, one.type) for one in old.columns]


def _was_read(table: Table) -> bool:
    """False of a table that the seconds for samples did not reach, or of whose cells none could be shown."""
    return table.rows == 0 or any(column.values for column in table.columns)


def _with_values_of(table: Table, old: Table) -> Table:
    columns = tuple(
        new if new.values_complete else replace(new, values=was.values, values_complete=was.values_complete)
        for new, was in zip(table.columns, old.columns, strict=True)
    )
    return replace(table, columns=columns, rows=old.rows)
