"""What the findings share: the parts of a query, and changes made to a copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from agentsql.db.join_paths import join_by_keys
from agentsql.db.quote import identifier, table_source
from agentsql.db.repair import own_columns, owners, scope_tables
from agentsql.db.schema import Column, Schema, Table


class Read(NamedTuple):
    """A SELECT that reads nothing but tables of the schema."""

    select: exp.Select
    scope: Scope
    tables: dict[str, Table]
    """By alias."""


class Owned(NamedTuple):
    """A column of the schema, under the alias of its table."""

    alias: str
    table: Table
    column: Column


def plain_selects(query: exp.Query, schema: Schema) -> list[Read]:
    """Give each such SELECT of the query, innermost first."""
    try:
        scopes = traverse_scope(query)
    except SqlglotError:
        return []
    found = []
    for scope in scopes:
        tables = scope_tables(scope, schema)
        if isinstance(scope.expression, exp.Select) and tables and len(tables) == len(scope.sources):
            found.append(Read(scope.expression, scope, tables))
    return found


def outer_selects(query: exp.Query, schema: Schema) -> list[Read]:
    """Give the SELECTs whose rows are the result, one or the sides of a set operation; none if one is not plain."""
    plain = {id(read.select): read for read in plain_selects(query, schema)}
    sides = _sides(query)
    return [plain[id(one)] for one in sides] if all(id(one) in plain for one in sides) else []


def _sides(query: exp.Expr) -> list[exp.Expr]:
    if isinstance(query, exp.SetOperation):
        return [*_sides(query.this), *_sides(query.expression)]
    return _sides(query.this) if isinstance(query, exp.Subquery) else [query]


def owner_of(node: exp.Expr | None, tables: dict[str, Table]) -> Owned | None:
    """Give whose a plain column is, if it can be of one table only."""
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return None
    owned = owners(node, tables)
    column = tables[owned[0]].column(node.name) if len(owned) == 1 else None
    return Owned(owned[0], tables[owned[0]], column) if column else None


def conjuncts(select: exp.Select) -> Iterator[exp.Expr]:
    """Yield the conditions of the WHERE that all have to hold, in their order."""
    where = select.args.get("where")
    stack = [where.this] if where else []
    while stack:
        one = stack.pop()
        if isinstance(one, exp.And):
            stack += [one.expression, one.this]
        elif isinstance(one, exp.Paren):
            stack.append(one.this)
        else:
            yield one


def drop_selected(select: exp.Select, extra: list[exp.Expr]) -> None:
    """Take some of what is selected out, in place; where their aliases are used they are written out."""
    aliases = {one.alias: one.unalias() for one in extra if one.alias}
    select.set("expressions", [one for one in select.selects if not any(one is other for other in extra)])
    for column in list(select.find_all(exp.Column)):
        if not column.table and column.name in aliases and column.parent_select is select:
            column.replace(aliases[column.name].copy())


def reach(table: Table, read: Read, schema: Schema) -> str:
    """Give the alias under which the SELECT reads `table`, joining it along the foreign keys if it does not yet.

    Empty, and nothing is changed but qualifiers added, if it is there twice or the keys leave no way or several.
    """
    there = [alias for alias, one in read.tables.items() if one.name == table.name]
    if there:
        return there[0] if len(there) == 1 else ""
    for column in own_columns(read.scope):
        if not column.table and len(owned := owners(column, read.tables)) == 1:
            column.set("table", identifier(owned[0], schema.dialect))
    join = exp.Join(this=table_source(table, schema.dialect))
    read.select.append("joins", join)
    if join_by_keys(read.select, join, schema):
        return table.parts[-1]
    read.select.args["joins"].remove(join)
    return ""
