"""SQL drawn at random from a schema, of a difficulty that is asked for; its values are those the columns hold."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from agentsql.db.quote import quote_identifier, value_literal
from agentsql.db.schema import Column, Schema, Table

_VALUE_CHARS = 60


@dataclass(frozen=True, slots=True)
class _Join:
    """Two tables with the columns that tie them."""

    child: Table
    parent: Table
    on: tuple[str, str]
    """Column of the child, column of the parent."""


def draw_sql(schema: Schema, difficulty: str, chance: random.Random) -> str:
    """Give a query, or an empty text where this draw finds nothing to ask; then draw again.

    Args:
        difficulty: `easy`, `medium`, `hard` or `extra`; what is drawn is so by its shape, and mostly by Spider's count.
    """
    tables = [table for table in schema if table.kind == "table" and len(table.columns) > 1]
    if not tables:
        return ""
    return chance.choice(_SHAPES[difficulty])(_Draw(schema, tables, chance))


class _Draw:
    """Names and values of one schema, drawn at random, written as SQL."""

    def __init__(self, schema: Schema, tables: list[Table], chance: random.Random) -> None:
        self._dialect = schema.dialect
        self._chance = chance
        self.tables = tables
        by_name = {table.name: table for table in tables}
        self.joins = [
            _Join(table, by_name[key.to_table], (key.columns[0], key.to_columns[0]))
            for table in tables
            for key in table.foreign_keys
            if len(key.columns) == 1 and key.to_table in by_name and key.to_table != table.name
        ]

    def name(self, text: str) -> str:
        return quote_identifier(text, self._dialect)

    def table(self) -> Table:
        return self._chance.choice(self.tables)

    def join(self) -> _Join | None:
        return self._chance.choice(self.joins) if self.joins else None

    def shown(self, table: Table) -> str:
        """Give a column worth showing: none of a key, where there is another."""
        keys = {*table.primary_key, *(one for key in table.foreign_keys for one in key.columns)}
        columns = [one for one in table.columns if one.name not in keys] or list(table.columns)
        return self._chance.choice(columns).name

    def number(self, table: Table) -> str:
        keys = {*table.primary_key, *(one for key in table.foreign_keys for one in key.columns)}
        columns = [one.name for one in table.columns if one.name not in keys and _is_number(one)]
        return self._chance.choice(columns) if columns else ""

    def condition(self, table: Table, alias: str = "") -> str:
        """Give a comparison with a value that the column holds; empty if none is known."""
        keys = {*table.primary_key, *(one for key in table.foreign_keys for one in key.columns)}
        columns = [one for one in table.columns if one.values and one.name not in keys]
        if not columns:
            return ""
        column = self._chance.choice(columns)
        value = self._chance.choice(column.values)
        operator = self._chance.choice((">", "<", "=")) if isinstance(value, int | float) else "="
        qualified = f"{alias}.{self.name(column.name)}" if alias else self.name(column.name)
        return f"{qualified} {operator} {value_literal(value, max_chars=_VALUE_CHARS)}"

    def count(self) -> int:
        return self._chance.randint(1, 3)

    def direction(self) -> str:
        return self._chance.choice(("", " DESC"))


def _is_number(column: Column) -> bool:
    return any(one in column.type.upper() for one in ("INT", "REAL", "NUM", "DEC", "FLOAT", "DOUB"))


def _filtered(draw: _Draw) -> str:
    table = draw.table()
    where = draw.condition(table)
    return f"SELECT {draw.name(draw.shown(table))} FROM {draw.name(table.name)} WHERE {where}" if where else ""


def _counted(draw: _Draw) -> str:
    table = draw.table()
    where = draw.condition(table)
    return f"SELECT count(*) FROM {draw.name(table.name)}" + (f" WHERE {where}" if where else "")


def _averaged(draw: _Draw) -> str:
    table = draw.table()
    number = draw.number(table)
    return f"SELECT avg({draw.name(number)}) FROM {draw.name(table.name)}" if number else ""


def _grouped(draw: _Draw) -> str:
    table = draw.table()
    column = draw.name(draw.shown(table))
    return f"SELECT {column}, count(*) FROM {draw.name(table.name)} GROUP BY {column}"


def _most(draw: _Draw) -> str:
    table = draw.table()
    number = draw.number(table)
    if not number:
        return ""
    order = f"{draw.name(number)}{draw.direction()} LIMIT {draw.count()}"
    return f"SELECT {draw.name(draw.shown(table))} FROM {draw.name(table.name)} ORDER BY {order}"


def _joined(draw: _Draw) -> str:
    join = draw.join()
    where = draw.condition(join.parent, "T2") if join else ""
    return f"SELECT T1.{draw.name(draw.shown(join.child))} {_from(draw, join)} WHERE {where}" if join and where else ""


def _without(draw: _Draw) -> str:
    join = draw.join()
    if join is None:
        return ""
    shown, key = draw.name(draw.shown(join.parent)), draw.name(join.on[1])
    inner = f"SELECT {draw.name(join.on[0])} FROM {draw.name(join.child.name)}"
    return f"SELECT {shown} FROM {draw.name(join.parent.name)} WHERE {key} NOT IN ({inner})"


def _above_average(draw: _Draw) -> str:
    table = draw.table()
    number = draw.number(table)
    if not number:
        return ""
    name, column = draw.name(table.name), draw.name(number)
    return f"SELECT {draw.name(draw.shown(table))} FROM {name} WHERE {column} > (SELECT avg({column}) FROM {name})"


def _having(draw: _Draw) -> str:
    join = draw.join()
    if join is None:
        return ""
    shown = f"T2.{draw.name(draw.shown(join.parent))}"
    return f"SELECT {shown}, count(*) {_from(draw, join)} GROUP BY {shown} HAVING count(*) > {draw.count()}"


def _most_joined(draw: _Draw) -> str:
    join = draw.join()
    if join is None:
        return ""
    shown = f"T2.{draw.name(draw.shown(join.parent))}"
    where = draw.condition(join.child, "T1")
    middle = f"WHERE {where} " if where else ""
    return f"SELECT {shown} {_from(draw, join)} {middle}GROUP BY {shown} ORDER BY count(*) DESC LIMIT {draw.count()}"


def _except(draw: _Draw) -> str:
    join = draw.join()
    where = draw.condition(join.child, "T1") if join else ""
    if join is None or not where:
        return ""
    shown = draw.name(draw.shown(join.parent))
    every = f"SELECT {shown} FROM {draw.name(join.parent.name)}"
    return f"{every} EXCEPT SELECT T2.{shown} {_from(draw, join)} WHERE {where}"


def _from(draw: _Draw, join: _Join) -> str:
    child, parent = draw.name(join.child.name), draw.name(join.parent.name)
    return f"FROM {child} AS T1 JOIN {parent} AS T2 ON T1.{draw.name(join.on[0])} = T2.{draw.name(join.on[1])}"


_SHAPES: dict[str, tuple[Callable[[_Draw], str], ...]] = {
    "easy": (_filtered, _counted, _averaged),
    "medium": (_grouped, _most, _joined),
    "hard": (_without, _above_average, _having),
    "extra": (_most_joined, _except),
}
