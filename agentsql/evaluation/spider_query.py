"""The parts of a query that Spider's exact match compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A column, perhaps aggregated."""

    aggregate: str
    """Empty for none. In a SELECT list the aggregate is the item's, and the column inside has none."""
    column: str
    """`table.column` in lower case, or `*`."""
    distinct: bool | None


@dataclass(frozen=True, slots=True)
class Expression:
    """One column, or two with an operator between them."""

    operator: str
    left: Term
    right: Term | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison; `upper` is the second value of BETWEEN."""

    negated: bool
    operator: str
    left: Expression
    value: Value
    upper: Value = None


@dataclass(frozen=True, slots=True)
class Query:
    """One SELECT, with the query that a set operation ties to it."""

    distinct: bool | None
    select: tuple[tuple[str, Expression], ...]
    """Pairs of aggregate and expression."""
    tables: tuple[str | Query, ...]
    joined_on: tuple[Condition | str, ...]
    """Conditions with `and` or `or` between them, as in `where` and `having`."""
    where: tuple[Condition | str, ...]
    group: tuple[Term, ...]
    having: tuple[Condition | str, ...]
    order: tuple[str, tuple[Expression, ...]] | None
    """Direction (the last that is written) and what to sort by."""
    limited: bool
    set_operation: str = ""
    other: Query | None = None


Value = Query | Term | str | float | None

NOTHING = Query(False, (), (), (), (), (), (), None, False)
"""What Spider compares with in place of a prediction that its grammar does not have."""


class OutsideGrammarError(ValueError):
    """The text is not within Spider's grammar, or names what the schema does not have."""


def conditions_of(found: Sequence[Condition | str]) -> list[Condition]:
    return [one for one in found if isinstance(one, Condition)]


def words_of(found: Sequence[Condition | str]) -> list[str]:
    return [one for one in found if isinstance(one, str)]


def all_conditions(query: Query) -> tuple[list[Condition], list[str]]:
    every = (*query.joined_on, *query.where, *query.having)
    return conditions_of(every), words_of(every)
