"""Finds joins that do nothing but repeat rows."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import build_scope

from agentsql.db.repair import owners, scope_tables
from agentsql.db.schema import Schema, Table
from agentsql.db.words import meaning_words, words_of
from agentsql.types import Links

_COUNTING = frozenset("many number count most least fewest than".split())
_BETWEEN = tuple((word,) for word in "of the a one two three four five 1 2 3 4 5 10 different distinct".split())


def drop_needless_joins(query: exp.Query, schema: Schema, question: str, links: Links) -> tuple[str, ...]:
    """Take out of a SELECT, in place, the joined tables that only repeat its rows; give their names.

    A table goes if an inner join on one equation brings it in, nothing but such joins uses its columns, and the
    question names neither it nor a column or value that is its alone. Nothing goes unless one of those tables is
    joined on less than its primary key, and so repeats rows. Left alone are a SELECT that counts or groups, where
    repeats may be what is asked for, unless the question names one of the other tables as what is counted; and set
    operations and subqueries, where a join may be the condition.
    """
    if not isinstance(query, exp.Select):
        return ()
    try:
        scope = build_scope(query)
    except SqlglotError:
        return ()
    tables = scope_tables(scope, schema) if scope else {}
    if scope is None or len(tables) != len(scope.sources):
        return ()
    needless = _needless(query, tables, set(words_of(question)), links)
    rest = [table for alias, table in tables.items() if alias not in {join.this.alias_or_name for join in needless}]
    if may_count_rows(query) and not (_aggregates(query) and _is_counted(rest, words_of(question))):
        return ()
    if not any(_repeats(join.args["on"], join.this.alias_or_name, tables) for join in needless):
        return ()
    for join in needless:
        query.args["joins"].remove(join)
    return tuple(tables[join.this.alias_or_name].name for join in needless)


def _needless(query: exp.Select, tables: dict[str, Table], words: set[str], links: Links) -> list[exp.Join]:
    """Give the joins that can go, from the last to the first, so that a chain of them goes as a whole."""
    needless: list[exp.Join] = []
    kept = dict(tables)
    for join in reversed(query.args.get("joins") or ()):
        alias = join.this.alias_or_name
        if alias not in tables or join.side or join.kind not in ("", "INNER"):
            continue
        rest = [table for name, table in kept.items() if name != alias]
        if (
            isinstance(join.args.get("on"), exp.EQ)
            and not _is_used(alias, query, [join, *needless], tables)
            and not _is_named(tables[alias], rest, words, links)
        ):
            needless.append(join)
            del kept[alias]
    return needless


def may_count_rows(select: exp.Select) -> bool:
    """True if repeated rows change what the SELECT gives, or are taken out of it, so that they may be meant."""
    return bool(select.args.get("group") or select.args.get("distinct") or select.is_star or _aggregates(select))


def _aggregates(select: exp.Select) -> bool:
    parts = (*select.selects, select.args.get("having"), select.args.get("order"))
    return not select.args.get("distinct") and any(part.find(exp.AggFunc) for part in parts if part)


def _is_counted(tables: list[Table], words: tuple[str, ...]) -> bool:
    """True if the question names one of the tables right after words that ask for a number of something."""
    names = [words_of(table.name) for table in tables]
    starts = [place for place, word in enumerate(words, start=1) if word in _COUNTING]
    places = [place + 1 if words[place : place + 1] in _BETWEEN else place for place in starts]
    return any(words[place : place + len(name)] == name for place in places for name in names)


def _is_used(alias: str, query: exp.Select, apart_from: list[exp.Join], tables: dict[str, Table]) -> bool:
    for column in query.find_all(exp.Column):
        inside = column.find_ancestor(exp.Join)
        if alias in owners(column, tables) and not any(inside is join for join in apart_from):
            return True
    return False


def _is_named(table: Table, others: Iterable[Table], words: set[str], links: Links) -> bool:
    """True if the question has a word of the table's name, or a column or value, that no other table explains."""
    elsewhere = {word for other in others for word in words_of(other.name)}
    if (meaning_words(table.name) - elsewhere) & words:
        return True
    theirs = {column.name.casefold() for other in others for column in other.columns}
    places = [*links.columns, *((owner, column) for owner, column, _ in links.values)]
    return any(owner == table.name and column.casefold() not in theirs for owner, column in places)


def _repeats(condition: exp.EQ, alias: str, tables: dict[str, Table]) -> bool:
    """True unless the condition compares the table's whole primary key, which matches each row once at most."""
    sides = [side for side in (condition.this, condition.expression) if isinstance(side, exp.Column)]
    own = [side.name.casefold() for side in sides if alias in owners(side, tables)]
    key = [column.casefold() for column in tables[alias].primary_key]
    return len(own) == 1 and own != key
