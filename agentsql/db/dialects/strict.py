"""Statements of a loose dialect under strict rules: types that have to fit, columns that have to be grouped by."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from agentsql.db.repair import own_columns, owners, scope_tables
from agentsql.db.schema import Schema

_FAMILIES = (
    ("boolean", re.compile(r"bool", re.I)),
    ("text", re.compile(r"char|text|clob|string|enum", re.I)),
    ("moment", re.compile(r"date|time", re.I)),
    ("number", re.compile(r"int(?!erval)|serial|num|dec|real|doub|float", re.I)),
)
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_OF_TEXT = (exp.Substring, exp.Length, exp.Lower, exp.Upper, exp.Trim, exp.Left, exp.Right, exp.Like, exp.ILike)
_OF_NUMBERS = (exp.Sum, exp.Avg, exp.Max, exp.Min)
_OF_MOMENTS = (exp.Extract, exp.TimestampTrunc, exp.DateTrunc)
_Family = Callable[[exp.Expr | None], str]
_TRUTH = {"0": False, "1": True, "false": False, "true": True, "f": False, "t": True, "no": False, "yes": True}


def fit_types(query: exp.Expr, schema: Schema) -> None:
    """Rewrite in place what compares or feeds functions with the wrong type, by the types of the schema's columns.

    `active = 1` on a boolean, `code = 5` on a text, `day LIKE '2020%'` on a date, `SUM(active)`, `ROUND(mean, 2)` on
    a float, and `COLLATE NOCASE`, which only SQLite has.
    """
    families = _families(query, schema)

    def family(node: exp.Expr | None) -> str:
        if isinstance(node, exp.TimeToStr | exp.ToChar):
            return "text"
        return families.get(id(node), "")

    for node in list(query.walk()):
        if isinstance(node, exp.Collate) and node.expression.name.upper() == "NOCASE":
            node.replace(exp.Lower(this=node.this.copy()))
        elif isinstance(node, _COMPARED):
            _fit_pair(node.this, node.expression, family)
            _fit_pair(node.expression, node.this, family)
        elif isinstance(node, exp.In | exp.Between):
            for other in (*node.expressions, node.args.get("low"), node.args.get("high")):
                _fit_pair(node.this, other, family)
        elif isinstance(node, _OF_TEXT) and family(node.this) in ("number", "moment", "boolean"):
            node.this.replace(exp.cast(node.this.copy(), "TEXT"))
        elif isinstance(node, _OF_NUMBERS) and family(node.this) == "boolean":
            node.this.replace(exp.cast(node.this.copy(), "INT"))
        elif isinstance(node, _OF_MOMENTS):
            _fit_moment(node.expression if isinstance(node, exp.Extract) else node.this, family)


def expand_aliases(query: exp.Expr) -> None:
    """Write out, in place, what WHERE and HAVING call by the name that the SELECT list gives it."""
    for select in query.find_all(exp.Select):
        aliased = {one.alias.casefold(): one.this for one in select.selects if isinstance(one, exp.Alias)}
        for clause in ("where", "having"):
            for column in list(select.args[clause].find_all(exp.Column)) if select.args.get(clause) else ():
                meant = aliased.get(column.name.casefold())
                if meant is None or column.table or column.parent_select is not select or _has(meant, column.name):
                    continue
                if clause == "having" or not meant.find(exp.AggFunc, exp.Window):
                    column.replace(exp.Paren(this=meant.copy()) if isinstance(meant, exp.Binary) else meant.copy())


def complete_groups(query: exp.Expr) -> None:
    """Group, in place, by every plain column that a grouped SELECT gives or sorts by outside an aggregate."""
    for select in query.find_all(exp.Select):
        group = select.args.get("group")
        if not group or any(group.args.get(kind) for kind in ("grouping_sets", "cube", "rollup", "all")):
            continue
        aliases = {one.alias.casefold() for one in select.selects if one.alias}
        grouped = {_key(one) for one in group.expressions} | {_key(one) for one in _by_place(group, select)}
        order = select.args.get("order")
        for part in (*select.selects, *(order.expressions if order else ())):
            if _key(part.unalias() if isinstance(part, exp.Alias) else part) in grouped:
                continue
            for column in list(part.find_all(exp.Column)):
                is_bare = column.find_ancestor(exp.AggFunc, exp.Window, exp.Select) is select
                is_alias = not column.table and column.name.casefold() in aliases and part not in select.selects
                if is_bare and not is_alias and _key(column) not in grouped and not isinstance(column.this, exp.Star):
                    group.append("expressions", column.copy())
                    grouped.add(_key(column))


def _families(query: exp.Expr, schema: Schema) -> dict[int, str]:
    """Give the family of types of each column of the query that is known to be of one table."""
    found: dict[int, str] = {}
    try:
        scopes = traverse_scope(query)
    except SqlglotError:
        return found
    for scope in scopes:
        for column in own_columns(scope):
            visible: Scope | None = scope
            while visible is not None:
                tables = scope_tables(visible, schema)
                if owned := owners(column, tables):
                    real = tables[owned[0]].column(column.name)
                    found[id(column)] = type_family(real.type) if real else ""
                    break
                visible = visible.parent if visible.is_subquery else None
    return found


def type_family(declared: str) -> str:
    """Give `boolean`, `text`, `moment` or `number` for a column's declared type; empty for any other."""
    return next((family for family, pattern in _FAMILIES if pattern.search(declared)), "")


def _fit_pair(column: exp.Expr | None, other: exp.Expr | None, family: _Family) -> None:
    of = family(column)
    if not of or other is None or column is None:
        return
    if isinstance(other, exp.Literal):
        if of == "boolean" and other.name.lower() in _TRUTH:
            other.replace(exp.Boolean(this=_TRUTH[other.name.lower()]))
        elif of == "text" and not other.is_string:
            other.replace(exp.Literal.string(other.name))
    elif of == "text" and family(other) in ("number", "moment"):
        other.replace(exp.cast(other.copy(), "TEXT"))


def _fit_moment(value: exp.Expr | None, family: _Family) -> None:
    if value is not None and family(value) == "text":
        value.replace(exp.cast(value.copy(), "TIMESTAMP"))


def _has(node: exp.Expr, name: str) -> bool:
    return any(column.name.casefold() == name.casefold() and not column.table for column in node.find_all(exp.Column))


def _by_place(group: exp.Group, select: exp.Select) -> list[exp.Expr]:
    """Give what `GROUP BY 1` and `GROUP BY alias` stand for."""
    meant: list[exp.Expr] = []
    for one in group.expressions:
        if isinstance(one, exp.Literal) and one.is_int and 0 < int(one.name) <= len(select.selects):
            meant.append(select.selects[int(one.name) - 1].unalias())
        elif isinstance(one, exp.Column) and not one.table:
            meant += [
                item.this for item in select.selects if item.alias.casefold() == one.name.casefold() and item.alias
            ]
    return meant


def _key(node: exp.Expr) -> str:
    """Give what two writings of one expression have in common."""
    if isinstance(node, exp.Column):
        return node.name.casefold()
    return node.sql().casefold()
