"""What of a schema a query reads: the labels of schema linking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from agentsql.db.schema import Schema
from agentsql.evaluation.canonical import canonical, table_name

Column = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Labels:
    """Tables and (table, column) pairs by the schema's names, sorted."""

    tables: tuple[str, ...]
    columns: tuple[Column, ...]
    """Keys included, and the columns that a `*` stands for."""
    keys: frozenset[Column]
    """Those of `columns` that do no more than join two tables."""

    @property
    def without_keys(self) -> tuple[Column, ...]:
        """`columns` without those that only join."""
        return tuple(one for one in self.columns if one not in self.keys)


def labels_of(sql: str, schema: Schema) -> Labels | None:
    """Give what a query reads, through aliases, CTEs, subqueries and `*`; None if it cannot be taken apart."""
    query = canonical(sql, schema)
    if query is None:
        return None
    ctes = {cte.alias.casefold() for cte in query.find_all(exp.CTE)}
    read = (one for one in query.find_all(exp.Table) if one.name.casefold() not in ctes)
    tables = {table.name for one in read if (table := schema.table(one.name))}
    joining: set[Column] = set()
    meaning: set[Column] = set()
    for node in query.find_all(exp.Column):
        found = _column(node, schema)
        if found and found[0] in tables:
            (joining if _joins(node, schema) else meaning).add(found)
    meaning.update(_starred(query, schema))
    for selected, found in _merged(query, schema):
        joining.add(found)
        if selected:
            meaning.add(found)
    return Labels(tuple(sorted(tables)), tuple(sorted(joining | meaning)), frozenset(joining - meaning))


def _column(node: exp.Column, schema: Schema) -> Column | None:
    table = schema.table(table_name(node.table)) if node.table else None
    column = table.column(node.name) if table else None
    return (table.name, column.name) if table and column else None


def _joins(node: exp.Column, schema: Schema) -> bool:
    """True if it stands in `a.x = b.y`, both of them columns of tables."""
    parent = node.parent
    if not isinstance(parent, exp.EQ):
        return False
    other = parent.expression if parent.this is node else parent.this
    found = _column(other, schema) if isinstance(other, exp.Column) else None
    return found is not None and other.table != node.table


def _starred(query: exp.Query, schema: Schema) -> Iterator[Column]:
    """Yield the columns that the `*` of a SELECT list stands for; that of EXISTS (SELECT * …) stands for none."""
    for select in query.find_all(exp.Select):
        if isinstance(select.parent, exp.Exists):
            continue
        for one in select.expressions:
            if isinstance(one, exp.Star):
                names = [source.name for source in _sources(select)]
            elif isinstance(one, exp.Column) and isinstance(one.this, exp.Star):
                names = [table_name(one.table)]
            else:
                continue
            for table in filter(None, map(schema.table, names)):
                yield from ((table.name, column.name) for column in table.columns)


def _merged(query: exp.Query, schema: Schema) -> Iterator[tuple[bool, Column]]:
    """Yield the columns that USING and NATURAL make one, and whether the query names it: then by its first table."""
    for select in query.find_all(exp.Select):
        tables = [table for source in _sources(select) if (table := schema.table(source.name))]
        named = {one.name.casefold() for one in select.find_all(exp.Column) if not one.table}
        for place, join in enumerate(select.args.get("joins") or (), 1):
            if join.method.upper() == "NATURAL" and place < len(tables):
                own = {column.name.casefold() for table in tables[:place] for column in table.columns}
                names = {column.name.casefold() for column in tables[place].columns} & own
            else:
                names = {one.name.casefold() for one in join.args.get("using") or ()}
            for name in names:
                found = [(table.name, column.name) for table in tables if (column := table.column(name))]
                yield from ((number == 0 and name in named, one) for number, one in enumerate(found))


def _sources(select: exp.Select) -> Iterator[exp.Table]:
    start = select.args.get("from_") or select.args.get("from")
    for clause in (start, *(select.args.get("joins") or ())):
        if clause is not None and isinstance(clause.this, exp.Table):
            yield clause.this
