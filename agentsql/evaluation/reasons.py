"""Why an answer is wrong, decided from the two queries and what the database says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from agentsql.db.failures import sqlite_failure
from agentsql.db.schema import Schema
from agentsql.evaluation.canonical import canonical
from agentsql.evaluation.categories import CATEGORIES, Category
from agentsql.evaluation.differences import differences

_SYMPTOMS: dict[str, Category] = {
    "unknown_table": "wrong table",
    "unknown_column": "wrong column",
    "ambiguous": "wrong column",
}
_JOINS: frozenset[Category] = frozenset({"wrong table", "missing join", "extra join", "join condition"})
_NO_SYNTAX = ("syntax error", "unrecognized token", "incomplete input")
_NO_FUNCTION = ("no such function", "wrong number of arguments")

IsRight = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Failed:
    """A wrong answer with what is known of it."""

    gold: str
    predicted: str
    schema: Schema | None = None
    status: str = "answered"
    """As in a Record."""
    gold_error: str = ""
    error: str = ""
    """What the database says of the prediction; empty if it runs."""
    is_empty: bool = False
    """It gives no rows, and the gold gives some."""


def why_wrong(failed: Failed, is_right: IsRight) -> tuple[Category, ...]:
    """Give the categories of a failure, that which weighs most first; never none.

    Where both queries can be taken apart, it is what the fewest clauses of the gold are about that would put the
    prediction right: see `differences`.

    Args:
        is_right: judges a query by the benchmark's rule.
    """
    if (plain := _without_sql(failed)) is not None:
        return (plain,)
    found = set(_differences(failed, is_right))
    first: Category | None = None
    if failed.error and not found & _JOINS:
        # A name that is not there is why the query fails, whatever else is wrong with it.
        first = _SYMPTOMS.get(sqlite_failure(failed.error).kind)
    if first is not None:
        found.add(first)
    ordered = sorted(found, key=lambda one: (one != first, CATEGORIES.index(one)))
    return (*ordered, "empty") if failed.is_empty else tuple(ordered) or ("other",)


def _without_sql(failed: Failed) -> Category | None:
    """Give the category of what is decided before the two queries are compared."""
    if failed.gold_error:
        return "gold broken"
    if failed.status == "error":
        return "not asked"
    if failed.status == "refused":
        return "refused"
    if not failed.predicted.strip():
        return "no SQL"
    if not failed.error:
        return None
    failure = sqlite_failure(failed.error)
    if failure.kind in ("timeout", "refused"):
        return "timeout" if failure.kind == "timeout" else "refused"
    if any(sign in failed.error for sign in _NO_FUNCTION):
        return "dialect"
    if any(sign in failed.error for sign in _NO_SYNTAX):
        return "dialect" if _parses(failed.predicted) else "syntax"
    return None


def _parses(sql: str) -> bool:
    for dialect in ("postgres", "mysql", "tsql", "duckdb"):
        try:
            if isinstance(sqlglot.parse_one(sql, read=dialect), exp.Query):
                return True
        except (SqlglotError, RecursionError):
            continue
    return False


def _differences(failed: Failed, is_right: IsRight) -> Iterable[Category]:
    if failed.schema is None:
        return ()
    dialect = failed.schema.dialect
    gold, predicted = canonical(failed.gold, failed.schema), canonical(failed.predicted, failed.schema)
    if gold is None or predicted is None:
        return ()
    try:
        return list(differences(gold, predicted, lambda query: is_right(query.sql(dialect=dialect))))
    except (SqlglotError, RecursionError):  # a query nested so deep that it cannot be written again
        return ()
