"""What is wrong with a query, told by the smallest part of the right one that would put it right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, product
from typing import Literal

from sqlglot import exp

from agentsql.db.findings.rewrite import conjuncts
from agentsql.evaluation.canonical import conditions, subqueries, table_name
from agentsql.evaluation.categories import Category

Judge = Callable[[exp.Query], bool]

_Part = Literal["distinct", "order", "select", "where", "group", "from"]

_CLAUSES: dict[_Part, tuple[str, ...]] = {
    "distinct": ("distinct",),
    "order": ("order", "limit", "offset"),
    "select": ("expressions",),
    "where": ("where",),
    "group": ("group", "having"),
    "from": ("with_", "from_", "joins"),
}
"""Parts of a SELECT that are exchanged as one, what changes a query least first."""

_ALIKE = (exp.EQ, exp.Like, exp.In, exp.Glob)

_MOST_PAIRS = 16
"""Conditions of the gold times conditions of the prediction that are exchanged one by one."""


def differences(gold: exp.Query, predicted: exp.Query, is_right: Judge) -> Iterator[Category]:
    """Yield what is wrong with a query, itself a whole one or one inside another; both are `canonical`.

    Clauses of the gold are put into the prediction until it is right: first a single condition, then each clause in
    which they differ alone, then two together, and so on. Differences beyond the fewest clauses that do it are
    harmless.

    Args:
        is_right: judges a query in place of `predicted`.
    """
    if isinstance(gold, exp.Select) and isinstance(predicted, exp.Select):
        if (one := _one_condition(gold, predicted, is_right)) is not None:
            yield one
            return
        for part in _fewest(gold, predicted, is_right):
            yield from _explain(part, gold, predicted, is_right)
    elif isinstance(gold, exp.SetOperation) and type(gold) is type(predicted):
        yield from _compare_sides(gold, predicted, is_right)
    else:
        yield "set operation"


def _fewest(gold: exp.Select, predicted: exp.Select, is_right: Judge) -> tuple[_Part, ...]:
    """Give the fewest parts to exchange; all that differ if not even they make it right."""
    differing = [part for part in _CLAUSES if _text(part, gold) != _text(part, predicted)]
    for count in range(1, len(differing)):
        for parts in combinations(differing, count):
            if is_right(_exchanged(predicted, gold, parts)):
                return parts
    return tuple(differing)


def _one_condition(gold: exp.Select, predicted: exp.Select, is_right: Judge) -> Category | None:
    """Give what is wrong where one condition of the WHERE is all that is: another one, one too many or too few."""
    wanted, own = (list(conjuncts(select)) for select in (gold, predicted))
    missing = [one for one in wanted if _condition_text(one) not in set(map(_condition_text, own))]
    extra = [one for one in own if _condition_text(one) not in set(map(_condition_text, wanted))]
    if not own or len(missing) * len(extra) > _MOST_PAIRS or (len(missing) == len(extra) == 1 and len(own) == 1):
        return None  # with a single one in each, that is the whole WHERE
    for out, new in [*product(extra, missing), *((one, None) for one in extra), *((None, one) for one in missing)]:
        kept = [one.copy() for one in (*(one for one in own if one is not out), new) if one is not None]
        mended = predicted.copy()
        mended.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
        if is_right(mended):
            found = _of_conditions([new] if new is not None else [], [out] if out is not None else [])
            return "nesting" if any(subqueries(one) for one in (out, new)) else found
    return None


def _exchanged(predicted: exp.Select, gold: exp.Select, parts: Iterable[_Part]) -> exp.Select:
    """Give the prediction with some parts of the gold."""
    mended = predicted.copy()
    for part in parts:
        for key in _CLAUSES[part]:
            mended.set(key, _copied(gold.args.get(key)))
    return mended


def _copied(value: object) -> object:
    if isinstance(value, list):
        return [one.copy() for one in value]
    return value.copy() if isinstance(value, exp.Expr) else value


def _text(part: _Part, select: exp.Select) -> list[str]:
    return [_sql(one) for key in _CLAUSES[part] for one in _listed(select.args.get(key))]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _sql(node: object) -> str:
    return node.sql(dialect="sqlite") if isinstance(node, exp.Expr) else str(node or "")


def _condition_text(node: exp.Expr) -> str:
    if isinstance(node, exp.EQ):
        return " = ".join(sorted((_sql(node.this), _sql(node.expression))))
    return _sql(node)


def _sources(select: exp.Select) -> Counter[str]:
    """Count the tables of a FROM by name; a query in it by its text."""
    return Counter(
        table_name(one.name.casefold()) if isinstance(one, exp.Table) else _sql(one) for one in _items(select)
    )


def _items(select: exp.Select) -> list[exp.Expr]:
    start = select.args.get("from_")
    items = [start.this] if start else []
    return items + [join.this for join in select.args.get("joins") or ()]


def _explain(part: _Part, gold: exp.Select, predicted: exp.Select, is_right: Judge) -> Iterator[Category]:
    """Yield what an exchanged part says."""
    if part == "select":
        yield _of_select(gold, predicted)
    elif part == "where":
        yield from _of_where(gold, predicted, is_right)
    elif part == "from":
        yield _of_from(gold, predicted)
    else:
        named: dict[str, Category] = {"distinct": "distinct", "order": "order or limit", "group": "grouping"}
        yield named[part]


def _of_select(gold: exp.Select, predicted: exp.Select) -> Category:
    wanted, found = list(map(_sql, gold.selects)), list(map(_sql, predicted.selects))
    if [_sql(_plain(one)) for one in gold.selects] == [_sql(_plain(one)) for one in predicted.selects]:
        return "distinct"
    fewer, more = sorted((Counter(wanted), Counter(found)), key=Counter.total)
    if fewer <= more:
        return "projection"
    if _aggregates(gold.selects) != _aggregates(predicted.selects):
        return "wrong aggregate"
    return "wrong column" if len(wanted) == len(found) else "projection"


def _plain(node: exp.Expr) -> exp.Expr:
    """Give an expression without the DISTINCT of its aggregates."""

    def without(one: exp.Expr) -> exp.Expr:
        return one.expressions[0] if isinstance(one, exp.Distinct) and len(one.expressions) == 1 else one

    return node.copy().transform(without)


def _aggregates(nodes: Iterable[exp.Expr]) -> Counter[str]:
    return Counter(one.key for node in nodes for one in node.find_all(exp.AggFunc))


def _of_from(gold: exp.Select, predicted: exp.Select) -> Category:
    wanted, found = _sources(gold), _sources(predicted)
    missing, extra = wanted - found, found - wanted
    if not missing and not extra:
        return "join condition"
    elsewhere, known = _tables(predicted), _tables(gold)
    missing = Counter({name: count for name, count in missing.items() if name not in elsewhere})
    extra = Counter({name: count for name, count in extra.items() if name not in known})
    if any("SELECT" in one for one in (missing | extra)) or bool(gold.ctes) != bool(predicted.ctes):
        return "nesting"
    if missing and extra:
        return "wrong table"
    if missing:
        return "missing join"
    return "extra join" if extra else "nesting"  # a subquery reads in one what the other joins


def _tables(select: exp.Select) -> set[str]:
    """Name the tables of the queries inside a SELECT, folded."""
    joined = {id(one) for one in _items(select)}
    return {one.name.casefold() for one in select.find_all(exp.Table) if id(one) not in joined}


def _of_where(gold: exp.Select, predicted: exp.Select, is_right: Judge) -> Iterator[Category]:
    """Yield what differs in the conditions; with one subquery in each, what differs in that."""
    inside, own = (subqueries(select.args.get("where")) for select in (gold, predicted))
    if len(inside) == len(own) == 1 and _outside(gold) == _outside(predicted):
        yield from differences(inside[0], own[0], _judge_inside(predicted, is_right))
    elif inside or own:
        yield "nesting"
    else:
        yield _of_conditions(list(conditions(gold.args.get("where"))), list(conditions(predicted.args.get("where"))))


def _of_conditions(gold: list[exp.Expr], predicted: list[exp.Expr]) -> Category:
    wanted, found = Counter(map(_condition_text, gold)), Counter(map(_condition_text, predicted))
    missing = [one for one in gold if _condition_text(one) not in found]
    extra = [one for one in predicted if _condition_text(one) not in wanted]
    if len(missing) != len(extra):
        return "condition"
    if _columns(missing) != _columns(extra):
        return "wrong column"
    same_kind = Counter(map(_kind, missing)) == Counter(map(_kind, extra))
    return "wrong value" if missing and same_kind else "condition"


def _columns(nodes: Iterable[exp.Expr]) -> Counter[str]:
    return Counter(_sql(column) for node in nodes for column in node.find_all(exp.Column))


def _kind(condition: exp.Expr) -> str:
    """Name a comparison; those with a given text are of one kind, however much of it they ask for."""
    return "alike" if isinstance(condition, _ALIKE) else condition.key


def _outside(select: exp.Select) -> Counter[str]:
    """Give the conditions with a mark in place of their subqueries."""
    where = select.args["where"].copy()
    for query in subqueries(where):
        query.replace(exp.Var(this="…"))
    return Counter(map(_sql, conditions(where)))


def _judge_inside(around: exp.Select, is_right: Judge) -> Judge:
    """Judge a query in place of the subquery of a WHERE."""

    def judge(query: exp.Query) -> bool:
        whole = around.copy()
        subqueries(whole.args["where"])[0].replace(query.copy())
        return is_right(whole)

    return judge


def _compare_sides(gold: exp.SetOperation, predicted: exp.SetOperation, is_right: Judge) -> Iterator[Category]:
    """Yield what is wrong with the sides of two set operations of one kind, or with their order."""
    differing = [key for key in ("this", "expression") if _sql(gold.args[key]) != _sql(predicted.args[key])]
    for sides in [*([key] for key in differing), differing]:
        mended = predicted.copy()
        for key in sides:
            mended.set(key, gold.args[key].copy())
        if is_right(mended):
            for key in sides:
                yield from differences(gold.args[key], predicted.args[key], _judge_side(mended, key, is_right))
            return
    yield "set operation" if gold.args.get("distinct") != predicted.args.get("distinct") else "order or limit"


def _judge_side(around: exp.SetOperation, key: str, is_right: Judge) -> Judge:
    """Judge a query in place of one side of a set operation."""

    def judge(query: exp.Query) -> bool:
        whole = around.copy()
        whole.set(key, query.copy())
        return is_right(whole)

    return judge
