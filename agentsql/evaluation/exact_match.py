"""Spider's exact set match: the clauses of two queries compared one by one, values left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType

from agentsql.db.schema import Schema
from agentsql.evaluation.spider_query import (
    NOTHING,
    Condition,
    Expression,
    OutsideGrammarError,
    Query,
    Term,
    Value,
    all_conditions,
    conditions_of,
    words_of,
)
from agentsql.evaluation.spider_sql import parse_spider_sql

COMPONENTS = (
    "select",
    "select(no AGG)",
    "where",
    "where(no OP)",
    "group(no Having)",
    "group",
    "order",
    "and/or",
    "IUEN",
    "keywords",
)
"""As Spider's script names them; IUEN are INTERSECT, UNION and EXCEPT with the query behind them."""


@dataclass(frozen=True, slots=True)
class ComponentMatch:
    """How one component of two queries compares."""

    matched: bool
    """True as well where neither query has it."""
    in_gold: bool
    in_predicted: bool


@dataclass(frozen=True, slots=True)
class ExactMatch:
    """How two queries compare by Spider's exact set match."""

    matched: bool | None
    """None where the gold itself is outside Spider's grammar, so that there is nothing to compare with."""
    components: Mapping[str, ComponentMatch] = field(default_factory=lambda: MappingProxyType({}))
    """By the names of `COMPONENTS`; empty if `matched` is None. Tables count for `matched` and are no component."""
    problem: str = ""
    """Why one of the queries is outside the grammar; a prediction that is counts as wrong."""


@dataclass(frozen=True, slots=True)
class ComponentScores:
    """How often a component is right, 0 to 1."""

    accuracy: float
    """Over all questions; where neither query has the component, it counts as right."""
    precision: float
    """Over the questions whose prediction has it. Spider's script prints it as partial matching accuracy."""
    recall: float
    """Over the questions whose gold has it."""
    f1: float
    """As the script has it: 1 where precision and recall are both 0."""


def exact_set_match(gold: str, predicted: str, schema: Schema) -> ExactMatch:
    """Compare two queries clause by clause, in any order where SQL has none; values and DISTINCT do not count.

    Columns that a foreign key ties to each other are the same column, as far as both queries read its table.

    Args:
        schema: its foreign keys decide. The official numbers are by those of tables.json, which differ from those of
            the database for some databases of Spider.

    Source: taoyds/test-suite-sql-eval, evaluation.py, `Evaluator.eval_exact_match` (commit 893d0df).
    """
    try:
        wanted = parse_spider_sql(gold, schema)
    except OutsideGrammarError as exc:
        return ExactMatch(None, problem=f"gold: {exc}")
    problem = ""
    try:
        found = parse_spider_sql(predicted.replace(" value ", " 1 "), schema)
    except OutsideGrammarError as exc:
        found, problem = NOTHING, f"prediction: {exc}"
    keys = column_keys(schema)
    components, matched = _compare(_comparable(wanted, keys), _comparable(found, keys))
    return ExactMatch(matched, MappingProxyType(components), problem)


def component_scores(matches: Iterable[ExactMatch]) -> dict[str, ComponentScores]:
    """Give the scores of each component over the questions whose gold is within the grammar; empty without any."""
    known = [one.components for one in matches if one.matched is not None]
    return {name: _scores([components[name] for components in known]) for name in COMPONENTS if known}


@lru_cache(maxsize=64)
def column_keys(schema: Schema) -> Mapping[str, str]:
    """Give for each `table.column` of a foreign key, in lower case, the one that stands for all it is tied to."""
    groups: list[set[str]] = []
    places: dict[str, int] = {}
    for table in schema:
        for column in table.columns:
            places[f"{table.name}.{column.name}".lower()] = len(places)
    for table in schema:
        for key in table.foreign_keys:
            for own, other in zip(key.columns, key.to_columns, strict=False):
                pair = {f"{table.name}.{own}".lower(), f"{key.to_table}.{other}".lower()}
                touching = [group for group in groups if group & pair]
                groups = [group for group in groups if not group & pair] + [pair.union(*touching)]
    return {name: min(group, key=lambda one: places.get(one, 0)) for group in groups for name in group}


def _comparable(query: Query, keys: Mapping[str, str]) -> Query:
    own = {name for name in query.tables if isinstance(name, str)}
    usable = {name: key for name, key in keys.items() if name.partition(".")[0] in own}
    return _with_keys(_without_values(query), usable)


def _without_values(query: Query) -> Query:
    """Leave out all values but queries. Those of a query in FROM stay, as they do in the source."""
    return replace(
        query,
        joined_on=_each_condition(query.joined_on),
        where=_each_condition(query.where),
        having=_each_condition(query.having),
        other=query.other and _without_values(query.other),
    )


def _each_condition(conditions: Sequence[Condition | str]) -> tuple[Condition | str, ...]:
    def bare(value: Value) -> Value:
        return _without_values(value) if isinstance(value, Query) else None

    return tuple(
        one if isinstance(one, str) else replace(one, value=bare(one.value), upper=bare(one.upper))
        for one in conditions
    )


