"""How well tables and columns are linked: what a query or a choice has of what the gold SQL needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.scope import Scope, traverse_scope

from agentsql.db.repair import scope_tables
from agentsql.db.schema import Schema, Table
from agentsql.evaluation.canonical import Names, canonical, own_columns


@dataclass(frozen=True, slots=True)
class Overlap:
    """How one set of names covers another, 0 to 1."""

    recall: float
    precision: float
    f1: float

    @property
    def complete(self) -> bool:
        """True if nothing that is needed is missing: what pruning has to keep."""
        return self.recall == 1.0


@dataclass(frozen=True, slots=True)
class LinkingScores:
    """How the tables and columns of a prediction cover those of the gold."""

    tables: Overlap
    columns: Overlap


def linking_scores(gold: str, predicted: str, schema: Schema) -> LinkingScores | None:
    """Compare what two queries read; a prediction that cannot be taken apart reads nothing.

    Returns:
        None if the gold cannot be taken apart, or reads no table.
    """
    found = names_read(predicted, schema) or Names(frozenset(), frozenset())
    return choice_scores(gold, found, schema)


def choice_scores(gold: str, chosen: Names, schema: Schema) -> LinkingScores | None:
    """Compare tables and columns that a step chose, in any letter case, with what the gold reads.

    Returns:
        None if the gold cannot be taken apart, or reads no table.
    """
    needed = names_read(gold, schema)
    if needed is None or not needed.tables:
        return None
    tables = {name.casefold() for name in chosen.tables}
    columns = {(table.casefold(), column.casefold()) for table, column in chosen.columns}
    return LinkingScores(overlap(needed.tables, tables), overlap(needed.columns, columns))


def overlap(needed: Collection[Any], found: Collection[Any]) -> Overlap:
    """Give recall and precision of distinct names; 1 where there is nothing to miss, or nothing to have wrong."""
    common = len(set(needed) & set(found))
    recall = common / len(needed) if needed else 1.0
    precision = common / len(found) if found else float(not needed)
    return Overlap(recall, precision, 2 * recall * precision / (recall + precision) if common else recall * precision)


def names_read(sql: str, schema: Schema) -> Names | None:
    """Give the tables and columns of the schema that a query reads, folded; None if it cannot be taken apart.

    Names are resolved through aliases, CTEs and derived tables. A `*` stands for all columns of its tables; in a CTE
    or derived table for those that the query around it names, and in COUNT and EXISTS for none.
    """
    query = canonical(sql, schema)
    try:
        return _names_of(query, schema) if query is not None else None
    except (OptimizeError, RecursionError):  # an alias given twice, a CTE that reads itself
        return None


def _names_of(query: exp.Query, schema: Schema) -> Names:
    tables: set[str] = set()
    columns: set[tuple[str, str]] = set()
    for scope in traverse_scope(query):
        select = scope.expression
        if not isinstance(select, exp.Select):
            continue
        tables.update(table.name.casefold() for table in scope_tables(scope, schema).values())
        for column in own_columns(select):
            if not isinstance(column.this, exp.Star):
                columns.update(_owned(column.name, column.table, scope, schema))
        for join in select.args.get("joins") or ():
            for shared in join.args.get("using") or ():
                columns.update(_owned(shared.name, "", scope, schema, every=True))
        if not _is_source(scope) and not isinstance(select.parent, exp.Exists):
            columns.update(_starred(scope, schema))
    return Names(frozenset(tables), frozenset(columns))


def _owned(name: str, alias: str, scope: Scope, schema: Schema, *, every: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the table's column that a name means here or in the queries around, through stars of derived tables."""
    around: Scope | None = scope
    while around is not None:
        found = False
        for source_alias, source in _sources(around, schema):
            if alias and source_alias.casefold() != alias.casefold():
                continue
            if isinstance(source, Table):
                own = [(source.name.casefold(), name.casefold())] if source.column(name) else []
            else:
                own = [pair for pair in _starred(source, schema) if pair[1] == name.casefold()]
            yield from own
            found = found or bool(own)
            if found and not every:
                return
        if found or (alias and alias in around.sources):
            return
        around = around.parent


def _starred(scope: Scope, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield all columns that the `*` of a query stands for, none if it has no `*`."""
    for branch in scope.set_operation_scopes:
        yield from _starred(branch, schema)
    if not isinstance(scope.expression, exp.Select):
        return
    for item in scope.expression.expressions:
        qualified = isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
        if not qualified and not isinstance(item, exp.Star):
            continue
        for alias, source in _sources(scope, schema):
            if qualified and alias.casefold() != item.table.casefold():
                continue
            if isinstance(source, Table):
                yield from ((source.name.casefold(), column.name.casefold()) for column in source.columns)
            else:
                yield from _starred(source, schema)


def _sources(scope: Scope, schema: Schema) -> Iterator[tuple[str, Table | Scope]]:
    """Yield what a SELECT reads from: tables of the schema, and the queries of derived tables and CTEs."""
    for alias, (_, source) in scope.selected_sources.items():
        if isinstance(source, Scope):
            yield alias, source
        elif table := schema.table(source.name):
            yield alias, table


def _is_source(scope: Scope) -> bool:
    """True if a query around this one reads from it."""
    while scope.parent is not None and scope.is_set_operation:
        scope = scope.parent
    return scope.is_derived_table or scope.is_cte
