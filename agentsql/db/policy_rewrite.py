"""A query rewritten so that it sees what one principal sees, and the proof that it does.

Every table is replaced by its gate (`policy_gate.py`), wherever it stands; what is left of the query then cannot name
more than the gate gives, so `*`, natural joins, whole rows and comparisons need no rules of their own. CTEs get names
of ours, so that a table can never be taken for a CTE or the other way round. The text that comes out is parsed once
more, and runs only if no table is left in it outside of a gate, and each gate that was put in is still there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.db.name_hints import unknown_table
from agentsql.db.names import check_names
from agentsql.db.policy_gate import Access, Gate, written
from agentsql.db.policy_rules import check_joins, check_required, check_rules
from agentsql.db.schema import Schema, Table

_CTE = "cte_"
_MOST_PARSED = 1000
"""Forms of gates that are kept for one principal."""
_FOLDS_UNQUOTED = frozenset({"postgres", "redshift", "snowflake", "oracle"})
"""Dialects where a quoted name in another letter case is another name; in the others case makes no difference here."""
_KEPT = ("joins", "laterals", "pivots", "sample")
"""What hangs on a table and may hang on a subquery."""
_DROPPED = frozenset({"this", "db", "catalog", "alias", "hints", "indexed", *_KEPT})
"""What else a table may have: hints about indexes say nothing of the rows."""


def rewrite(query: exp.Query, access: Access) -> str:
    """Give the SQL that runs in place of `query`, which the guard has passed.

    Raises:
        StatementRefused: it breaks a rule, names what the principal does not see, or cannot be proven harmless.
    """
    failure = check_names(query, access.schema)
    if failure is not None:
        raise StatementRefused(failure.kind, failure.message, failure.hint)
    return gated(query, access).text


@dataclass(frozen=True, slots=True)
class Proven:
    """A query with each table behind its gate, held against the policy."""

    text: str
    query: exp.Query
    """As the text was parsed for the proof."""
    joins: int
    """Those of views counted."""


def gated(query: exp.Query, access: Access, *, prefix: str = "") -> Proven:
    """Give the query with each table behind its gate, proven.

    Args:
        prefix: goes into the names of its CTEs, where the query is to stand within others.

    Raises:
        StatementRefused: it breaks a rule, names what the principal does not see, or cannot be proven harmless.
    """
    check_rules(query, access)
    joins = sum(1 for _ in query.find_all(exp.Join))
    behind, used = _gated(query.copy(), access, _CTE + prefix)
    joins += sum(gate.joins for gate in used)
    check_joins(joins, access.rules)
    text = written(behind, access.schema.dialect)
    return Proven(text, verify(text, access, used), joins)


def verify(sql: str, access: Access, used: Sequence[Gate] | None = None) -> exp.Query:
    """Give `sql` parsed anew if every table of it is the source of a gate, a CTE of ours or an allowed function.

    A view's gate counts as one: what it reads was proven in the same way when it was made.

    Args:
        used: the gates that were put into it; then it must hold just these.

    Raises:
        StatementRefused: there is another table, or a gate is not there any more.
    """
    query = read_only_query(sql, access.schema.dialect, functions=access.rules.functions)
    seen: Counter[str] = Counter()
    names = {cte.alias for cte in query.find_all(exp.CTE)}
    if any(not name.startswith(_CTE) or name.casefold() in access.objects for name in names):
        raise _unproven("a CTE has a name of its own")
    stack: list[exp.Expr] = [query]
    rest: list[exp.Expr] = []
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Select) and isinstance(node.parent, exp.Subquery) and (gate := _as_gate(node, access)):
            seen[gate.table.name] += 1
            continue
        if isinstance(node, exp.Table) and not isinstance(node.this, exp.Func) and not node.args.get("rows_from"):
            is_cte = isinstance(node.this, exp.Identifier) and node.name in names and not node.db and not node.catalog
            if not is_cte:
                raise _unproven("a table stands outside of its gate")
        rest.append(node)
        stack.extend(node.iter_expressions())
    if used is not None and seen != Counter(gate.table.name for gate in used):
        raise _unproven("a gate is not as it was made")
    check_rules(query, access, among=rest)
    return query


def _unproven(why: str) -> StatementRefused:
    return StatementRefused(
        "refused", f"it cannot be proven that the query keeps to the policy: {why}", "write it in a simpler way"
    )


def _as_gate(select: exp.Select, access: Access) -> Gate | None:
    """Give the gate that it is, node by node what the policy makes of the table or view it reads; None if none is."""
    start = select.args.get("from_")
    source = start.this if start is not None else None
    if not isinstance(source, exp.Table | exp.Subquery) or not all(
        isinstance(one, exp.Alias) for one in select.expressions
    ):
        return None
    columns = tuple(one.alias for one in select.expressions)
    for gate in access.gates.values():
        if isinstance(source, exp.Table):
            is_meant = gate.body is None and gate.source == source
        else:
            is_meant = gate.body is not None and gate.source.name == source.alias
        if is_meant and all(map(gate.table.column, columns)) and select == _reparsed(gate, columns, access):
            return gate
    return None


def _reparsed(gate: Gate, columns: tuple[str, ...], access: Access) -> exp.Expr:
    key = gate.table.name, columns
    if key not in access.parsed:
        if len(access.parsed) >= _MOST_PARSED:
            access.parsed.clear()
        sql = written(gate.select(columns), gate.dialect)
        access.parsed[key] = read_only_query(sql, gate.dialect, functions=access.rules.functions)
    return access.parsed[key]


def _gated(query: exp.Query, access: Access, prefix: str) -> tuple[exp.Query, list[Gate]]:
    """Replace each table by its gate and give CTEs names of ours, in place; the gates come as often as they stand."""
    dialect = access.schema.dialect
    tables = [one for one in query.find_all(exp.Table) if isinstance(one.this, exp.Identifier)]
    wanted = _named_columns(query, tables)
    found = [(table, cte_of(table, dialect)) for table in tables if not is_part_of_hint(table)]
    ctes = list(query.find_all(exp.CTE))
    names = {id(cte): f"{prefix}{number}" for number, cte in enumerate(ctes, start=1)}
    gates = [(table, None if cte is not None else gate_of(table, access)) for table, cte in found]
    for table, gate in gates:
        if gate is not None:
            check_required(table, gate.table, access.rules)
    for table, cte in found:
        if cte is not None:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=table.this.copy()))
            table.set("this", exp.to_identifier(names[id(cte)]))
    for cte in ctes:
        cte.args["alias"].set("this", exp.to_identifier(names[id(cte)]))
    for values in query.find_all(exp.Values):
        if not values.alias and isinstance(values.parent, exp.From):
            values.set("alias", exp.TableAlias(this=exp.to_identifier("rows_given")))  # PostgreSQL wants a name
    for column in query.find_all(exp.Column):
        if column.args.get("db") is not None and any(table.name == column.table for table in tables):
            column.set("db", None)
            column.set("catalog", None)
    for table, gate in gates:  # at last, so that nothing above reaches into a gate
        if gate is not None:
            _replace(table, gate, wanted)
    return query, [gate for _, gate in gates if gate is not None]


def gate_of(table: exp.Table, access: Access) -> Gate:
    """Give the gate of the table that this reference means.

    Raises:
        StatementRefused: there is none that the principal sees.
    """
    dialect = access.schema.dialect
    seen = table_of(table, access.schema)
    if seen is None:
        name, namespace = _plain_names(table, dialect)
        failure = unknown_table(f"{namespace}.{name}" if namespace else name, access.schema)
        raise StatementRefused(failure.kind, failure.message, failure.hint)
    refused = {"sample"} if dialect != "duckdb" else set()  # others sample tables only, and a gate is none
    if extra := sorted(one for one, value in table.args.items() if value and (one not in _DROPPED or one in refused)):
        message = f"a table may not be read with {extra[0].upper()} under a policy"
        raise StatementRefused("other", message, "read the plain table")
    return access.gates[seen.name]


def table_of(table: exp.Table, schema: Schema) -> Table | None:
    """Give the table of the schema that a reference which is no CTE means."""
    if table.args.get("catalog") is not None:
        return None
    name, namespace = _plain_names(table, schema.dialect)
    exact = next((one for one in schema if one.parts == ((namespace, name) if namespace else (name,))), None)
    return exact or schema.written(name, namespace)


def _plain_names(table: exp.Table, dialect: str) -> tuple[str, str]:
    name, namespace = (_plain(one, dialect) if one is not None else "" for one in (table.this, table.args.get("db")))
    return name, namespace


def _plain(identifier: exp.Identifier, dialect: str) -> str:
    """Give the name as the database reads it."""
    return (
        Dialect.get_or_raise(dialect).normalize_identifier(identifier.copy()).name
        if (dialect in _FOLDS_UNQUOTED)
        else identifier.name
    )


def _replace(table: exp.Table, gate: Gate, wanted: frozenset[str] | None) -> None:
    alias = table.args.get("alias") or exp.TableAlias(this=table.this.copy())
    columns = None if wanted is None or alias.args.get("columns") else _chosen(gate, wanted)
    kept = {name: table.args[name] for name in _KEPT if table.args.get(name)}
    table.replace(exp.Subquery(this=gate.select(columns), alias=alias, **kept))


def _chosen(gate: Gate, wanted: frozenset[str]) -> list[str]:
    """Give the columns that the query may mean; one at least, for COUNT(*)."""
    names = [column.name for column in gate.table.columns]
    return [name for name in names if name.casefold() in wanted] or names[:1]


def _named_columns(query: exp.Query, tables: list[exp.Table]) -> frozenset[str] | None:
    """Give all folded names of the query, or None if it takes columns that it does not name.

    Fewer columns make a shorter statement (a gate of 200 columns has 8,000 characters) and less to copy behind a fence.
    """
    sources = {table.alias_or_name.casefold() for table in tables} | {
        alias.name.casefold() for alias in query.find_all(exp.TableAlias)
    }
    for node in query.walk():
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            return None
        if isinstance(node, exp.Columns | exp.Pivot) or (
            isinstance(node, exp.Join) and node.method.upper() == "NATURAL"
        ):
            return None
        if isinstance(node, exp.Column) and not node.table and node.name.casefold() in sources:
            return None  # a whole row
    return frozenset(one.name.casefold() for one in query.find_all(exp.Identifier))


def is_part_of_hint(table: exp.Table) -> bool:
    """True if it is no table but the name of an index."""
    return isinstance(table.parent, exp.Table) and table.arg_key == "indexed"


def cte_of(table: exp.Table, dialect: str) -> exp.CTE | None:
    """Give the CTE that a reference means; None if it means a table."""
    if table.args.get("db") is not None or table.args.get("catalog") is not None:
        return None
    name = _key(table.this, dialect)
    child: exp.Expr = table
    inside: exp.Expr | None = None
    while child.parent is not None:
        parent = child.parent
        if isinstance(parent, exp.With):
            inside = child
        elif (ctes := parent.args.get("with_")) is not None:
            known: list[exp.CTE] = list(ctes.expressions)
            if ctes is child and not ctes.args.get("recursive") and dialect != "sqlite":
                known = known[: next(number for number, one in enumerate(known) if one is inside)]
            for cte in reversed(known):
                if _key(cte.args["alias"].this, dialect) == name:
                    return cte
        child = parent
    return None


def _key(identifier: exp.Identifier, dialect: str) -> str:
    plain = _plain(identifier, dialect)
    return plain if dialect in _FOLDS_UNQUOTED else plain.casefold()
