"""Queries written one way, so that two of them can be held against each other, clause by clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from agentsql.db.parsing import parse_statement
from agentsql.db.repair import owners, scope_tables
from agentsql.db.schema import Schema, Table

_REPEAT = "#"
"""Stands before the number of a table that a query reads more than once."""


class Names(NamedTuple):
    """What a query uses of a schema, folded."""

    tables: frozenset[str]
    columns: frozenset[tuple[str, str]]
    """(table, column) pairs."""


def canonical(sql: str, schema: Schema) -> exp.Query | None:
    """Give the query with each table under its own name, each column qualified, and no other aliases than needed.

    So a clause of one query means the same in another that reads the same tables. A table that is read again is
    called `name#2`. Columns that ORDER BY, GROUP BY and HAVING name by alias or number are written out, and text
    in double quotes that is no column, which SQLite takes for a string, becomes one.

    Returns:
        None if it is no query, or of a kind that cannot be taken apart.
    """
    try:
        query = parse_statement(sql, schema.dialect)
        while isinstance(query, exp.Subquery):
            query = query.this
        if not isinstance(query, exp.Query):
            return None
        read = [(one, one.expression) for one in traverse_scope(query) if isinstance(one.expression, exp.Select)]
    except (SqlglotError, RecursionError):
        return None
    for _, select in read:
        _write_out_outputs(select)
    tables = {id(scope): scope_tables(scope, schema) for scope, _ in read}
    for scope, select in read:
        for column in list(own_columns(select)):
            _qualify(column, scope, tables)
    _rename_sources(read, tables)
    for _, select in read:
        if not _is_source(select):
            named = {column.name.casefold() for column in own_columns(select) if not column.table}
            kept = [one if one.alias.casefold() in named else one.unalias() for one in select.selects]
            select.set("expressions", kept)
    return query


def table_name(alias: str) -> str:
    """Give the table's name in a canonical query's alias, folded."""
    return alias.rpartition(_REPEAT)[0] if _REPEAT in alias and alias.rpartition(_REPEAT)[2].isdigit() else alias


def own_columns(select: exp.Select) -> Iterator[exp.Column]:
    """Yield the columns that stand in this SELECT itself, not in a query inside it."""
    for column in select.find_all(exp.Column):
        if column.parent_select is select:
            yield column


def conditions(where: exp.Expr | None) -> Iterator[exp.Expr]:
    """Yield the single conditions of a WHERE, HAVING or ON, whatever AND, OR and parentheses join them."""
    stack = [where.this if isinstance(where, exp.Where | exp.Having) else where] if where is not None else []
    while stack:
        one = stack.pop()
        if isinstance(one, exp.And | exp.Or):
            stack += [one.expression, one.this]
        elif isinstance(one, exp.Paren):
            stack.append(one.this)
        else:
            yield one


def subqueries(node: exp.Expr | None) -> list[exp.Query]:
    """Give the queries right inside a clause, none of those inside them."""
    found: list[exp.Query] = []
    stack = [node] if node is not None else []
    while stack:
        one = stack.pop()
        if isinstance(one, exp.Select | exp.SetOperation):
            found.append(one)
        else:
            stack.extend(reversed(list(one.iter_expressions())))
    return found


def _write_out_outputs(select: exp.Select) -> None:
    """Replace the aliases and numbers of selected expressions in ORDER BY and GROUP BY, in place."""
    by_alias = {one.alias.casefold(): one.unalias() for one in select.selects if isinstance(one, exp.Alias)}
    by_name = {one.name.casefold(): one for one in select.selects if isinstance(one, exp.Column)} | by_alias
    for clause in (select.args.get("order"), select.args.get("group")):
        for term in clause.expressions if clause is not None else ():
            node = term.this if isinstance(term, exp.Ordered) else term
            if isinstance(node, exp.Literal) and node.is_int and 0 < int(node.name) <= len(select.selects):
                node.replace(select.selects[int(node.name) - 1].unalias().copy())
            elif isinstance(node, exp.Column) and not node.table:
                names = by_name if isinstance(term, exp.Ordered) else by_alias
                if node.name.casefold() in names:
                    node.replace(names[node.name.casefold()].copy())
    for clause in (select.args.get("having"), select.args.get("order")):
        for column in list(clause.find_all(exp.Column)) if clause is not None else ():
            meant = by_alias.get(column.name.casefold()) if not column.table else None
            if meant is not None and column.parent_select is select and meant.find(exp.AggFunc):
                column.replace(meant.copy())


def _qualify(column: exp.Column, scope: Scope, tables: dict[int, dict[str, Table]]) -> None:
    """Write the column with its table's alias, in place; a string, if it is one."""
    if isinstance(column.this, exp.Star):
        return
    around: Scope | None = scope
    while around is not None:
        owned = owners(column, tables.get(id(around), {}))
        if owned:
            found = tables[id(around)][owned[0]].column(column.name)
            if len(owned) == 1 and found:
                column.set("table", exp.to_identifier(owned[0], quoted=True))
                column.set("this", exp.to_identifier(found.name, quoted=True))
            return
        if not column.table and any(isinstance(source, Scope) for source in around.sources.values()):
            return  # of a derived table, perhaps
        around = around.parent
    if not column.table and column.this.args.get("quoted"):
        column.replace(exp.Literal.string(column.name))


def _rename_sources(read: list[tuple[Scope, exp.Select]], tables: dict[int, dict[str, Table]]) -> None:
    """Call each table by its own name, in place; those of the outermost SELECT come first and need no number."""
    seen: Counter[str] = Counter()
    renamed: dict[tuple[int, str], str] = {}
    for scope, _ in sorted(read, key=lambda one: _depth(one[0])):
        for alias, table in tables[id(scope)].items():
            name = table.name.casefold()
            seen[name] += 1
            renamed[id(scope), alias.casefold()] = name if seen[name] == 1 else f"{name}{_REPEAT}{seen[name]}"
    for scope, select in read:
        for column in list(own_columns(select)):
            around: Scope | None = scope
            while around is not None and column.table:
                if new := renamed.get((id(around), column.table.casefold())):
                    column.set("table", exp.to_identifier(new, quoted=True))
                    break
                around = around.parent
    for scope, _ in read:
        for alias, source in list(scope.sources.items()):
            if isinstance(source, exp.Table) and alias in tables[id(scope)]:
                source.set("this", exp.to_identifier(tables[id(scope)][alias].name, quoted=True))
                new = renamed[id(scope), alias.casefold()]
                source.set("alias", exp.TableAlias(this=exp.to_identifier(new, quoted=True)))


def _depth(scope: Scope) -> int:
    deep = 0
    while scope.parent is not None:
        scope, deep = scope.parent, deep + 1
    return deep


def _is_source(select: exp.Select) -> bool:
    """True if another query may name its columns: a CTE, or a query in FROM."""
    parent = select.parent
    while isinstance(parent, exp.SetOperation):
        parent = parent.parent
    return isinstance(parent, exp.CTE) or (
        isinstance(parent, exp.Subquery) and isinstance(parent.parent, exp.From | exp.Join)
    )
