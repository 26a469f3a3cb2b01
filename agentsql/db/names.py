"""Identifiers of a query against the schema, resolved through CTEs, subqueries, aliases and `*`.

Where the schema does not say enough (table functions, unnamed expressions, structs) a name counts as known: a valid
query is never refused here, and the database has the last word on the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from agentsql.db.name_hints import ambiguous_column, unknown_alias, unknown_column, unknown_table
from agentsql.db.schema import Schema
from agentsql.types import QueryFailure

_Columns = tuple[str, ...] | None
"""Names of output columns; None if they cannot be told."""

_HIDDEN = {
    "sqlite": frozenset({"rowid", "oid", "_rowid_", "rank"}),
    "postgres": frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}),
}
"""Columns that tables have and schemas do not list; `rank` is that of SQLite's full-text tables."""


def check_names(query: exp.Query, schema: Schema) -> QueryFailure | None:
    """Give the first name of the query that the schema does not have, with the nearest real ones; None if all exist."""
    try:
        _Resolver(schema).query(query, {}, None)
    except _WrongNameError as wrong:
        return wrong.failure
    except RecursionError:
        return None
    return None


class _WrongNameError(Exception):
    def __init__(self, failure: QueryFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class _Source:
    """One entry of a FROM."""

    alias: str
    columns: _Columns
    table: str = ""
    """The table's real name; empty for a subquery or function."""

    def has(self, name: str) -> bool:
        folded = name.casefold()
        return self.columns is not None and any(column.casefold() == folded for column in self.columns)

    @property
    def label(self) -> str:
        return self.table or self.alias


@dataclass(slots=True)
class _Scope:
    """What the names of one SELECT can refer to."""

    outer: _Scope | None
    sources: list[_Source] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)
    """Columns that USING makes one, case-folded."""
    natural: bool = False
    aliases: set[str] = field(default_factory=set)
    """Names the SELECT list gives, case-folded."""

    def named(self, alias: str) -> list[_Source]:
        """Give the sources of that alias, from the innermost SELECT that has any."""
        folded = alias.casefold()
        found = [source for source in self.sources if source.alias.casefold() == folded]
        return found or (self.outer.named(alias) if self.outer else [])

    def every(self) -> list[_Source]:
        return self.sources + (self.outer.every() if self.outer else [])


_Ctes = Mapping[str, _Columns]


