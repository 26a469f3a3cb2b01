"""Looks for a text among the values of cells that a caller may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentsql.db.value_match import find_values
from agentsql.db.words import value_key
from agentsql.errors import UsageError, nearest
from agentsql.resources import Resources
from agentsql.serving.mcp.bodies import ValueItem, ValuesArguments, ValuesResult
from agentsql.serving.service import Served

_LEAST_SIMILAR = 70.0
"""Rapidfuzz's ratio; `Lonodn` and `London` have 83."""


def search(of: Served, given: ValuesArguments) -> ValuesResult:
    """Find the values, the closest first.

    Raises:
        UsageError: there is no such table or column.
    """
    resources = of.agent.resources(principal=of.caller.principal)
    table, column = _place(resources, given)
    wanted = (
        item
        for item in _found(resources, given.text, table, column)
        if (not table or item.table == table) and (not column or item.column == column)
    )
    matches = list(_first(wanted, given.limit + 1))
    note = ""
    if resources.values.is_empty:
        note = "No values can be looked up: they are still being read, are kept out, or there are no texts."
    elif len(matches) > given.limit:
        note = "There are more; raise `limit`, or name a table."
    return ValuesResult(database=of.name, matches=matches[: given.limit], note=note)


def _place(resources: Resources, given: ValuesArguments) -> tuple[str, str]:
    if not given.table:
        if given.column:
            raise UsageError("`column` needs its `table`; name both, or neither")
        return "", ""
    table = resources.schema.table(given.table)
    if table is None:
        raise UsageError(
            f"there is no table {given.table!r}{nearest(given.table, (one.name for one in resources.schema))}"
        )
    if not given.column:
        return table.name, ""
    for column in table.columns:
        if column.name.casefold() == given.column.casefold():
            return table.name, column.name
    meant = nearest(given.column, (one.name for one in table.columns))
    raise UsageError(f"table {table.name!r} has no column {given.column!r}{meant}")


def _found(resources: Resources, text: str, table: str, column: str) -> Iterator[ValueItem]:
    index, key = resources.values, value_key(text)
    for place in index.places(key):
        yield ValueItem(table=place.table, column=place.column, value=place.text, match="same")
    for where, which, value in find_values(text, index, resources.words):
        yield ValueItem(table=where, column=which, value=value, match="named")
    if not key:
        return
    for place in index.beginning(key, table=table, column=column):
        yield ValueItem(table=place.table, column=place.column, value=place.text, match="begins")
    narrow = {"table": table, "column": column} if column else {}
    for _score, place in index.near(key, least=_LEAST_SIMILAR, **narrow):
        yield ValueItem(table=place.table, column=place.column, value=place.text, match="similar")


def _first(items: Iterable[ValueItem], most: int) -> Iterator[ValueItem]:
    """Yield each value of each column once."""
    seen: set[tuple[str, str, str]] = set()
    for item in items:
        one = (item.table, item.column, item.value)
        if one not in seen:
            seen.add(one)
            yield item
            if len(seen) == most:
                return
