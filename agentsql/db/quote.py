"""Identifiers and values as SQL text."""

from __future__ import annotations

import re
from functools import lru_cache

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from agentsql.db.schema import Table
from agentsql.types import Cell

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]+"  # tags: letters that nobody sees
)
_RESERVED = frozenset(
    """
    abort action add after all alter always analyze and any array as asc attach authorization autoincrement before begin
    between binary both by cascade case cast check collate column commit conflict constraint create cross cube current
    current_catalog current_date current_role current_schema current_time current_timestamp current_user cursor
    database default deferrable deferred delete desc describe detach distinct do drop each else end escape except
    exclude exclusive execute exists explain fail false fetch filter following for foreign from full function glob grant
    group groups grouping having if ignore ilike immediate in index indexed initially inner insert instead intersect
    interval into is isnull join key kill lateral leading left like limit localtime localtimestamp lock match
    materialized merge natural no not nothing notnull null nulls of offset on only or order others outer over
    overlaps partition plan pivot pragma preceding primary procedure qualify query raise range recursive references
    regexp reindex release rename replace restrict returning revoke right rlike rollback rollup row rows savepoint
    schema select session_user set show similar some table tablesample temp temporary then ties to top trailing
    transaction trigger true truncate unbounded union unique unpivot update use user using vacuum values variadic view
    virtual when where window with within without
    """.split()
)


def quote_identifier(name: str, dialect: str, *, always: bool = False) -> str:
    """Give the name as it must stand in SQL of this dialect: quoted only where it has to be, or `always`.

    Words reserved in any common dialect are quoted in all of them, and for dialects that fold case so are names
    with capital letters (PostgreSQL) or small ones (Snowflake, Oracle).
    """
    if not always and _PLAIN.match(name) and name.casefold() not in _RESERVED and not _folded_away(name, dialect):
        return name
    start, end = _quotes(dialect)
    return start + name.replace(end, end + end) + end


def identifier(name: str, dialect: str) -> exp.Identifier:
    """Give the name as part of a parsed query, quoted where it has to be."""
    return exp.to_identifier(name, quoted=quote_identifier(name, dialect) != name)


def quote_table(table: Table, dialect: str, *, always: bool = False) -> str:
    """Give the table as it must stand in SQL: `orders`, or `sales.orders`, each part quoted where it has to be."""
    return ".".join(quote_identifier(part, dialect, always=always) for part in table.parts)


def table_source(table: Table, dialect: str) -> exp.Table:
    """Give the table as part of a parsed query, with its schema where it has one, quoted where it has to be."""
    *namespace, name = (identifier(part, dialect) for part in table.parts)
    return exp.Table(this=name, db=namespace[0] if namespace else None)


def value_literal(value: Cell, *, max_chars: int) -> str:
    """Give a cell as one SQL literal on one line; text is clipped with `...`, control characters become spaces."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value[: max_chars // 2].hex()}'"
    if isinstance(value, bool | int | float):
        return str(value)
    return "'" + clip(str(value), max_chars).replace("'", "''") + "'"


def on_one_line(text: str) -> str:
    """Give the text on one line, without control, invisible or text-direction characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def clip(text: str, max_chars: int) -> str:
    """Give the text on one line, without control or text-direction characters, cut to `max_chars` with `...`."""
    line = on_one_line(text[: max_chars * 4])
    return line if len(line) <= max_chars else line[: max_chars - 3].rstrip() + "..."


def _folded_away(name: str, dialect: str) -> bool:
    if dialect in ("postgres", "redshift"):
        return name != name.lower()
    return dialect in ("snowflake", "oracle") and name != name.upper()


@lru_cache(maxsize=64)
def _quotes(dialect: str) -> tuple[str, str]:
    found = Dialect.get_or_raise(dialect)
    return found.IDENTIFIER_START, found.IDENTIFIER_END
