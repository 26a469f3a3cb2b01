"""Puts queries together: parts as common table expressions before the one that uses them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


class PartsDoNotFitError(Exception):
    """The queries cannot be put together; the text says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a question with its query."""

    name: str
    question: str
    sql: str
    columns: tuple[str, ...]
    """Labels of its result."""


def part_from(name: str, question: str, sql: str, dialect: str, known: Sequence[Part] = ()) -> Part:
    """Give the part, each column of it with a label; the names of `known` parts stand for those.

    Raises:
        PartsDoNotFitError: it is no query, or it gives columns without saying which.
    """
    query = _without(_parsed(sql, dialect), {part.name for part in known})
    columns = []
    for number, column in enumerate(query.selects, 1):
        if column.is_star:
            raise PartsDoNotFitError(f"{name} selects *, so its columns are not known")
        if not column.output_name:
            column.replace(exp.alias_(column.copy(), f"value_{number}"))
            columns.append(f"value_{number}")
        else:
            columns.append(column.output_name)
    if len({label.casefold() for label in columns}) < len(columns):
        raise PartsDoNotFitError(f"{name} gives two columns of one name")
    return Part(name, question, query.sql(dialect=dialect), tuple(columns))


def compose(parts: Sequence[Part], last: str, dialect: str, *, uses_parts: bool = True) -> str:
    """Give one query: `last`, with those parts before it that it uses, directly or through others.

    Raises:
        PartsDoNotFitError: a piece is no query, or `last` uses none of the parts though it has to.
    """
    names = {part.name for part in parts}
    query = _without(_parsed(last, dialect), names)
    queries = {part.name: _parsed(part.sql, dialect) for part in parts}
    used = _used(query, names)
    if uses_parts and not used:
        raise PartsDoNotFitError("the last query uses none of the parts")
    for part in reversed(parts):
        if part.name in used:
            used |= _used(queries[part.name], names)
    own = [cte.pop() for cte in query.ctes]
    query.set("with_", None)
    for part in parts:
        if part.name in used:
            query = query.with_(part.name, as_=queries[part.name], dialect=dialect, copy=False)
    for cte in own:
        query = query.with_(cte.args["alias"], as_=cte.this, copy=False)
    return query.sql(dialect=dialect)


def part_name(text: str, taken: Collection[str]) -> str:
    """Give a name that SQL takes without quotes and that no table or other part has."""
    plain = re.sub(r"\W+", "_", text.casefold(), flags=re.ASCII).strip("_")[:40]
    name = f"part_{plain}" if not plain or plain[0].isdigit() else plain
    folded = {one.casefold() for one in taken}
    while name in folded:
        name = f"{name}_part"
    return name


def _parsed(sql: str, dialect: str) -> exp.Query:
    try:
        query = sqlglot.parse_one(sql, read=dialect)
    except (SqlglotError, RecursionError) as exc:
        raise PartsDoNotFitError(f"a piece is not SQL: {sql[:80]!r}") from exc
    query = query.unnest() if isinstance(query, exp.Subquery) else query
    if not isinstance(query, exp.Query):
        raise PartsDoNotFitError(f"a piece is no query: {sql[:80]!r}")
    return query


def _without(query: exp.Query, names: set[str]) -> exp.Query:
    """Take out what a model wrote again of parts that it was told of."""
    for cte in list(query.ctes):
        if cte.alias.casefold() in names:
            cte.pop()
    if not query.ctes:
        query.set("with_", None)
    return query


def _used(query: exp.Expr, names: set[str]) -> set[str]:
    return {table.name.casefold() for table in query.find_all(exp.Table) if not table.db} & names