class _Resolver:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._hidden = _HIDDEN.get(schema.dialect, frozenset())

    def query(self, node: exp.Expr, ctes: _Ctes, outer: _Scope | None) -> _Columns:
        """Check a query and give its output columns."""
        ctes = self._with_ctes(node, ctes, outer)
        if isinstance(node, exp.Subquery):
            return self.query(node.this, ctes, outer)
        if isinstance(node, exp.SetOperation):
            first: exp.Expr = node
            while isinstance(first, exp.SetOperation):  # a loop, because hundreds of UNIONs nest to the left
                self.query(first.expression, ctes, outer)
                first = first.this
            return self.query(first, ctes, outer)
        return self._select(node, ctes, outer) if isinstance(node, exp.Select) else None

    def _with_ctes(self, node: exp.Expr, ctes: _Ctes, outer: _Scope | None) -> _Ctes:
        """Add the query's CTEs; each may name itself and, in SQLite, those after it."""
        own = node.ctes if isinstance(node, exp.Query) else []
        known = {**ctes, **{cte.alias.casefold(): _alias_columns(cte) for cte in own}}
        for cte in own:
            columns = self.query(cte.this, known, outer)
            known[cte.alias.casefold()] = _alias_columns(cte) or columns
        return known

    def _select(self, node: exp.Select, ctes: _Ctes, outer: _Scope | None) -> _Columns:
        scope = _Scope(outer)
        start = node.args.get("from_") or node.args.get("from")
        if start is not None:
            self._add(start.this, scope, ctes)
        self._add_joins(node, scope, ctes)
        for lateral in node.args.get("laterals") or ():
            scope.sources.append(_Source(lateral.alias, None))
        scope.aliases = {one.alias.casefold() for one in node.expressions if isinstance(one, exp.Alias)}
        for key, value in node.args.items():
            if key not in ("from", "from_", "with", "with_", "joins", "laterals"):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, exp.Expr):
                        self._expressions(child, scope, ctes)
        return _output(node, scope)

    def _add_joins(self, node: exp.Expr, scope: _Scope, ctes: _Ctes) -> None:
        joins = node.args.get("joins") or ()
        for join in joins:
            self._add(join.this, scope, ctes)
            scope.natural |= join.method.upper() == "NATURAL"
            for column in join.args.get("using") or ():
                self._using(column.name, scope)
        for join in joins:  # after all sources: a mistake in one ON is told with every table in view
            if join.args.get("on") is not None:
                self._expressions(join.args["on"], scope, ctes)

    def _using(self, name: str, scope: _Scope) -> None:
        if not any(source.columns is None or source.has(name) for source in scope.sources):
            raise _WrongNameError(unknown_column(name, _searched(scope.sources), self._schema))
        scope.merged.add(name.casefold())

    def _add(self, item: exp.Expr, scope: _Scope, ctes: _Ctes) -> None:
        """Add one entry of a FROM, with the joins that hang on it."""
        if isinstance(item, exp.Subquery) and isinstance(item.this, exp.Table):
            self._add(item.this, scope, ctes)
            if item.alias:
                scope.sources.append(_Source(item.alias, None))
        elif isinstance(item, exp.Subquery):
            columns = self.query(item, ctes, scope.outer)
            scope.sources.append(_Source(item.alias, _alias_columns(item) or columns))
        elif isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
            scope.sources.append(self._table(item, ctes))
        else:
            scope.sources.append(_Source(item.alias_or_name, None))
        self._add_joins(item, scope, ctes)

    def _table(self, item: exp.Table, ctes: _Ctes) -> _Source:
        name, alias = item.name, item.alias_or_name
        if not item.db and name.casefold() in ctes:
            return _Source(alias, _alias_columns(item) or ctes[name.casefold()])
        table = self._schema.written(name, item.db)
        if table is None:
            raise _WrongNameError(unknown_table(f"{item.db}.{name}" if item.db else name, self._schema))
        if item.args.get("pivots"):
            return _Source(alias, None, table.name)
        columns = _alias_columns(item) or tuple(column.name for column in table.columns)
        return _Source(alias, columns, table.name)

    def _expressions(self, root: exp.Expr, scope: _Scope, ctes: _Ctes) -> None:
        """Check the columns below `root`; a query among them has its own scope."""
        stack = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, exp.Query):
                self.query(node, ctes, scope)
            elif isinstance(node, exp.Column):
                self._column(node, scope)
            elif isinstance(node, exp.In) and isinstance(node.args.get("field"), exp.Column):
                stack.append(node.this)  # `x IN y` may name a table
            elif not isinstance(node, exp.Dot | exp.Lambda | exp.Kwarg | exp.Table):
                stack.extend(reversed(list(node.iter_expressions())))

    def _column(self, node: exp.Column, scope: _Scope) -> None:
        if node.table:
            self._qualified(node, scope)
        elif not isinstance(node.this, exp.Star):
            self._unqualified(node, scope)

    def _qualified(self, node: exp.Column, scope: _Scope) -> None:
        name, sources = node.name, scope.named(node.table)
        if not sources:
            every = scope.every()
            if self._schema.dialect != "sqlite" and any(one.columns is None or one.has(node.table) for one in every):
                return  # a field of a struct column
            aliases = [source.alias for source in every if source.alias]
            raise _WrongNameError(unknown_alias(node.table, aliases, self._schema))
        if isinstance(node.this, exp.Star) or self._is_known(name, sources):
            return
        raise _WrongNameError(unknown_column(name, _searched(sources), self._schema, qualifier=node.table))

    def _unqualified(self, node: exp.Column, scope: _Scope) -> None:
        name, folded = node.name, node.name.casefold()
        owners = [source for source in scope.sources if source.has(name)]
        if len(owners) > 1 and not scope.natural and folded not in scope.merged | scope.aliases:
            raise _WrongNameError(ambiguous_column(name, [source.alias or source.label for source in owners]))
        every = scope.every()
        if owners or self._is_known(name, every) or folded in _every_alias(scope):
            return
        if self._schema.dialect == "sqlite" and node.this.quoted:
            return  # SQLite reads "France" as text where no column has that name
        raise _WrongNameError(unknown_column(name, _searched(every), self._schema))

    def _is_known(self, name: str, sources: Sequence[_Source]) -> bool:
        folded = name.casefold()
        return any(
            source.columns is None
            or source.has(name)
            or folded in self._hidden
            or folded in (source.alias.casefold(), source.table.casefold())
            for source in sources
        )


def _alias_columns(node: exp.Expr) -> _Columns:
    """Give the columns an alias declares, as in `c(n, m)`; None if it declares none."""
    alias = node.args.get("alias")
    columns = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
    return tuple(column.name for column in columns) if columns else None


def _output(node: exp.Select, scope: _Scope) -> _Columns:
    columns: list[str] = []
    for one in node.expressions:
        if isinstance(one, exp.Star) or (isinstance(one, exp.Column) and isinstance(one.this, exp.Star)):
            sources = scope.sources if isinstance(one, exp.Star) else scope.named(one.table)
            for source in sources:
                if source.columns is None:
                    return None
                columns += source.columns
        elif isinstance(one, exp.Alias | exp.Column):
            columns.append(one.alias_or_name)
        else:
            return None  # each database names an unnamed expression in its own way
    return tuple(columns)


def _searched(sources: Sequence[_Source]) -> list[tuple[str, tuple[str, ...]]]:
    return [(source.label, source.columns or ()) for source in sources]


def _every_alias(scope: _Scope | None) -> set[str]:
    found: set[str] = set()
    while scope is not None:
        found |= scope.aliases
        scope = scope.outer
    return found
