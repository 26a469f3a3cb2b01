"""Rows made up for a schema, so that a query can be executed where there is no data."""

from __future__ import annotations

import random
from collections.abc import Sequence

from sqlglot import exp

from agentsql.db.quote import quote_identifier, value_literal
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.evaluation.canonical import canonical, table_name

_ROWS = 30
_WORDS = "Amber Birch Cedar Delta Ember Falcon Garnet Harbor Iris Juniper Kestrel Linden Maple Nova Onyx".split()
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like)

Known = dict[tuple[str, str], list[str | float]]
"""Values that a query speaks of, by folded table and column."""


def inserts(schema: Schema, sql: str, seed: int) -> str:
    """Give INSERT statements for every table; values that the query compares a column with are among its own.

    The same schema, query and seed give the same rows. A foreign key holds keys of the table it points at. Rows that
    break a constraint are left out by SQLite.
    """
    chance = random.Random(f"{seed} {sql}")
    known = _values_in(sql, schema)
    made: dict[str, list[dict[str, str | float]]] = {}
    lines = []
    for table in _parents_first(schema):
        made[table.name] = [_row(number, table, made, known, chance) for number in range(1, _ROWS + 1)]
        names = ", ".join(quote_identifier(column.name, schema.dialect) for column in table.columns)
        into = f"INSERT OR IGNORE INTO {quote_identifier(table.name, schema.dialect)} ({names}) VALUES"
        rows = ", ".join(f"({', '.join(map(_literal, row.values()))})" for row in made[table.name])
        lines.append(f"{into} {rows};")
    return "\n".join(lines)


def _row(
    number: int,
    table: Table,
    made: dict[str, list[dict[str, str | float]]],
    known: Known,
    chance: random.Random,
) -> dict[str, str | float]:
    row = {
        column.name: _cell(
            number,
            column,
            known.get((table.name.casefold(), column.name.casefold()), ()),
            chance,
            is_key=table.primary_key == (column.name,),
        )
        for column in table.columns
    }
    for key in table.foreign_keys:
        if parents := made.get(key.to_table):
            row.update(_pointed(key, chance.choice(parents)))
    return row


def _pointed(key: ForeignKey, parent: dict[str, str | float]) -> dict[str, str | float]:
    pairs = zip(key.columns, key.to_columns, strict=True)
    return {own: parent[other] for own, other in pairs if other in parent}


def _cell(
    number: int, column: Column, known: Sequence[str | float], chance: random.Random, *, is_key: bool
) -> str | float:
    kind, name = column.type.upper(), column.name.casefold()
    if known and not is_key and chance.random() < 0.4:
        return _near(chance.choice(known), chance)
    if "DATE" in kind or "TIME" in kind or name.endswith("date"):
        return f"{chance.randint(2015, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    if "INT" in kind or "BOOL" in kind:
        if is_key:
            return number
        if "BOOL" in kind:
            return chance.randint(0, 1)
        return chance.randint(1990, 2025) if "year" in name else chance.randint(1, 100)
    if any(one in kind for one in ("REAL", "NUM", "DEC", "FLOAT", "DOUB")):
        return round(chance.uniform(1, 1000), 2)
    return f"{chance.choice(_WORDS)} {number}" if is_key else chance.choice(_WORDS)


def _near(value: str | float, chance: random.Random) -> str | float:
    """Give the value itself, or a number on either side of it, so that `>` and `<` find some rows and not all."""
    if isinstance(value, str):
        return value
    return value + chance.choice((-1, 0, 0, 1))


def _values_in(sql: str, schema: Schema) -> Known:
    query = canonical(sql, schema)
    known: Known = {}
    for node in query.find_all(*_COMPARISONS, exp.In, exp.Between) if query else ():
        column = node.this
        if not isinstance(column, exp.Column) or not column.table:
            continue
        literals = [one for one in node.iter_expressions() if isinstance(one, exp.Literal)]
        place = (table_name(column.table).casefold(), column.name.casefold())
        known.setdefault(place, []).extend(map(_value, literals))
    return known


def _value(literal: exp.Literal) -> str | float:
    if literal.is_string:
        return literal.name.replace("%", "").replace("_", "")
    number = float(literal.name)
    return int(number) if number.is_integer() else number


def _parents_first(schema: Schema) -> list[Table]:
    """Give the tables, each behind those its foreign keys point at, as far as they are no circle; no views."""
    left = {table.name: table for table in schema if table.kind == "table"}
    ordered: list[Table] = []
    while left:
        free = [
            one
            for one in left.values()
            if not any(key.to_table in left and key.to_table != one.name for key in one.foreign_keys)
        ]
        for table in free or [next(iter(left.values()))]:
            ordered.append(left.pop(table.name))
    return ordered


def _literal(value: str | float) -> str:
    return value_literal(value, max_chars=200)
