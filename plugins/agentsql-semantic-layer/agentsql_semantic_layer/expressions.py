"""Metrics in SQL: whether they fit a schema, whether a query uses one, and a query with one put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from agentsql.db.quote import identifier
from agentsql.db.schema import Schema, Table
from agentsql.errors import nearest
from agentsql_semantic_layer.layer import Layer, Metric

Sources = Mapping[str, Table]
"""Alias in lower case → the table it stands for."""


def layer_problems(layer: Layer, schema: Schema) -> dict[str, list[str]]:
    """Give what does not fit the schema, by metric or synonym; empty if all fits."""
    found = {metric.name: metric_problems(metric, schema) for metric in layer.metrics}
    found |= {word: _target_problems(word, target, schema) for word, target in layer.synonyms}
    return {name: problems for name, problems in found.items() if problems}


def metric_problems(metric: Metric, schema: Schema) -> list[str]:
    """Give why a metric does not fit the schema."""
    where = f"metric {metric.name!r}"
    names = [table.name for table in schema]
    missing = [name for name in metric.tables if schema.table(name) is None]
    if missing:
        return [f"{where}: there is no table {name!r}{nearest(name, names)}" for name in missing]
    try:
        expression = _parsed(metric.expression, schema.dialect)
    except SqlglotError as exc:
        return [f"{where}: {metric.expression!r} is no {schema.dialect} expression: {_first_line(exc)}"]
    if expression is None:
        return [f"{where}: {metric.expression!r} must be one expression like SUM(a.b), without SELECT and subqueries"]
    if not expression.find(exp.AggFunc):
        return [f"{where}: {metric.expression!r} has no aggregate, such as SUM or COUNT, so it is no metric"]
    sources = _own_sources(metric, schema)
    problems = []
    for column in expression.find_all(exp.Column):
        owners = _owners(column, sources)
        if column.table and column.table.casefold() not in sources:
            problems.append(f"{where}: {column.sql()} is of a table that `tables` does not name; add {column.table}")
        elif not owners:
            known = [one.name for table in sources.values() for one in table.columns]
            problems.append(f"{where}: there is no column {column.sql()!r}{nearest(column.name, known)}")
        elif len(owners) > 1:
            problems.append(f"{where}: {column.name!r} is in {' and '.join(owners)}; write {owners[0]}.{column.name}")
    return problems


def uses(query: exp.Expr, metric: Metric, schema: Schema) -> bool:
    """True if the metric's expression is somewhere in the query, whatever the aliases are."""
    wanted = _wanted(metric, schema)
    kind = type(_metric_expression(metric, schema))
    for select in query.find_all(exp.Select):
        sources = _sources(select, schema)
        if any(_normal(node, sources) == wanted for node in select.find_all(kind) if node.parent_select is select):
            return True
    return False


def with_metric(query: exp.Expr, metric: Metric, schema: Schema) -> exp.Expr | None:
    """Give a copy of the query with the metric's expression where it stands under its name, or None where it does not.

    That is an unknown column called like the metric, or a column of the result that is.
    """
    query = query.copy()
    changed = False
    for select in query.find_all(exp.Select):
        sources = _sources(select, schema)
        aliases = _aliases_of(metric, sources)
        if aliases is None:
            continue
        expression = _for_aliases(_metric_expression(metric, schema), metric, schema, aliases)
        for place in list(_places(select, metric, sources)):
            place.replace(expression.copy())
            changed = True
    return query if changed else None


def _places(select: exp.Select, metric: Metric, sources: Sources) -> Iterator[exp.Expr]:
    words = {word.casefold().replace(" ", "_") for word in metric.words}
    labelled = [one for one in select.selects if isinstance(one, exp.Alias) and one.alias.casefold() in words]
    for alias in labelled:
        yield alias.this
    for column in select.find_all(exp.Column):
        inside = column.parent_select is select and not any(column in one.find_all(exp.Column) for one in labelled)
        # Behind a column of the result with that label it is the label.
        is_label = bool(labelled) and column.find_ancestor(exp.Order, exp.Having) is not None
        if inside and not is_label and column.name.casefold() in words and not _owners(column, sources):
            yield column


