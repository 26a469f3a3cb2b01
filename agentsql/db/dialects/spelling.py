"""Names in the spelling and the quotes that a dialect with rules of its own on letter case needs."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from agentsql.db.quote import identifier, table_source
from agentsql.db.schema import Schema, Table

_TEXT_IN_DOUBLE_QUOTES = frozenset({"mysql", "bigquery", "spark", "databricks", "hive"})
"""Dialects in which `"x"` is a text."""

_Outputs = dict[str, exp.Identifier]
"""Columns that a derived table gives, by their folded names."""


def respell_names(query: exp.Query, schema: Schema) -> None:
    """Spell tables and columns in place as the schema does, whatever letter case and quotes they were written in.

    What a subquery gives under a respelt name is called so around it as well. A quoted name that nothing has becomes
    the text that it was meant for, as SQLite and MySQL would read it. Aliases stay as they are.
    """
    try:
        scopes = traverse_scope(query)
    except SqlglotError:
        return
    speller = _Speller(schema)
    for scope in scopes:
        speller.respell(scope)


def names_in_double_quotes(sql: str, dialect: str, schema: Schema) -> str:
    """Give the SQL with `"Name"` as a name where the dialect would read a text and the schema has such a name."""
    if dialect not in _TEXT_IN_DOUBLE_QUOTES or '"' not in sql:
        return sql
    try:
        tokens = sqlglot.tokenize(sql, read=dialect)
    except SqlglotError:
        return sql
    names = {name.casefold() for table in schema for name in (table.name, *(one.name for one in table.columns))}
    for token in reversed(tokens):
        is_name = token.token_type is TokenType.STRING and sql[token.start] == '"' and token.text.casefold() in names
        if is_name and "`" not in token.text:
            sql = f"{sql[: token.start]}`{token.text}`{sql[token.end + 1 :]}"
    return sql


class _Speller:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._dialect = schema.dialect
        self._outputs: dict[int, _Outputs] = {}

    def respell(self, scope: Scope) -> None:
        """Respell one SELECT; those that it reads from have to be done before."""
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and (table := self._written(source)):
                respelt = table_source(table, self._dialect)
                source.set("this", respelt.this)
                source.set("db", respelt.args.get("db"))
        select = scope.expression
        # Not `scope.columns`: that leaves out those of ORDER BY and HAVING which the SELECT list has as well.
        for column in [one for one in select.find_all(exp.Column) if one.parent_select is select]:
            self._respell_column(column, scope)
        for join in scope.expression.args.get("joins") or ():
            for column in join.args.get("using") or ():
                if found := self._find(column.name, "", scope):
                    column.replace(found.copy())
        self._outputs[id(scope.expression)] = _outputs(scope.expression)

    def _respell_column(self, column: exp.Column, scope: Scope) -> None:
        if isinstance(column.this, exp.Star):
            self._respell_qualifier(column, scope)
            return
        if not column.table and _is_named_by_select(column, scope):
            return
        found = self._find(column.name, column.table, scope)
        if found is not None:
            column.set("this", found.copy())
            self._respell_qualifier(column, scope)
        elif self._is_text(column, scope):
            column.replace(exp.Literal.string(column.name))

    def _respell_qualifier(self, column: exp.Column, scope: Scope) -> None:
        """Put the real name before a column that is qualified with its table's, where that has no alias."""
        for visible in _around(scope):
            for name, source in visible.sources.items():
                if name.casefold() == column.table.casefold() and isinstance(source, exp.Table) and not source.alias:
                    column.set("table", identifier(source.name, self._dialect))
                    return

    def _find(self, name: str, qualifier: str, scope: Scope) -> exp.Identifier | None:
        """Give the name as the nearest source that has it spells it."""
        folded, wanted = name.casefold(), qualifier.casefold()
        for visible in _around(scope):
            for alias, source in visible.sources.items():
                if wanted and alias.casefold() != wanted:
                    continue
                if isinstance(source, exp.Table):
                    table = self._written(source)
                    if table and (column := table.column(name)):
                        return identifier(column.name, self._dialect)
                elif found := self._outputs.get(id(source.expression), {}).get(folded):
                    return found
        return None

    def _written(self, source: exp.Table) -> Table | None:
        """Give the table that is meant; a wrong schema before a name that only one table has is no obstacle."""
        if found := self._schema.written(source.name, source.db):
            return found
        folded = source.name.casefold()
        same = [table for table in self._schema if table.parts[-1].casefold() == folded]
        return same[0] if len(same) == 1 else None

    def _is_text(self, column: exp.Column, scope: Scope) -> bool:
        """True for `"France"` where every source is known, and none has such a column."""
        if column.table or not column.this.args.get("quoted") or self._dialect == "sqlite":
            return False
        sources = [source for visible in _around(scope) for source in visible.sources.values()]
        known = all(not isinstance(one, exp.Table) or self._written(one) for one in sources)
        return (
            bool(sources)
            and known
            and isinstance(column.parent, exp.Predicate | exp.In | exp.Tuple | exp.Case | exp.If)
        )


def _around(scope: Scope) -> Iterator[Scope]:
    """Yield the scope and those around it that it may take names from."""
    current: Scope | None = scope
    while current is not None:
        yield current
        current = current.parent if current.is_subquery else None


def _is_named_by_select(column: exp.Column, scope: Scope) -> bool:
    """True in GROUP BY, HAVING and ORDER BY for a name that the SELECT list gives."""
    if not isinstance(scope.expression, exp.Select) or column.find_ancestor(exp.Group, exp.Having, exp.Order) is None:
        return False
    return column.name.casefold() in {one.alias.casefold() for one in scope.expression.selects if one.alias}


def _outputs(query: exp.Expr) -> _Outputs:
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    outputs: _Outputs = {}
    for one in query.selects if isinstance(query, exp.Select) else ():
        named = (
            one.args.get("alias") if isinstance(one, exp.Alias) else one.this if isinstance(one, exp.Column) else None
        )
        if isinstance(named, exp.Identifier):
            outputs.setdefault(named.name.casefold(), named)
    return outputs
