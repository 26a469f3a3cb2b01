"""Failures that name what is wrong with an identifier, and the nearest names that are real."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from agentsql.db.quote import quote_identifier, quote_table
from agentsql.db.schema import Schema
from agentsql.types import QueryFailure

_SHOWN = 3
_LISTED = 15
_NEAR = 70.0
"""Of rapidfuzz's ratios, 0 to 100; below it names share only a few letters."""
_SHORT = 3


def unknown_table(name: str, schema: Schema) -> QueryFailure:
    """Say that no such table exists, with the nearest ones or, where none is near, the first of all."""
    shown = {table.name: quote_table(table, schema.dialect) for table in schema}
    near = nearest_names(name, shown)
    if near:
        hint = f"nearest tables: {', '.join(shown[one] for one in near)}"
    else:
        more = ", ..." if len(shown) > _LISTED else ""
        hint = f"tables: {', '.join(tuple(shown.values())[:_LISTED])}{more}"
    return QueryFailure("unknown_table", f"there is no table `{name}`", hint)


def unknown_alias(name: str, aliases: Sequence[str], schema: Schema) -> QueryFailure:
    """Say that a qualifier is neither a table nor an alias of the FROM it stands in."""
    known = ", ".join(dict.fromkeys(aliases)) or "nothing"
    table = schema.table(name)
    hint = f"this FROM has {known}"
    if table is not None:
        hint += f"; use the alias of {table.name} if it has one, else join it"
    return QueryFailure("unknown_table", f"`{name}` is no table or alias of its FROM", hint)


def unknown_column(
    name: str, sources: Sequence[tuple[str, tuple[str, ...]]], schema: Schema, *, qualifier: str = ""
) -> QueryFailure:
    """Say that none of the sources has such a column, where it really is, and which names are near.

    Args:
        sources: (table name or alias, its columns) of the tables that were searched.
        qualifier: what stands before the column, empty if nothing does.
    """
    searched = list(dict.fromkeys(label for label, _ in sources))
    where = f"of {searched[0]}" if len(searched) == 1 else f"of any of {', '.join(searched[:_LISTED])}"
    written = f"`{qualifier}.{name}`" if qualifier else f"`{name}`"
    hints = []
    folded = {label.casefold() for label in searched}
    owners = [table.name for table in schema if table.column(name) and table.name.casefold() not in folded]
    if owners:
        hints.append(f"`{name}` is a column of {', '.join(owners[:_SHOWN])}, not {where}")
    columns = list(dict.fromkeys(column for _, known in sources for column in known))
    if near := nearest_names(name, columns):
        hints.append(f"nearest columns: {_listed(near, schema.dialect)}")
    elif not owners and columns:
        hints.append(f"columns: {_listed(columns, schema.dialect)}")
    message = f"{written} is not a column {where}" if searched else f"{written} is a column, but the query has no FROM"
    return QueryFailure("unknown_column", message, "; ".join(hints))


def ambiguous_column(name: str, labels: Sequence[str]) -> QueryFailure:
    """Say which tables of one FROM have the column."""
    hint = "write one of " + ", ".join(f"{label}.{name}" for label in dict.fromkeys(labels))
    return QueryFailure("ambiguous", f"`{name}` is a column of several tables of the FROM", hint)


def nearest_names(name: str, known: Iterable[str]) -> list[str]:
    """Give up to three known names most like `name`, letter case and punctuation ignored, best first."""
    choices = sorted(set(known))
    # WRatio counts any name that contains a short one as near.
    scorer = fuzz.WRatio if len(_plain(name)) >= _SHORT else fuzz.ratio
    found = process.extract(_plain(name), choices, scorer=scorer, processor=_plain, limit=_SHOWN, score_cutoff=_NEAR)
    return [choice for choice, _, _ in found]


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _listed(names: Sequence[str], dialect: str) -> str:
    shown = ", ".join(quote_identifier(name, dialect) for name in names[:_LISTED])
    return shown + (", ..." if len(names) > _LISTED else "")
