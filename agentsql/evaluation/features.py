"""What a query is made of, as groups of questions to tell apart."""

from __future__ import annotations

from typing import Literal, get_args

from sqlglot import exp
from sqlglot.errors import SqlglotError

from agentsql.db.parsing import parse_statement

Feature = Literal[
    "one table",
    "join",
    "three tables or more",
    "aggregate",
    "grouping",
    "having",
    "order",
    "limit",
    "distinct",
    "nesting",
    "derived table",
    "CTE",
    "set operation",
    "window",
    "case",
    "or",
    "like",
]
"""`nesting` is a query inside a condition or an expression, `derived table` one in FROM."""

FEATURES: tuple[Feature, ...] = get_args(Feature)


def features_of(sql: str, *, dialect: str = "sqlite") -> tuple[Feature, ...]:
    """Give the features of a query in the order of FEATURES; none if it cannot be parsed."""
    try:
        query = parse_statement(sql, dialect)
    except (SqlglotError, RecursionError):
        return ()
    joined = max((_sources(select) for select in query.find_all(exp.Select)), default=0)
    inner = [one for one in query.find_all(exp.Select, exp.SetOperation) if one is not query and _is_inner(one)]
    has = {
        "one table": len(list(query.find_all(exp.Table))) == 1,
        "join": joined >= 2,
        "three tables or more": joined >= 3,
        "aggregate": query.find(exp.AggFunc) is not None,
        "grouping": query.find(exp.Group) is not None,
        "having": query.find(exp.Having) is not None,
        "order": any(not one.find_ancestor(exp.Window) for one in query.find_all(exp.Order)),
        "limit": query.find(exp.Limit) is not None,
        "distinct": query.find(exp.Distinct) is not None,
        "nesting": any(not _is_derived(one) for one in inner),
        "derived table": any(map(_is_derived, inner)),
        "CTE": query.find(exp.CTE) is not None,
        "set operation": query.find(exp.SetOperation) is not None,
        "window": query.find(exp.Window) is not None,
        "case": query.find(exp.Case, exp.If) is not None,
        "or": query.find(exp.Or) is not None,
        "like": query.find(exp.Like, exp.Glob) is not None,
    }
    return tuple(one for one in FEATURES if has[one])


def _sources(select: exp.Select) -> int:
    start = select.args.get("from_")
    return (start is not None) + len(select.args.get("joins") or ())


def _is_inner(query: exp.Expr) -> bool:
    """True of a query that is no side of a set operation, and not the body of a CTE."""
    return not isinstance(query.parent, exp.SetOperation | exp.CTE)


def _is_derived(query: exp.Expr) -> bool:
    parent = query.parent
    return isinstance(parent, exp.Subquery) and isinstance(parent.parent, exp.From | exp.Join)
