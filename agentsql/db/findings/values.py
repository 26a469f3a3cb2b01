"""Findings about the texts and numbers a query compares columns with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from sqlglot import exp

from agentsql.db.findings.finding import Examined, Finding
from agentsql.db.findings.rewrite import Owned, Read, conjuncts, owner_of, plain_selects, reach
from agentsql.db.join_paths import qualified
from agentsql.db.needless_joins import may_count_rows
from agentsql.db.schema import Column, Schema, Table
from agentsql.db.value_aliases import other_names
from agentsql.db.values import ValueMismatch, compared_texts
from agentsql.db.words import value_key, words_of

_SHORTEST_NAME = 4
"""Letters below which a text is rather a code, such as F or Yes, that the question says in other words."""
_YES_OR_NO = 2
"""Values of a column that tells two sorts of rows apart, which a question says in words of its own."""
_SAME_WORD = 4
"""First letters that two forms of a word share."""
_FLAGS = frozenset({"0", "1"})
"""Numbers that rather stand for no and yes."""
_NUMBERS = dict(zip("zero one two three four five six seven eight nine ten".split(), map(str, range(11)), strict=True))
_NUMBERS |= {"once": "1", "first": "1", "single": "1", "a": "1", "twice": "2", "second": "2", "both": "2", "third": "3"}
_COMMON_NAMES = frozenset({"name", "id"})
"""Words of column names that say nothing of the column."""


def value_case(examined: Examined) -> Finding | None:
    """A text that the column holds in another letter case, or without the blanks around it.

    Left alone is a text around which only the cells have blanks: whether those count is for the data's owner to say,
    and 40 of 80 gold queries on one database of Spider dev leave them out.
    """
    found = (one for one in examined.mismatches if one.same_but_case.strip() != one.literal.name)
    wrong = {(one.table, one.column, one.literal.name): one for one in found if one.same_but_case}
    if not wrong:
        return None
    query = examined.query.copy()
    for table, column, literal in list(compared_texts(query, examined.schema)):
        if one := wrong.get((table.name, column.name, literal.name)):
            literal.set("this", one.same_but_case)
    first = next(iter(wrong.values()))
    return Finding(
        "value_case",
        f"no row of {first.table}.{first.column} holds {first.literal.name!r}",
        f"the value is written {first.same_but_case!r}",
        examined.as_sql(query),
    )


def value_elsewhere(examined: Examined) -> Finding | None:
    """A text that no row of its column holds, and that is in another column."""
    for one in examined.mismatches:
        places = examined.values.places(value_key(one.literal.name))
        if one.same_but_case or not places:
            continue
        names = dict.fromkeys(f"{place.table}.{place.column}" for place in places)
        return Finding(
            "value_elsewhere",
            f"no row of {one.table}.{one.column} holds {one.literal.name!r}",
            f"it is a value of {' and of '.join(list(names)[:3])}",
            _compared_elsewhere(one, examined),
        )
    return None


def contradiction(examined: Examined) -> Finding | None:
    """Two conditions on one column that no value meets; a question that names both asks for what has a row for each."""
    query = examined.query.copy()
    for select, _, tables in plain_selects(query, examined.schema):
        conditions = list(conjuncts(select))
        for one, other in combinations(conditions, 2):
            owned = owner_of(one.this, tables) if isinstance(one, exp.Binary) else None
            if not owned or owner_of(other.this, tables) != owned or not _exclude(one, other):
                continue
            sides = ([kept for kept in conditions if kept is not left_out] for left_out in (other, one))
            mended = _in_common(select, *sides) if select is query else None
            return Finding(
                "contradiction",
                f"no {owned.table.name}.{owned.column.name} meets both of its conditions",
                "take the rows that two queries have in common, with one condition each",
                examined.as_sql(mended) if mended else "",
            )
    return None


def either_for_both(examined: Examined) -> Finding | None:
    """One of two values of a related row, where the question wants what has rows with both of them.

    Of the 155 training questions of Spider that say "both" the gold queries of 146 have INTERSECT, and none has this.
    Left alone is a column of which a selected row has one value only: who wants the orders "from both France and
    Germany" wants those of either.
    """
    query = examined.query.copy()
    _, both, named = f" {value_key(examined.question)} ".partition(" both ")
    for read in plain_selects(query, examined.schema) if both else ():
        if read.select.args.get("group"):  # its HAVING may want both
            continue
        conditions = list(conjuncts(read.select))
        for place, condition in enumerate(conditions):
            alone = _either(condition)
            owned = owner_of(alone[0].this, read.tables) if alone else None
            if not owned or not all(f" {value_key(one.expression.name)}" in f" {named}" for one in alone):
                continue
            if not all(_has_several(one, owned, read) for one in read.select.selects):
                continue
            sides = ([*conditions[:place], one, *conditions[place + 1 :]] for one in alone)
            mended = _in_common(read.select, *sides) if read.select is query else None
            return Finding(
                "either_for_both",
                f"one of two values of {owned.table.name}.{owned.column.name} is enough for it, and both are asked for",
                "take the rows that two queries have in common, with one of the values each",
                examined.as_sql(mended) if mended else "",
            )
    return None


def unasked_condition(examined: Examined) -> Finding | None:
    """A condition `column = literal` of whose literal and column the question has no word.

    It is not mended: without a condition that was meant in other words, rows are shown that nobody asked for.
    """
    asked = set(words_of(examined.question)) | set(value_key(examined.question).split())
    asked |= {_NUMBERS[word] for word in asked & set(_NUMBERS)}
    for select, _, tables in plain_selects(examined.query, examined.schema):
        for condition in list(conjuncts(select)):
            if not isinstance(condition, exp.EQ) or not isinstance(condition.expression, exp.Literal):
                continue
            literal, owned = condition.expression, owner_of(condition.this, tables)
            if not owned or _is_yes_or_no(owned.column) or _is_said(literal, examined.question, asked):
                continue
            if set(words_of(owned.column.name)) & asked - _COMMON_NAMES:
                continue
            return Finding(
                "unasked_condition",
                f"it asks for {owned.table.name}.{owned.column.name} = {literal.name!r}, which the question does not",
                "leave the condition out, unless the question means it",
            )
    return None


def _compared_elsewhere(mismatch: ValueMismatch, examined: Examined) -> str:
    """Compare the nearest column that holds the text instead; "" if there is none, or several as near."""
    query = examined.query.copy()
    found = examined.values.places(value_key(mismatch.literal.name))
    texts = {(place.table.casefold(), place.column.casefold()): place.text for place in found}
    for read in plain_selects(query, examined.schema):
        for table, column, literal in list(compared_texts(read.select, examined.schema)):
            if (table.name, column.name, literal.name) != (mismatch.table, mismatch.column, mismatch.literal.name):
                continue
            compared = _other_side(literal)
            if not isinstance(compared, exp.Column) or compared.parent_select is not read.select:
                continue
            target = _nearest(table, column, read, set(texts), examined.schema)
            owned = owner_of(compared, read.tables)
            if not target or not owned:
                return ""
            holder, name = target
            alias = owned.alias if holder.name == table.name else reach(holder, read, examined.schema)
            literal.set("this", texts[holder.name.casefold(), name.casefold()])
            compared.replace(qualified(alias, name, examined.schema.dialect))
            return examined.as_sql(query) if alias else ""
    return ""


def _other_side(literal: exp.Literal) -> exp.Expr | None:
    """Give what an equation compares the literal with; None in a list of several."""
    parent = literal.parent
    other: exp.Expr | None = None
    if isinstance(parent, exp.In) and len(parent.expressions) == 1:
        other = parent.this
    elif isinstance(parent, exp.EQ):
        other = parent.expression if parent.this is literal else parent.this
    return other


def _nearest(
    table: Table, column: Column, read: Read, holders: set[tuple[str, str]], schema: Schema
) -> tuple[Table, str] | None:
    """Give table and column of the holder that is nearest to the compared column, if no other is as near.

    The nearest are in the table it points at, then in its own, then in others of the query, then one foreign key away.
    """
    pointed = {key.to_table for key in table.foreign_keys if key.columns == (column.name,)}
    near = {key.to_table for key in table.foreign_keys}
    near |= {one.name for one in schema for key in one.foreign_keys if key.to_table.casefold() == table.name.casefold()}
    others = holders - {(table.name.casefold(), column.name.casefold())}
    for names in (pointed, {table.name}, {one.name for one in read.tables.values()}, near):
        folded = {name.casefold() for name in names}
        if found := [place for place in others if place[0] in folded]:
            holder = schema.table(found[0][0]) if len(found) == 1 else None
            held = holder.column(found[0][1]) if holder else None
            return (holder, held.name) if holder and held else None
    return None


def _in_common(select: exp.Select, *sides: Sequence[exp.Expr]) -> exp.Intersect | None:
    """Give what the SELECT has in common with two lists of conditions; None if it counts rows, sorts or is cut off."""
    plain = select.copy()
    plain.set("distinct", None)  # INTERSECT takes repeated rows out
    if may_count_rows(plain) or plain.args.get("order") or plain.args.get("limit"):
        return None
    one, other = (plain.copy() for _ in range(2))
    for side, conditions in zip((one, other), sides, strict=True):
        side.set("where", exp.Where(this=exp.and_(*(condition.copy() for condition in conditions))))
    return exp.Intersect(this=one, expression=other, distinct=True)


def _either(condition: exp.Expr) -> tuple[exp.EQ, ...]:
    """Give `column = a` and `column = b` of `column IN (a, b)` or `column = a OR column = b`; else nothing."""
    sides: list[exp.Expr] = []
    if isinstance(condition, exp.In):
        sides = [exp.EQ(this=condition.this.copy(), expression=one.copy()) for one in condition.expressions]
    elif isinstance(condition, exp.Or):
        sides = [condition.left, condition.right]
    equations = tuple(one for one in sides if isinstance(one, exp.EQ) and isinstance(one.expression, exp.Literal))
    return equations if len(sides) == len(equations) == 2 and equations[0].this == equations[1].this else ()


def _has_several(selected: exp.Expr, compared: Owned, read: Read) -> bool:
    """True if a row of the selected column's table may have several rows of the compared one's, by the foreign keys."""
    owned = owner_of(selected.unalias(), read.tables)
    if owned is None:
        return False
    pointed = [{key.to_table.casefold() for key in one.foreign_keys} for one in read.tables.values()]
    names = [one.name.casefold() for one in read.tables.values()]
    return any(
        owned.table.name.casefold() in to and compared.table.name.casefold() in {name, *to}
        for name, to in zip(names, pointed, strict=True)
        if name != owned.table.name.casefold()
    )


def _exclude(one: exp.Expr, other: exp.Expr) -> bool:
    """True if one value cannot meet both comparisons with a literal."""
    if not isinstance(one.expression, exp.Literal) or not isinstance(other.expression, exp.Literal):
        return False
    if isinstance(one, exp.EQ) and isinstance(other, exp.EQ):
        return bool(one.expression != other.expression)
    lower, upper = (one, other) if isinstance(one, exp.GT | exp.GTE) else (other, one)
    if not isinstance(lower, exp.GT | exp.GTE) or not isinstance(upper, exp.LT | exp.LTE):
        return False
    if lower.expression.is_string or upper.expression.is_string:
        return False
    return float(lower.expression.name) > float(upper.expression.name)


def _is_yes_or_no(column: Column) -> bool:
    return column.values_complete and len(column.values) <= _YES_OR_NO


def _is_said(literal: exp.Literal, question: str, asked: set[str]) -> bool:
    """True if a question may mean the literal: a number as digits or word, a text by word, beginning or alias."""
    text = literal.name
    if not literal.is_string:
        return text in _FLAGS or text in asked or text in question
    if len(text) < _SHORTEST_NAME or text.isupper():
        return True
    words = (*value_key(text).split(), *words_of(text))
    initials = "".join(word[0] for word in value_key(text).split())
    if value_key(text).replace(" ", "") in value_key(question).replace(" ", "") or initials in asked:
        return True
    said = f" {value_key(question)} "
    if any(f" {name} " in said for name in other_names(text)):
        return True
    starts = {word[:_SAME_WORD] for word in asked if len(word) >= _SAME_WORD}
    return any(word in asked or word[:_SAME_WORD] in starts for word in words)
