"""Short forms and names of one thing: `US` and `United States`, `CA` and `California`, `F` and female."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from agentsql.db.value_index import Place, ValueIndex
from agentsql.db.words import value_key

_CATEGORIES = 1000
"""Texts of a column above which it holds no list of countries or the like."""
_LONGEST_CODE = 3
_LONGEST_INITIALS = 5


@dataclass(frozen=True, slots=True)
class Alias:
    """One thing and how it may be written."""

    kind: str
    codes: tuple[str, ...]
    """In capitals."""
    names: tuple[str, ...]
    """As value keys."""
    people: tuple[str, ...]
    """As value keys; they mean the thing, but no cell that holds the thing has them."""


@dataclass(frozen=True, slots=True)
class _Aliases:
    by_code: dict[str, list[Alias]]
    by_name: dict[str, list[Alias]]
    codes: dict[str, list[str]]
    """All codes of a kind."""


def abbreviated_places(text: str, index: ValueIndex) -> tuple[Place, ...]:
    """Give the cells that hold the other form of a short form, or a short form of a name; none if unclear.

    First by a list of countries, American states and sexes, then by the initials of several words. A short form in a
    column counts only where the column holds another of its kind: `IN` beside `OR` is a state, beside `OUT` it is not.
    """
    known = _aliases()
    short = text.replace(".", "")
    is_short = short.isupper() and len(short) <= _LONGEST_INITIALS
    aliases = known.by_code.get(short, []) if is_short else known.by_name.get(value_key(text), [])
    found = [places for alias in aliases if (places := _places(alias, short if is_short else "", known, index))]
    if len(found) == 1:
        return found[0]
    if found or not is_short or len(short) < 2:
        return ()
    places = index.places_by_initials(short.casefold())
    return places if len({place.text.casefold() for place in places}) == 1 else ()


def other_names(text: str) -> frozenset[str]:
    """Give the value keys of all names of what a text names or abbreviates, and of its people; empty if unknown."""
    known = _aliases()
    found = [*known.by_code.get(text.replace(".", "").upper(), ()), *known.by_name.get(value_key(text), ())]
    return frozenset(name for alias in found for name in (*alias.names, *alias.people))


def _places(alias: Alias, asked: str, known: _Aliases, index: ValueIndex) -> tuple[Place, ...]:
    named = [place for name in alias.names for place in index.places(name) if place.distinct <= _CATEGORIES]
    coded = [
        place
        for code in alias.codes
        if code != asked
        for place in index.places(value_key(code))
        if place.text.strip().upper() == code and _is_code_column(place, code, known.codes[alias.kind], index)
    ]
    return tuple(dict.fromkeys([*named, *coded]))


def _is_code_column(place: Place, own: str, codes: Iterable[str], index: ValueIndex) -> bool:
    return place.distinct <= _CATEGORIES and any(
        text.strip().upper() == code
        for code in codes
        if code != own
        for text in index.spellings(place.table, place.column, code)
    )


@cache
def _aliases() -> _Aliases:
    by_code: dict[str, list[Alias]] = defaultdict(list)
    by_name: dict[str, list[Alias]] = defaultdict(list)
    codes: dict[str, list[str]] = defaultdict(list)
    for line in resources.files("agentsql.db").joinpath("aliases.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        kind, short, names, people = (
            [one.strip() for one in part.split(";") if one.strip()] for part in line.split("|")
        )
        alias = Alias(kind[0], tuple(short), tuple(map(value_key, names)), tuple(map(value_key, people)))
        for code in alias.codes:
            by_code[code].append(alias)
            codes[alias.kind].append(code)
        for name in (*alias.names, *alias.people):
            by_name[name].append(alias)
    return _Aliases(dict(by_code), dict(by_name), dict(codes))
