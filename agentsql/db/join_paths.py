"""Puts join conditions right along the foreign keys of the schema."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from agentsql.db.quote import identifier, table_source
from agentsql.db.schema import Schema

_LONGEST = 3
"""Foreign keys a path may follow; a longer one is rarely what was meant."""


@dataclass(frozen=True, slots=True)
class _Hop:
    """One foreign key, followed in either direction."""

    table: str
    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]


def compares_itself(condition: exp.Expr | None) -> bool:
    """True for `a.id = a.id`, which joins every row with every row."""
    if not isinstance(condition, exp.EQ):
        return False
    one, other = condition.this, condition.expression
    return (
        isinstance(one, exp.Column)
        and isinstance(other, exp.Column)
        and one.name.casefold() == other.name.casefold()
        and one.table.casefold() == other.table.casefold()
    )


def tables_joined_with_all(query: exp.Query) -> tuple[str, ...]:
    """Give the joined tables whose condition compares a column with itself."""
    return tuple(join.this.name for join in query.find_all(exp.Join) if compares_itself(join.args.get("on")))


def mend_joins(query: exp.Query, schema: Schema) -> bool:
    """Join such tables, in place, by the only shortest way of foreign keys to a table before them.

    Tables on the way are joined as well. True if every such join was mended; the query is half mended otherwise.
    """
    try:
        scopes = traverse_scope(query)
    except SqlglotError:
        return False
    mended = True
    for scope in scopes:
        select = scope.expression
        for join in list(select.args.get("joins") or ()):
            if isinstance(select, exp.Select) and compares_itself(join.args.get("on")):
                mended &= join_by_keys(select, join, schema)
    return mended and not tables_joined_with_all(query)


def join_by_keys(select: exp.Select, join: exp.Join, schema: Schema) -> bool:
    """Give a join, in place, the condition of the only shortest way of foreign keys to a table before it.

    Tables on the way are joined before it. False, and nothing changed, if there is no way or more than one.
    """
    joins: list[exp.Join] = select.args["joins"]
    place = joins.index(join)
    source = select.args.get("from_")
    before = [one for one in (source.this if source else None, *(one.this for one in joins[:place])) if one]
    aliases = {_name_of(table, schema): table.alias_or_name for table in before if isinstance(table, exp.Table)}
    joined = _name_of(join.this, schema)
    path = _only_shortest(joined, set(aliases), schema)
    if not path:
        return False
    known = {**aliases, joined: join.this.alias_or_name}
    # From the table that is there towards the one to be joined, so that each condition looks back only.
    for hop in reversed(path):
        near, far = known[hop.to_table.casefold()], known.get(hop.table.casefold(), hop.table)
        condition = key_condition(near, hop.to_columns, far, hop.columns, schema.dialect)
        if hop.table.casefold() == joined:
            join.set("on", condition)
        else:
            on_the_way = next(table for table in schema if table.name == hop.table)
            joins.insert(joins.index(join), exp.Join(this=table_source(on_the_way, schema.dialect), on=condition))
            known[hop.table.casefold()] = on_the_way.parts[-1]
    return True


def _name_of(source: exp.Expr, schema: Schema) -> str:
    """Give the folded name that the schema has for what a FROM reads."""
    table = schema.written(source.name, source.text("db"))
    return (table.name if table else source.name).casefold()


def key_condition(
    left: str, left_columns: tuple[str, ...], right: str, right_columns: tuple[str, ...], dialect: str
) -> exp.Condition:
    """Give `left.a = right.b AND …` for columns that belong together pairwise."""
    return exp.and_(
        *(
            exp.EQ(this=qualified(left, one, dialect), expression=qualified(right, other, dialect))
            for one, other in zip(left_columns, right_columns, strict=True)
        )
    )


def qualified(alias: str, column: str, dialect: str) -> exp.Column:
    """Give `alias.column`, quoted where it has to be."""
    return exp.Column(this=identifier(column, dialect), table=identifier(alias, dialect))


def _only_shortest(start: str, goals: set[str], schema: Schema) -> tuple[_Hop, ...]:
    """Give the hops from `start` to one of `goals`, if no other way is as short."""
    waiting: deque[tuple[str, tuple[_Hop, ...]]] = deque([(start, ())])
    found: list[tuple[_Hop, ...]] = []
    while waiting:
        name, path = waiting.popleft()
        if found and len(path) >= len(found[0]):
            break
        for hop in _hops(name, schema):
            visited = {start.casefold(), *(one.to_table.casefold() for one in path)}
            if hop.to_table.casefold() in visited or len(path) >= _LONGEST:
                continue
            longer = (*path, hop)
            if hop.to_table.casefold() in goals:
                found.append(longer)
            else:
                waiting.append((hop.to_table, longer))
    shortest = [path for path in found if len(path) == len(found[0])]
    return shortest[0] if len(shortest) == 1 else ()


def _hops(name: str, schema: Schema) -> Iterator[_Hop]:
    for table in schema:
        for key in table.foreign_keys:
            if table.name.casefold() == name.casefold():
                yield _Hop(table.name, key.columns, key.to_table, key.to_columns)
            elif key.to_table.casefold() == name.casefold():
                yield _Hop(key.to_table, key.to_columns, table.name, key.columns)
