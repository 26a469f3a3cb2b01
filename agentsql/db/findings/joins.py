"""Findings about the tables a query joins."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from agentsql.db.findings.finding import Examined, Finding
from agentsql.db.findings.rewrite import Owned, Read, owner_of, plain_selects
from agentsql.db.join_paths import join_by_keys, mend_joins, qualified, tables_joined_with_all
from agentsql.db.needless_joins import drop_needless_joins, may_count_rows
from agentsql.db.repair import own_columns, owners
from agentsql.db.schema import ForeignKey, Schema, Table
from agentsql.db.words import meaning_words, words_of

_DEEPEST = 3
"""Foreign keys followed from one column to the next."""
_SHORTEST_WORD = 4
"""First letters of a word that name a table if they are in its name."""


def cross_join(examined: Examined) -> Finding | None:
    """A join of every row with every row: without a condition, or with one that compares a column with itself."""
    query = examined.query.copy()
    if tables := tables_joined_with_all(query):
        mended = mend_joins(query, examined.schema)
        return Finding(
            "cross_join",
            f"it joins every row of {', '.join(tables)}, as the condition compares a column with itself",
            "compare a column of each of the two tables",
            examined.as_sql(query) if mended else "",
        )
    for read in plain_selects(query, examined.schema):
        for join in list(read.select.args.get("joins") or ()):
            if _has_condition(join, read):
                continue
            mended = join_by_keys(read.select, join, examined.schema)
            return Finding(
                "cross_join",
                f"it joins every row of {join.this.name}, as there is no condition",
                "compare a column of each of the two tables",
                examined.as_sql(query) if mended else "",
            )
    return None


def needless_join(examined: Examined) -> Finding | None:
    """A joined table that does nothing but repeat rows."""
    query = examined.query.copy()
    dropped = drop_needless_joins(query, examined.schema, examined.question, examined.links)
    if not dropped:
        return None
    return Finding(
        "needless_join",
        f"it joins {', '.join(dropped)}, of which nothing is used, so that rows are repeated",
        "leave the join out",
        examined.as_sql(query),
    )


def unnamed_table(examined: Examined) -> Finding | None:
    """One of two joined tables that the question does not name, and of which only columns are used that both have."""
    query = examined.query.copy()
    for read in plain_selects(query, examined.schema):
        if len(read.tables) != 2 or may_count_rows(read.select) or not _is_joined_by_equation(read.select):
            continue
        for alias, table in read.tables.items():
            (other,) = (one for one in read.tables if one != alias)
            if _is_named(table, examined, beside=read.tables[other]) or not _is_named(read.tables[other], examined):
                continue
            if not _use_other(alias, other, read):
                continue
            return Finding(
                "unnamed_table",
                f"it reads {table.name}, which the question does not name, for columns that {other} has too",
                f"leave {table.name} out",
                examined.as_sql(query),
            )
    return None


def join_off_keys(examined: Examined) -> Finding | None:
    """Columns compared across tables that no foreign key links, of tables that foreign keys do link."""
    return _joined_off_keys(examined) or _looked_up_off_keys(examined)


def _has_condition(join: exp.Join, read: Read) -> bool:
    """True if the tables before it are joined in any other way than every row with every row."""
    condition = join.args.get("on")
    if join.args.get("using") or join.method or (condition and not isinstance(condition, exp.Boolean)):
        return True
    alias = join.this.alias_or_name
    for equation in read.select.find_all(exp.EQ):
        one, other = owner_of(equation.this, read.tables), owner_of(equation.expression, read.tables)
        if one and other and one.alias != other.alias and alias in (one.alias, other.alias):
            return True
    return join.kind == "CROSS"


def _is_joined_by_equation(select: exp.Select) -> bool:
    joins: list[exp.Join] = select.args.get("joins") or []
    return len(joins) == 1 and not joins[0].side and isinstance(joins[0].args.get("on"), exp.EQ)


def _is_named(table: Table, examined: Examined, beside: Table | None = None) -> bool:
    """True if the question has a word of the table's name, or a value that is in no other table.

    With another table `beside` it, only the words count that the other's name lacks, if there are any.
    """
    own = meaning_words(table.name)
    names = (own - set(words_of(beside.name)) if beside else own) or own
    asked = words_of(examined.question)
    starts = {word[:_SHORTEST_WORD] for word in asked if len(word) >= _SHORTEST_WORD}
    if names & set(asked) or any(start in name for name in names for start in starts):
        return True
    places: dict[str, set[str]] = {}
    for owner, _, text in examined.links.values:
        places.setdefault(text, set()).add(owner)
    return {table.name} in places.values()


def _use_other(alias: str, other: str, read: Read) -> bool:
    """Take every column of the table called `alias` from the other one, and leave the table out, in place."""
    table = read.tables[other]
    columns = [column for column in own_columns(read.scope) if not column.find_ancestor(exp.Join)]
    used = [column for column in columns if owners(column, read.tables) == [alias]]
    if not used or table.name == read.tables[alias].name or not all(table.column(column.name) for column in used):
        return False
    names = {column.name.casefold() for column in used}
    if any(column.name.casefold() in names for column in columns if owners(column, read.tables) == [other]):
        return False  # the query tells one from the other
    for column in used:
        column.set("table", exp.to_identifier(other))
    (join,) = read.select.args["joins"]
    if join.this.alias_or_name != alias:
        read.select.args["from_"].set("this", join.this)
    read.select.args["joins"].remove(join)
    return True


def _joined_off_keys(examined: Examined) -> Finding | None:
    query = examined.query.copy()
    for select, _, tables in plain_selects(query, examined.schema):
        for join in list(select.args.get("joins") or ()):
            condition = join.args.get("on")
            if join.side or not isinstance(condition, exp.EQ):
                continue
            one, other = owner_of(condition.this, tables), owner_of(condition.expression, tables)
            if not one or not other or one.alias == other.alias or _are_linked(one, other, examined.schema):
                continue
            if join_by_keys(select, join, examined.schema):
                return Finding(
                    "join_off_keys",
                    f"it joins on {_named(one)} = {_named(other)}, which no foreign key links",
                    "join along the foreign keys",
                    examined.as_sql(query),
                )
    return None


def _looked_up_off_keys(examined: Examined) -> Finding | None:
    """Find `column IN (SELECT other FROM …)` and `column = (SELECT other FROM …)`."""
    query = examined.query.copy()
    tables_of = {id(read.select): read.tables for read in plain_selects(query, examined.schema)}
    for condition in query.find_all(exp.In, exp.EQ):
        inner, outer = _subquery(condition), condition.parent_select
        if inner is None or id(inner) not in tables_of or id(outer) not in tables_of or len(inner.selects) != 1:
            continue
        own = owner_of(condition.this, tables_of[id(outer)])
        its = owner_of(inner.selects[0].unalias(), tables_of[id(inner)])
        if not own or not its or own.table.name == its.table.name or _are_linked(own, its, examined.schema):
            continue
        if not (linked := _only_key(own, its)):
            continue
        condition.this.replace(qualified(own.alias, linked[0], examined.schema.dialect))
        inner.selects[0].replace(qualified(its.alias, linked[1], examined.schema.dialect))
        return Finding(
            "join_off_keys",
            f"it looks {_named(own)} up among {_named(its)}, which no foreign key links",
            "compare columns that a foreign key links",
            examined.as_sql(query),
        )
    return None


def _subquery(condition: exp.Expr) -> exp.Select | None:
    found = condition.args.get("query" if isinstance(condition, exp.In) else "expression")
    found = found.this if isinstance(found, exp.Subquery) else found
    return found if isinstance(found, exp.Select) else None


def _only_key(own: Owned, its: Owned) -> tuple[str, str] | None:
    """Give the columns that the only key between two tables links, a key of one of the compared columns first."""
    pairs = [(key.columns[0], key.to_columns[0]) for key in own.table.foreign_keys if _leads_to(its.table, key)]
    pairs += [(key.to_columns[0], key.columns[0]) for key in its.table.foreign_keys if _leads_to(own.table, key)]
    compared = [pair for pair in pairs if own.column.name in pair or its.column.name in pair]
    chosen = compared or pairs
    return chosen[0] if len(chosen) == 1 else None


def _leads_to(table: Table, key: ForeignKey) -> bool:
    return len(key.columns) == 1 and key.to_table.casefold() == table.name.casefold()


def _are_linked(one: Owned, other: Owned, schema: Schema) -> bool:
    """True if keys lead from one column to the other, or from both to a third."""
    ends = set(_pointed_at(one.table, one.column.name, schema, _DEEPEST))
    return not ends.isdisjoint(_pointed_at(other.table, other.column.name, schema, _DEEPEST))


def _pointed_at(table: Table, column: str, schema: Schema, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the column itself and those its foreign keys lead to, folded."""
    yield table.name.casefold(), column.casefold()
    for key in table.foreign_keys if depth else ():
        for own, its in zip(key.columns, key.to_columns, strict=True):
            target = schema.table(key.to_table)
            if own.casefold() == column.casefold() and target:
                yield from _pointed_at(target, its, schema, depth - 1)


def _named(owned: Owned) -> str:
    return f"{owned.table.name}.{owned.column.name}"
