"""How hard a query is by Spider's rule."""

from __future__ import annotations

from agentsql.db.schema import Schema
from agentsql.evaluation.spider_query import OutsideGrammarError, Query, all_conditions, conditions_of, words_of
from agentsql.evaluation.spider_sql import parse_spider_sql


def spider_hardness(sql: str, schema: Schema | None = None) -> str:
    """Give `easy`, `medium`, `hard` or `extra`, by how many parts a query has; empty if it is outside the grammar.

    Args:
        schema: with one, a query that names what it does not have is outside the grammar too.

    Source: taoyds/test-suite-sql-eval, evaluation.py, `Evaluator.eval_hardness` (commit 893d0df).
    """
    try:
        query = parse_spider_sql(sql, schema)
    except OutsideGrammarError:
        return ""
    clauses, nested, others = _clauses(query), len(_nested(query)), _others(query)
    if clauses <= 1 and others == 0 and nested == 0:
        return "easy"
    if nested == 0 and ((others <= 2 and clauses <= 1) or (clauses <= 2 and others < 2)):
        return "medium"
    if nested == 0 and ((others > 2 and clauses <= 2) or (clauses == 3 and others <= 2)):
        return "hard"
    return "hard" if clauses <= 1 and others == 0 and nested <= 1 else "extra"


def _clauses(query: Query) -> int:
    """Count what the source calls component 1."""
    conditions, words = all_conditions(query)
    present = (bool(query.where), bool(query.group), query.order is not None, query.limited)
    likes = sum(one.operator == "like" for one in conditions)
    return sum(present) + max(len(query.tables) - 1, 0) + words.count("or") + likes


def _nested(query: Query) -> list[Query]:
    """Give what the source calls component 2: queries in conditions and behind a set operation, not those in FROM."""
    values = [value for one in all_conditions(query)[0] for value in (one.value, one.upper)]
    return [one for one in (*values, query.other) if isinstance(one, Query)]


def _others(query: Query) -> int:
    """Count which of these there are more than one of: aggregates, items, conditions, columns to group by.

    The source counts each NOT of a condition, and each word between two of HAVING, for an aggregate.
    """
    terms = [*query.group]
    for one in query.order[1] if query.order else ():
        terms += [one.left] if one.right is None else [one.left, one.right]
    aggregates = sum(bool(aggregate) for aggregate, _ in query.select) + sum(bool(one.aggregate) for one in terms)
    aggregates += sum(one.negated for one in conditions_of((*query.where, *query.having))) + len(words_of(query.having))
    return sum(count > 1 for count in (aggregates, len(query.select), len(query.where), len(query.group)))
