"""What a query may not do under a policy, whatever tables it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from sqlglot import exp

from agentsql.db.guard import StatementRefused
from agentsql.db.policy import Rules
from agentsql.db.policy_gate import Access
from agentsql.db.schema import Table

_SYSTEM_COLUMNS = {
    "sqlite": frozenset({"rowid", "oid", "_rowid_"}),
    "postgres": frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"}),
    "duckdb": frozenset({"rowid"}),
}


def check_rules(query: exp.Query, access: Access, *, among: Iterable[exp.Expr] | None = None) -> None:
    """Raise for the first rule that the query breaks.

    Args:
        among: the nodes to look at, where gates are to be left out; then what concerns tables is taken as done.

    Raises:
        StatementRefused: it calls a function or makes a cast that is not allowed.
    """
    for node in query.walk() if among is None else among:
        _check_node(node, access)


def _check_node(node: exp.Expr, access: Access) -> None:
    dialect = access.schema.dialect
    if isinstance(node, exp.Func):
        _check_function(node, access)
    elif isinstance(node, exp.ObjectIdentifier):
        raise StatementRefused("refused", f"a query may not cast to {node.name.lower()}", "do without the cast")
    elif isinstance(node, exp.DataType) and node.this == exp.DType.USERDEFINED:
        name = str(node.args.get("kind") or "").strip('"').rpartition(".")[2]
        if name.casefold().strip('"') in access.objects:
            # as PostgreSQL says it of a type that is not there
            raise StatementRefused("syntax", f'type "{name}" does not exist', "mend the statement near the place named")
    elif isinstance(node, exp.In) and dialect == "sqlite" and node.args.get("field") is not None:
        raise StatementRefused("other", "IN may not be followed by a table", "write IN (SELECT column FROM table)")
    elif isinstance(node, exp.Column) and node.name.casefold() in _SYSTEM_COLUMNS.get(dialect, ()):
        known = (column.name for table in access.schema for column in table.columns)
        if node.name.casefold() not in {name.casefold() for name in known}:
            raise StatementRefused(
                "unknown_column", f"`{node.name}` is not a column of any table", "use the columns of the schema"
            )
    elif isinstance(node, exp.Summarize | exp.Describe):
        raise StatementRefused("refused", f"a query may not contain {node.key.upper()}", "write one SELECT")


def _check_function(node: exp.Func, access: Access) -> None:
    rules = access.rules
    is_known = not isinstance(node, exp.Anonymous | exp.AnonymousAggFunc)
    names = [name.casefold() for name in ((*node.sql_names(), node.key) if is_known else (node.name,))]
    if _fits(names, rules.denied_functions):
        message = f"the function {names[0]} may not be used: the policy does not allow it"
        raise StatementRefused("refused", message, "do without the function")


def _fits(names: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern.casefold()) for pattern in patterns for name in names)


def check_joins(count: int, rules: Rules) -> None:
    """Raise if a query joins too often, the joins in the views that it reads counted.

    Raises:
        StatementRefused: it has more than the policy allows.
    """
    most = rules.joins
    if most is not None and count > most:
        message = f"the query has {count} joins, and the policy allows {most}"
        raise StatementRefused("other", message, "answer with fewer tables")


def check_required(reference: exp.Table, table: Table, rules: Rules) -> None:
    """Raise if a condition that the policy requires of a table is missing in the SELECT that reads it.

    Raises:
        StatementRefused: it is missing; so that a model can mend it, the kind is not `refused`.
    """
    columns = [
        column.casefold()
        for pattern, wanted in rules.required.items()
        if _fits((table.name.casefold(), table.parts[-1].casefold()), (pattern,))
        for column in wanted
    ]
    if not columns:
        return
    select = reference.find_ancestor(exp.Select)
    alias = reference.alias_or_name.casefold()
    if select is None or not any(_binds(condition, alias, columns) for condition in _conditions(select, reference)):
        message = f"a query on `{table.name}` needs a condition on {' or '.join(columns)}"
        raise StatementRefused("other", message, f"add it to the WHERE of the SELECT that reads {table.name}")


def _conditions(select: exp.Select, table: exp.Table) -> Iterator[exp.Expr]:
    """Give what must hold for every row that is read of the table: an outer join's ON need not, but for its own."""
    joins = (join for join in select.args.get("joins") or ())
    inner = (join.args.get("on") for join in joins if not join.side or (join.side == "LEFT" and join.this is table))
    where = select.args.get("where")
    for whole in (where.this if where is not None else None, *inner):
        if whole is not None:
            yield from whole.flatten() if isinstance(whole, exp.And) else (whole,)


def _binds(condition: exp.Expr, alias: str, columns: list[str]) -> bool:
    """True if it compares one of the columns with what is not a column."""
    condition = condition.unnest()
    if isinstance(condition, exp.Between | exp.In):
        sides = [condition.this, *(one for one in condition.iter_expressions() if one is not condition.this)]
    elif isinstance(condition, exp.EQ | exp.GT | exp.GTE | exp.LT | exp.LTE | exp.Like | exp.RegexpLike):
        sides = [condition.this, condition.expression]
    else:
        return False

    def holds(side: exp.Expr) -> bool:
        return any(
            column.name.casefold() in columns and column.table.casefold() in ("", alias)
            for column in side.find_all(exp.Column)
        )

    bound = [side for side in sides if holds(side)]
    return len(bound) == 1 and not any(side.find(exp.Column) for side in sides if side is not bound[0])
