"""Findings about what a query selects, held against what its question asks for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from agentsql.db.findings.finding import Examined, Finding
from agentsql.db.findings.rewrite import (
    Owned,
    Read,
    conjuncts,
    drop_selected,
    outer_selects,
    owner_of,
    reach,
)
from agentsql.db.join_paths import qualified
from agentsql.db.schema import Schema, Table
from agentsql.db.words import words_of

_ID_WORDS = frozenset("id ids identifier identification".split())
_ASK_FOR_IDS = _ID_WORDS | frozenset("code key number no num nr identity".split())
_ASK_FOR: dict[type[exp.Expr], frozenset[str]] = {
    exp.Count: frozenset(
        "many number no count total amount much quantity frequency time frequent occurrence size often".split()
    ),
    exp.Sum: frozenset("total sum many much amount number overall combined all altogether count".split()),
    exp.Avg: frozenset("average mean avg averaged".split()),
    exp.Max: frozenset(
        "maximum max highest most largest biggest greatest longest best top latest oldest last high maximal recent "
        "heaviest fastest tallest newest".split()
    ),
    exp.Min: frozenset(
        "minimum min lowest least smallest fewest shortest worst earliest youngest first low minimal lightest slowest "
        "cheapest oldest".split()
    ),
}
"""The words one of which is in a question that wants to see such an aggregate."""


def constant_column(examined: Examined) -> Finding | None:
    """A selected column that the WHERE fixes to one value, which the question gives and so does not ask for."""
    query = examined.query.copy()
    for select, _, tables in outer_selects(query, examined.schema):
        equations = [one for one in conjuncts(select) if isinstance(one, exp.EQ)]
        fixed = [owner_of(one.this, tables) for one in equations if isinstance(one.expression, exp.Literal)]
        for selected in () if select.args.get("group") else select.selects:
            owned = owner_of(selected.unalias(), tables)
            if not owned or owned not in fixed:
                continue
            is_extra = select is query and len(select.selects) > 1
            if is_extra:
                drop_selected(select, [selected])
            return Finding(
                "constant_column",
                f"it gives {owned.table.name}.{owned.column.name}, whose value the question itself says",
                "leave the column out",
                examined.as_sql(query) if is_extra else "",
            )
    return None


def unasked_column(examined: Examined) -> Finding | None:
    """An aggregate or an identifier beside other columns, of which the question has no word."""
    query = examined.query.copy()
    asked = set(words_of(examined.question))
    for read in outer_selects(query, examined.schema):
        if read.select is not query or len(read.select.selects) < 2:
            continue
        extra = [
            one
            for one in read.select.selects
            if _is_unasked_aggregate(one.unalias(), asked) or _unasked_id(one, read, asked)
        ]
        if not extra or len(extra) == len(read.select.selects):
            continue
        names = ", ".join(examined.as_sql(one.unalias()) for one in extra)
        drop_selected(read.select, extra)
        return Finding(
            "unasked_column",
            f"it gives {names}, which the question does not ask for",
            "leave it out",
            examined.as_sql(query),
        )
    return None


@dataclass(frozen=True, slots=True)
class _NamedId:
    """An identifier that is selected, and the columns that name what it identifies."""

    read: Read
    selected: exp.Expr
    owned: Owned
    table: Table
    names: tuple[str, ...]


def id_for_name(examined: Examined) -> Finding | None:
    """A key that is selected where the question has no word of an identifier, and what it identifies has a name."""
    query = examined.query.copy()
    asked = set(words_of(examined.question))
    reads = outer_selects(query, examined.schema)
    found = [one for read in reads for one in _named_ids(read, asked, examined.schema)]
    if not found:
        return None
    first = found[0]
    mended = len({id(one.read.select) for one in found}) == len(reads)
    mended = mended and all(_give_names(one, examined.schema) for one in found)
    return Finding(
        "id_for_name",
        f"it gives {first.owned.table.name}.{first.owned.column.name}, which the question does not ask for",
        f"give {', '.join(f'{first.table.name}.{name}' for name in first.names)} instead",
        examined.as_sql(query) if mended else "",
    )


def _named_ids(read: Read, asked: set[str], schema: Schema) -> list[_NamedId]:
    found = []
    for selected in read.select.selects:
        owned = _unasked_id(selected, read, asked)
        table = _identified(owned, schema) if owned else None
        names = _name_columns(table) if table else ()
        if owned and table and names and owned.column.name not in names:
            found.append(_NamedId(read, selected, owned, table, names))
    return found


def _give_names(one: _NamedId, schema: Schema) -> bool:
    """Select the names instead of the identifier, in place; those that are selected already not again."""
    select = one.read.select
    there = one.table.name == one.owned.table.name
    alias = one.owned.alias if there else reach(one.table, one.read, schema)
    selects = {owned[::2] for each in select.selects if (owned := owner_of(each.unalias(), one.read.tables))}
    known = {(alias, column.name) for alias, column in selects}
    names = [qualified(alias, name, schema.dialect) for name in one.names if (alias, name) not in known]
    place = next(number for number, each in enumerate(select.selects) if each is one.selected)
    select.set("expressions", [*select.selects[:place], *names, *select.selects[place + 1 :]])
    return bool(alias and select.selects)


def _is_unasked_aggregate(selected: exp.Expr, asked: set[str]) -> bool:
    words = _ASK_FOR.get(type(selected))
    return words is not None and not words & asked


def _unasked_id(selected: exp.Expr, read: Read, asked: set[str]) -> Owned | None:
    """Give the selected column if it is a key called an identifier and the question asks for none.

    A column that is grouped by stands for its group, and is left alone.
    """
    owned = owner_of(selected.unalias(), read.tables)
    if not owned:
        return None
    name = owned.column.name
    last = words_of(name)[-1] if words_of(name) else ""
    keys = [owned.table.primary_key, *(key.columns for key in owned.table.foreign_keys)]
    group = read.select.args.get("group")
    grouped = group and any(column.name.casefold() == name.casefold() for column in group.find_all(exp.Column))
    is_id = (name,) in keys and (last in _ID_WORDS or last.endswith("id"))
    return owned if is_id and not grouped and not asked & (_ASK_FOR_IDS | {last} | _ids_in_one_word(read)) else None


def _ids_in_one_word(read: Read) -> set[str]:
    """Give the names of identifiers as a question may write them, such as makeid for MakeId."""
    names = (words_of(column.name) for table in read.tables.values() for column in table.columns)
    return {"".join(words) for words in names if len(words) > 1 and words[-1] in _ID_WORDS}


def _identified(owned: Owned, schema: Schema) -> Table | None:
    """Give the table whose rows the key column identifies."""
    targets = [key.to_table for key in owned.table.foreign_keys if key.columns == (owned.column.name,)]
    return schema.table(targets[0]) if targets else owned.table


def _name_columns(table: Table) -> tuple[str, ...]:
    """Give the column that names a row for people, or its first and last name; empty if it is not clear which."""
    words = {column.name: words_of(column.name) for column in table.columns}
    own = words_of(table.name)
    for wanted in (("name",), (*own, "name"), ("title",), (*own, "title"), own, ("full", "name")):
        if found := [name for name, one in words.items() if one == wanted]:
            return (found[0],)
    named = [name for name, one in words.items() if one and one[-1] in ("name", "fname", "lname")]
    if len(named) == 1:
        return (named[0],)
    first = [name for name in named if {"first", "fname"} & set(words[name])]
    last = [name for name in named if {"last", "lname"} & set(words[name])]
    return (first[0], last[0]) if len(first) == len(last) == 1 else ()
