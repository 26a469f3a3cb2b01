"""Findings about grouping, counting and repeated rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from agentsql.db.findings.finding import Examined, Finding
from agentsql.db.findings.rewrite import Read, outer_selects, owner_of, plain_selects, reach
from agentsql.db.join_paths import qualified
from agentsql.db.schema import Table
from agentsql.db.words import meaning_words, words_of

_DIFFERENT = frozenset("different distinct unique".split())
_COUNT_PHRASES = (("how", "many"), ("number", "of"), ("count", "the"))


def ungrouped(examined: Examined) -> Finding | None:
    """A column beside an aggregate without GROUP BY: its value is that of some row, or the query fails.

    Left alone is a column beside MAX or MIN alone, which SQLite takes from the row that has it.
    """
    query = examined.query.copy()
    for select, _, tables in plain_selects(query, examined.schema):
        bare = [one.unalias() for one in select.selects if owner_of(one.unalias(), tables)]
        ordered = select.args.get("order")
        counted = [one.unalias() for one in select.selects if isinstance(one.unalias(), exp.Count | exp.Sum | exp.Avg)]
        counted += ordered.find_all(exp.Count, exp.Sum, exp.Avg) if ordered else ()
        if select.args.get("group") or not bare or not counted:
            continue
        select.set("group", exp.Group(expressions=[one.copy() for one in bare]))
        names = ", ".join(one.name for one in bare)
        return Finding(
            "ungrouped",
            f"{names} stands beside {examined.as_sql(counted[0])} without GROUP BY",
            f"GROUP BY {names}",
            examined.as_sql(query),
        )
    return None


def count_of_one(examined: Examined) -> Finding | None:
    """A count of the rows of each group that is always one, as it is grouped by the key or name of its only table."""
    query = examined.query.copy()
    for read in plain_selects(query, examined.schema):
        group = read.select.args.get("group")
        if len(read.tables) != 1 or not group or not any(_counts(read.select)):
            continue
        (table,) = read.tables.values()
        grouped = {one.name.casefold() for one in group.expressions if isinstance(one, exp.Column)}
        is_key = bool(table.primary_key) and {one.casefold() for one in table.primary_key} <= grouped
        mended = (is_key or _has_name(table, grouped)) and _join_counted(read, table, examined)
        if not is_key and not mended:
            continue
        return Finding(
            "count_of_one",
            f"it counts the rows of {table.name} for each {', '.join(sorted(grouped))}, which is always one",
            "join the table whose rows are to be counted",
            examined.as_sql(query) if mended else "",
        )
    return None


def counted_rows(examined: Examined) -> Finding | None:
    """COUNT(*) where the question asks for the number of a column's values, such as of transaction types."""
    query = examined.query.copy()
    for select, _, tables in outer_selects(query, examined.schema):
        counted = select.selects[0].unalias()
        if select is not query or len(select.selects) != 1 or select.args.get("group"):
            continue
        if not isinstance(counted, exp.Count) or not isinstance(counted.this, exp.Star):
            continue
        if column := _counted_column(words_of(examined.question), tables, examined):
            counted.set("this", exp.Distinct(expressions=[column]))
            return Finding(
                "counted_rows",
                f"it counts rows, and the question asks for the number of {column.name}",
                "count the distinct values",
                examined.as_sql(query),
            )
    return None


def missing_distinct(examined: Examined) -> Finding | None:
    """Rows that may repeat, where the question asks for different ones."""
    asked = set(words_of(examined.question))
    if not _DIFFERENT & asked or examined.query.find(exp.Distinct, exp.Group, exp.AggFunc, exp.SetOperation):
        return None
    query = examined.query.copy()
    if not isinstance(query, exp.Select) or query.args.get("limit"):
        return None
    query.set("distinct", exp.Distinct())
    return Finding(
        "missing_distinct",
        "rows may repeat, and the question asks for different ones",
        "add DISTINCT",
        examined.as_sql(query),
    )


def _counts(select: exp.Select) -> Iterator[exp.Expr]:
    for part in (*select.selects, select.args.get("having"), select.args.get("order")):
        if part:
            yield from part.find_all(exp.Count)


def _has_name(table: Table, grouped: set[str]) -> bool:
    return any(words_of(name)[-1:] in (("name",), ("title",), words_of(table.name)) for name in grouped)


def _join_counted(read: Read, table: Table, examined: Examined) -> bool:
    """Join, in place, the only table that points at this one and that the question names."""
    asked = set(words_of(examined.question))
    own = set(words_of(table.name))
    pointing = [
        other
        for other in examined.schema
        if other.name != table.name
        and any(key.to_table.casefold() == table.name.casefold() for key in other.foreign_keys)
        and (meaning_words(other.name) - own) & asked
    ]
    return len(pointing) == 1 and bool(reach(pointing[0], read, examined.schema))


def _counted_column(words: tuple[str, ...], tables: dict[str, Table], examined: Examined) -> exp.Column | None:
    """Give the only column that is named right after the words that ask for a number; None if a table is."""
    for place in range(len(words) - 2):
        if words[place : place + 2] not in _COUNT_PHRASES:
            continue
        rest = [word for word in words[place + 2 :] if word not in _DIFFERENT | {"the", "all"}]
        if any(_starts(rest, table.name) for table in examined.schema):
            return None
        found = [
            (alias, column.name)
            for alias, table in tables.items()
            for column in table.columns
            if _starts(rest, column.name)
        ]
        if len(found) == 1:
            return qualified(*found[0], examined.schema.dialect)
    return None


def _starts(words: list[str], name: str) -> bool:
    named = words_of(name)
    return bool(named) and tuple(words[: len(named)]) == named