def _with_keys(query: Query, keys: Mapping[str, str]) -> Query:
    """Put the key's column for each column, and leave out DISTINCT; not in the queries of conditions and FROM."""

    def term(one: Term) -> Term:
        return Term(one.aggregate, keys.get(one.column, one.column), None)

    def expression(one: Expression) -> Expression:
        return Expression(one.operator, term(one.left), one.right and term(one.right))

    def conditions(found: Sequence[Condition | str]) -> tuple[Condition | str, ...]:
        return tuple(one if isinstance(one, str) else replace(one, left=expression(one.left)) for one in found)

    return replace(
        query,
        distinct=None,
        select=tuple((aggregate, expression(one)) for aggregate, one in query.select),
        joined_on=conditions(query.joined_on),
        where=conditions(query.where),
        group=tuple(map(term, query.group)),
        having=conditions(query.having),
        order=query.order and (query.order[0], tuple(map(expression, query.order[1]))),
        other=query.other and _with_keys(query.other, keys),
    )


def _compare(gold: Query, predicted: Query) -> tuple[dict[str, ComponentMatch], bool]:
    wheres, found_wheres = conditions_of(gold.where), conditions_of(predicted.where)
    components = {
        "select": _bags(gold.select, predicted.select),
        "select(no AGG)": _bags([one for _, one in gold.select], [one for _, one in predicted.select]),
        "where": _bags(wheres, found_wheres),
        "where(no OP)": _bags([one.left for one in wheres], [one.left for one in found_wheres]),
        "group(no Having)": _bags(_names(gold.group), _names(predicted.group)),
        "group": _group(gold, predicted),
        "order": _order(gold, predicted),
        "and/or": _connectives(gold, predicted),
        "IUEN": _set_operations(gold, predicted),
        "keywords": _sets(_keywords(gold), _keywords(predicted)),
    }
    same_tables = Counter(gold.tables) == Counter(predicted.tables)
    return components, same_tables and all(one.matched for one in components.values())


def _bags(gold: Sequence[Hashable], predicted: Sequence[Hashable]) -> ComponentMatch:
    return ComponentMatch(Counter(gold) == Counter(predicted), bool(gold), bool(predicted))


def _sets(gold: set[str], predicted: set[str]) -> ComponentMatch:
    return ComponentMatch(gold == predicted, bool(gold), bool(predicted))


def _names(group: Sequence[Term]) -> list[str]:
    """Name the columns without their tables: so GROUP BY is compared."""
    return [term.column.rpartition(".")[2] for term in group]


def _group(gold: Query, predicted: Query) -> ComponentMatch:
    columns, found = ([term.column for term in query.group] for query in (gold, predicted))
    matched = columns == found and (not columns or gold.having == predicted.having)
    return ComponentMatch(matched, bool(columns), bool(found))


def _order(gold: Query, predicted: Query) -> ComponentMatch:
    matched = gold.order == predicted.order and (gold.order is None or gold.limited == predicted.limited)
    return ComponentMatch(matched, gold.order is not None, predicted.order is not None)


def _connectives(gold: Query, predicted: Query) -> ComponentMatch:
    found = _sets({*words_of(gold.where)}, {*words_of(predicted.where)})
    # The source counts one on each side where they agree, and names the sides the other way round where they do not.
    return (
        ComponentMatch(True, True, True)
        if found.matched
        else replace(found, in_gold=found.in_predicted, in_predicted=found.in_gold)
    )


def _set_operations(gold: Query, predicted: Query) -> ComponentMatch:
    if gold.other is None or predicted.other is None:
        neither = gold.other is predicted.other
        return ComponentMatch(neither, gold.other is not None, predicted.other is not None)
    same = gold.set_operation == predicted.set_operation and _compare(gold.other, predicted.other)[1]
    return ComponentMatch(same, True, True)


def _keywords(query: Query) -> set[str]:
    conditions, words = all_conditions(query)
    operators = {one.operator for one in conditions}
    found = {
        "where": bool(query.where),
        "group": bool(query.group),
        "having": bool(query.having),
        "order": query.order is not None,
        query.order[0] if query.order else "": query.order is not None,
        "limit": query.limited,
        query.set_operation: bool(query.set_operation),
        "or": "or" in words,
        "not": any(one.negated for one in conditions),
        "in": "in" in operators,
        "like": "like" in operators,
    }
    return {word for word, has in found.items() if has}


def _scores(found: Sequence[ComponentMatch]) -> ComponentScores:
    def share(of: Sequence[ComponentMatch]) -> float:
        return sum(one.matched for one in of) / len(of) if of else 0.0

    precision = share([one for one in found if one.in_predicted])
    recall = share([one for one in found if one.in_gold])
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 1.0
    return ComponentScores(share(found), precision, recall, f1)