@lru_cache(maxsize=256)
def _metric_expression(metric: Metric, schema: Schema) -> exp.Expr:
    expression = _parsed(metric.expression, schema.dialect)
    assert expression is not None, "metric_problems comes first"
    return expression


@lru_cache(maxsize=256)
def _wanted(metric: Metric, schema: Schema) -> str:
    return _normal(_metric_expression(metric, schema), _own_sources(metric, schema))


def _parsed(text: str, dialect: str) -> exp.Expr | None:
    """Give the one expression that a text is."""
    select = sqlglot.parse_one(f"SELECT {text}", read=dialect)
    if not isinstance(select, exp.Select) or len(select.selects) != 1 or len(list(select.find_all(exp.Select))) != 1:
        return None
    if any(value for key, value in select.args.items() if key != "expressions"):
        return None
    return select.selects[0].unalias()


def _own_sources(metric: Metric, schema: Schema) -> dict[str, Table]:
    return {name.casefold(): table for name in metric.tables if (table := schema.table(name))}


def _sources(select: exp.Select, schema: Schema) -> dict[str, Table]:
    found = {}
    for node in select.find_all(exp.Table):
        table = schema.written(node.name, node.db)
        if node.parent_select is select and table:
            found[node.alias_or_name.casefold()] = table
    return found


def _aliases_of(metric: Metric, sources: Sources) -> dict[str, str] | None:
    """Give table → alias for the metric's tables, or None if one is missing or there twice."""
    found = {}
    for name in metric.tables:
        aliases = [alias for alias, table in sources.items() if table.name.casefold() == name.casefold()]
        if len(aliases) != 1:
            return None
        found[name.casefold()] = aliases[0]
    return found


def _owners(column: exp.Column, sources: Sources) -> list[str]:
    tables = [sources.get(column.table.casefold())] if column.table else list(sources.values())
    return [table.name for table in tables if table and table.column(column.name)]


def _for_aliases(expression: exp.Expr, metric: Metric, schema: Schema, aliases: Mapping[str, str]) -> exp.Expr:
    sources = _own_sources(metric, schema)

    def put(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        (owner,) = _owners(node, sources)
        return exp.column(node.this.copy(), table=identifier(aliases[owner.casefold()], schema.dialect))

    return expression.copy().transform(put)


def _normal(node: exp.Expr, sources: Sources) -> str:
    """Give an expression as it is compared: columns by table, operands in one order, no needless brackets."""

    def plain(one: exp.Expr) -> exp.Expr:
        if isinstance(one, exp.Column):
            owners = _owners(one, sources)
            return exp.column(one.name.casefold(), table=owners[0].casefold() if len(owners) == 1 else one.table)
        return one

    copy = node.copy().transform(plain)
    for paren in list(copy.find_all(exp.Paren)):
        if isinstance(paren.this, exp.Column | exp.Literal | exp.Func | exp.Paren) or isinstance(
            paren.parent, exp.Func
        ):
            paren.replace(paren.this)
    for pair in reversed(list(copy.find_all(exp.Add, exp.Mul))):
        if pair.left.sql() > pair.right.sql():
            left, right = pair.left.copy(), pair.right.copy()
            pair.set("this", right)
            pair.set("expression", left)
    return copy.sql(comments=False).casefold()


def _target_problems(word: str, target: str, schema: Schema) -> list[str]:
    if schema.table(target):
        return []
    name, _, column = target.rpartition(".")
    table = schema.table(name)
    if table is None:
        wrong = name or target
        return [f"synonym {word!r}: there is no table {wrong!r}{nearest(wrong, [one.name for one in schema])}"]
    if table.column(column):
        return []
    return [f"synonym {word!r}: there is no column {target!r}{nearest(column, [one.name for one in table.columns])}"]


def _first_line(exc: SqlglotError) -> str:
    errors = getattr(exc, "errors", None)
    return str(errors[0]["description"] if errors else exc).splitlines()[0]
