"""What of a schema a query reads: the labels of schema linking."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import TokenType, exp, tokenize
from sqlglot.errors import SqlglotError

from agentsql.db.schema import Schema
from agentsql.evaluation.canonical import canonical, table_name
from agentsql.evaluation.hardness import spider_hardness
from agentsql.evaluation.linking import names_read

Column = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Labels:
    """Tables and (table, column) pairs by the schema's names, sorted."""

    tables: tuple[str, ...]
    columns: tuple[Column, ...]
    """Keys included, and the columns that a `*` stands for."""
    keys: frozenset[Column]
    """Those of `columns` that the query names only to join two tables."""

    @property
    def without_keys(self) -> tuple[Column, ...]:
        """`columns` without those that only join."""
        return tuple(one for one in self.columns if one not in self.keys)


def labels_of(sql: str, schema: Schema) -> Labels | None:
    """Give what a query reads, through aliases, CTEs, subqueries and `*`; None if it cannot be taken apart."""
    read = names_read(sql, schema)
    if read is None:
        return None
    tables = {found.name for name in read.tables if (found := schema.table(name))}
    columns = {pair for table, name in read.columns if (pair := _real(table, name, schema))}
    keys = _only_joining(sql, schema) & columns if len(tables) > 1 else frozenset[Column]()
    return Labels(tuple(sorted(tables)), tuple(sorted(columns)), keys)


def hardness_of(sql: str, schema: Schema) -> str:
    """Give Spider's hardness; `other` for SQL outside its grammar, names in quotes aside, which it does not have."""
    return spider_hardness(sql, schema) or spider_hardness(_with_plain_names(sql)) or "other"


def _with_plain_names(sql: str) -> str:
    try:
        tokens = tokenize(sql, read="sqlite")
    except SqlglotError:
        return sql
    for token in reversed(tokens):
        if token.token_type is TokenType.IDENTIFIER:
            plain = "".join(one if one.isalnum() else "_" for one in token.text)
            sql = f"{sql[: token.start]}n_{plain}{sql[token.end + 1 :]}"
    return sql


def _only_joining(sql: str, schema: Schema) -> frozenset[Column]:
    """Give the columns that stand nowhere but in `a.x = b.y` or USING."""
    query = canonical(sql, schema)
    joining: set[Column] = set()
    elsewhere: set[Column] = set()
    unqualified: set[str] = set()
    for node in query.find_all(exp.Column) if query else ():
        if not node.table:
            unqualified.add(node.name.casefold())
        elif pair := _real(table_name(node.table), node.name, schema):
            (joining if _joins(node) else elsewhere).add(pair)
    for join in query.find_all(exp.Join) if query else ():
        shared = {one.name.casefold() for one in join.args.get("using") or ()} - unqualified
        joining |= {
            (table.name, one.name) for table in schema for one in table.columns if one.name.casefold() in shared
        }
    return frozenset(joining - elsewhere)


def _real(table: str, column: str, schema: Schema) -> Column | None:
    owner = schema.table(table)
    found = owner.column(column) if owner else None
    return (owner.name, found.name) if owner and found else None


def _joins(node: exp.Column) -> bool:
    """True if it is compared with a column of another table, and nothing else."""
    parent = node.parent
    if not isinstance(parent, exp.EQ):
        return False
    other = parent.expression if parent.this is node else parent.this
    return isinstance(other, exp.Column) and bool(other.table) and other.table != node.table
