"""The query of a view with its columns spelt out and named as the view's are, without those hidden by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlglot import exp

from agentsql.db.guard import StatementRefused
from agentsql.db.policy_rewrite import cte_of, table_of
from agentsql.db.schema import Schema, Table

_PLAIN = frozenset({"expressions", "from_", "joins", "where", "with_", "kind", "hint"})
"""Parts of a SELECT that stay as they are if one of its columns is left out."""
_NAMING = ("order", "group", "having", "qualify", "distinct", "windows", "connect", "match", "cluster", "sort")
"""Parts that may speak of a column by the name that the SELECT gives it."""
_ROWS = "view_rows"
_ODD_JOINS = ("NATURAL", "ASOF", "POSITIONAL")


def as_declared(query: exp.Query, view: Table, shown: Collection[str], schema: Schema) -> exp.Query:
    """Give the query with one expression for each column that the view shows; the one given is changed.

    A column that is hidden by name is left out where the rows do not depend on it; elsewhere it is kept, and read by
    nobody.

    Args:
        view: with all of its columns, in order.
        shown: those of them that are to be read.
        schema: all that the database has: `*` stands for what the view had when it was made.

    Raises:
        StatementRefused: it cannot be told which expression is which column.
    """
    for select in _selects(query):
        _spell_out(select, schema)
    first = next(_selects(query))
    if len(first.expressions) != len(view.columns):
        raise not_shown(f"it has {len(view.columns)} columns, and its definition {len(first.expressions)}")
    pairs = zip(list(first.expressions), (column.name for column in view.columns), strict=True)
    kept = [(one, name) for one, name in pairs if name in shown or not _may_be_left_out(one, query)]
    if any(one.args.get(part) for one in (query, first) for part in _NAMING):
        return _named_outside(query, first, kept)
    first.set("expressions", [_named(one, name) for one, name in kept])
    return query


def _selects(query: exp.Expr) -> Iterator[exp.Select]:
    """Give the SELECTs whose rows a query puts together, the one that names the columns first."""
    if isinstance(query, exp.SetOperation) and not query.args.get("by_name"):
        yield from _selects(query.this)
        yield from _selects(query.expression)
    elif isinstance(query, exp.Subquery):
        yield from _selects(query.this)
    elif isinstance(query, exp.Select):
        yield query
    else:
        raise not_shown("it is no plain query")


def _spell_out(select: exp.Select, schema: Schema) -> None:
    """Put the columns in the place of `*` and `t.*`."""
    if not any(_is_star(one) for one in select.expressions):
        return
    expressions: list[exp.Expr] = []
    for one in select.expressions:
        expressions += _columns_of(one, select, schema) if _is_star(one) else [one]
    select.set("expressions", expressions)


def _is_star(one: exp.Expr) -> bool:
    return isinstance(one, exp.Star | exp.Columns) or (isinstance(one, exp.Column) and isinstance(one.this, exp.Star))


def _columns_of(star: exp.Expr, select: exp.Select, schema: Schema) -> Iterator[exp.Expr]:
    inner = star.this if isinstance(star, exp.Column) else star
    if not isinstance(inner, exp.Star) or any(inner.args.get(part) for part in ("except_", "replace", "rename")):
        raise not_shown("the columns of a * cannot be told")
    meant = star.table.casefold() if isinstance(star, exp.Column) else None
    found = False
    for source in _sources(select):
        alias = _alias_of(source)
        if meant is not None and alias.name.casefold() != meant:
            continue
        found = True
        for name in _names(source, schema):
            yield exp.column(exp.to_identifier(name, quoted=True), table=alias.copy())
    if not found:
        raise not_shown("the columns of a * cannot be told")


def _sources(select: exp.Select) -> Iterator[exp.Expr]:
    """Give what a SELECT reads from, in the order of its columns."""
    start = select.args.get("from_")
    joins = select.args.get("joins") or ()
    odd = any(join.args.get("using") or join.method.upper() in _ODD_JOINS or join.kind in _HALF for join in joins)
    if start is None or odd or select.args.get("laterals"):
        raise not_shown("the columns of a * cannot be told")
    for source in (start.this, *(join.this for join in joins)):
        if source.args.get("joins") or source.args.get("pivots") or source.args.get("laterals"):
            raise not_shown("the columns of a * cannot be told")
        yield source


_HALF = ("SEMI", "ANTI", "LEFT SEMI", "LEFT ANTI")
"""Joins that give the columns of one side."""


def _alias_of(source: exp.Expr) -> exp.Identifier:
    alias = source.args.get("alias")
    identifier = alias.this if alias is not None else source.this
    if not isinstance(identifier, exp.Identifier):
        raise not_shown("the columns of a * cannot be told")
    return identifier


def _names(source: exp.Expr, schema: Schema) -> tuple[str, ...]:
    """Give the names of the columns that a table, CTE or subquery has."""
    alias = source.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        return tuple(column.name for column in alias.columns)
    if isinstance(source, exp.Subquery):
        return _output(source, schema)
    if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
        cte = cte_of(source, schema.dialect)
        if cte is not None:
            declared = cte.args["alias"].args.get("columns")
            return tuple(column.name for column in declared) if declared else _output(cte.this, schema)
        if (table := table_of(source, schema)) is not None:
            return tuple(column.name for column in table.columns)
    raise not_shown("the columns of a * cannot be told")


def _output(query: exp.Expr, schema: Schema) -> tuple[str, ...]:
    select = next(_selects(query))
    names: list[str] = []
    for one in select.expressions:
        if _is_star(one):
            names += (column.name for column in _columns_of(one, select, schema))
        elif isinstance(one, exp.Alias | exp.Column):
            names.append(one.alias_or_name)
        else:
            raise not_shown("the columns of a * cannot be told")
    return tuple(names)


def _may_be_left_out(one: exp.Expr, query: exp.Query) -> bool:
    """True if the query gives the same rows without this column of it."""
    if not isinstance(query, exp.Select) or any(value and part not in _PLAIN for part, value in query.args.items()):
        return False
    return one.find(exp.AggFunc, exp.Window, exp.Anonymous, exp.AnonymousAggFunc, exp.UDTF) is None


def _named(one: exp.Expr, name: str) -> exp.Expr:
    if isinstance(one, exp.Alias | exp.Column) and one.alias_or_name == name:
        return one
    inner = one.this if isinstance(one, exp.Alias) else one
    return exp.alias_(inner.copy(), exp.to_identifier(name, quoted=True))


def _named_outside(query: exp.Query, first: exp.Select, kept: list[tuple[exp.Expr, str]]) -> exp.Query:
    """Give the query with its columns renamed from outside: within, ORDER BY and others may use the names it gives."""
    expressions = [one if isinstance(one, exp.Alias | exp.Column) else _named(one, name) for one, name in kept]
    first.set("expressions", expressions)
    own = [one.alias_or_name for one in expressions]
    if own == [name for _, name in kept]:
        return query
    if len({name.casefold() for name in own}) < len(own):
        raise not_shown("two of its columns have one name in its definition")
    columns = (exp.column(exp.to_identifier(name, quoted=True), table=_ROWS) for name in own)
    renamed = (_named(column, name) for column, (_, name) in zip(columns, kept, strict=True))
    return exp.select(*renamed).from_(exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(_ROWS))))


def not_shown(why: str) -> StatementRefused:
    """Give the reason why a view stays hidden, which only administrators are told."""
    return StatementRefused("refused", why, "")
