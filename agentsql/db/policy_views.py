"""Views under a policy: the query that a view is, rewritten as if the principal had written it, stands for the view.

A view runs with the rights of whoever made it and sees all rows of its tables. So none is read as it is: its definition
is parsed, its tables get their gates, and the proof that every query goes through is made of it (`policy_rewrite.py`).
What cannot be read, parsed or proven, or reads what the principal does not see, stays hidden.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol

from sqlglot import TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.db.names import check_names
from agentsql.db.policy import Rules
from agentsql.db.policy_gate import Access, Gate
from agentsql.db.policy_rewrite import Proven, cte_of, gated, is_part_of_hint, table_of
from agentsql.db.policy_view_columns import as_declared, not_shown
from agentsql.db.schema import Schema, Table

logger = logging.getLogger(__name__)

_KEPT = 2000
"""Definitions, and bodies made of them, that are kept for the principals to come and for the schema's next reading."""


_BODIES: dict[tuple[object, ...], Proven] = {}
"""By all that decides what a definition becomes: making one takes as long as a query, and there may be hundreds."""


class Make(Protocol):
    """Makes the gate of a view, which is read as it is if it has no body, and keeps it where the others are."""

    def __call__(self, view: Table, body: exp.Query | None = None, joins: int = 0, *, concerned: bool = False) -> None:
        """Take a view, what its definition became, the joins in that, and whether a rule concerns what it reads."""


def add_views(
    waiting: dict[str, Table],
    gates: Mapping[str, Gate],
    make: Make,
    *,
    schema: Schema,
    rules: Rules,
    shown: Mapping[str, Collection[str]],
    named: Collection[str],
) -> dict[str, str]:
    """Make the gate of each view that can be shown, those that it reads first; give by name why the others cannot.

    Args:
        waiting: the views; emptied.
        gates: of the tables, and of views that are read as they are; those that `make` makes are in it too.
        schema: all that the database has.
        shown: by view, the columns that no rule hides by name.
        named: the views that the policy allows by name, not by a glob.
    """
    making = _Making(waiting, gates, make, schema, rules, shown, named, {one.name: one for one in schema})
    while waiting:
        making.add(next(iter(waiting.values())))
    for name, why in making.unproven.items():
        logger.debug("the view %s stays hidden: %s", name, why)
    return making.unproven


@dataclass(slots=True)
class _Making:
    """One round of making gates; what it starts from are the arguments of `add_views`."""

    waiting: dict[str, Table]
    gates: Mapping[str, Gate]
    make: Make
    schema: Schema
    rules: Rules
    shown: Mapping[str, Collection[str]]
    named: Collection[str]
    tables: Mapping[str, Table]
    """All of the schema, by name."""
    unproven: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    """What the bodies made so far are, by view."""
    parsed: dict[tuple[str, tuple[str, ...]], exp.Expr] = field(default_factory=dict)

    def add(self, view: Table) -> None:
        """Make the gate of a view and of those it reads, or keep the reason why there is none."""
        del self.waiting[view.name]
        try:
            self._add(view)
        except StatementRefused as refused:
            self.unproven[view.name] = refused.failure.message
        except RecursionError:
            self.unproven[view.name] = "it nests too deeply"

    def _add(self, view: Table) -> None:
        query = as_declared(_parsed(view, self.schema, self.rules), view, self.shown[view.name], self.schema)
        reads = sorted(_tables_of(query, self.schema))
        for name in reads:
            if name in self.waiting:
                self.add(self.waiting[name])
        if hidden := [name or "what is not in the schema" for name in reads if name not in self.gates]:
            raise not_shown(f"it reads {hidden[0]}")
        concerned = any(self.gates[name].concerned for name in reads)
        if view.stored:
            _check_stored(view, self.named, concerned=concerned)
            self.make(view)
            return
        body = self._body(view, query, reads)
        self.texts[view.name] = body.text
        self.make(view, body.query, body.joins, concerned=concerned)

    def _body(self, view: Table, query: exp.Query, reads: list[str]) -> Proven:
        schema, rules, prefix = self.schema, self.rules, f"v{list(self.tables).index(view.name)}_"
        objects = frozenset(name.casefold() for name in self.tables)
        key = (
            *(view.definition, _names(view), frozenset(self.shown[view.name]), prefix),
            *(schema.dialect, schema.namespaces, objects),
            *(rules.functions, rules.denied_functions, rules.joins, repr(rules.required)),
            *((_names(self.tables[name]), _decided(self.gates[name]), self.texts.get(name)) for name in reads),
        )
        if key not in _BODIES:
            gates = {name: self.gates[name] for name in reads}
            seen = replace(schema, tables=tuple(gate.table for gate in gates.values()))
            made = _made(query, Access(seen, gates, rules, objects, parsed=self.parsed), schema, prefix=prefix)
            if len(_BODIES) >= _KEPT:
                _BODIES.clear()
            _BODIES[key] = made
            return made
        return _BODIES[key]


def _names(table: Table) -> tuple[str, ...]:
    return (table.name, *(column.name for column in table.columns))


def _decided(gate: Gate) -> tuple[object, ...]:
    """Give what a gate shows, but for its body."""
    cells = tuple((name, cell.sql(gate.dialect)) for name, cell in gate.cells.items())
    return _names(gate.table), cells, gate.condition.sql(gate.dialect) if gate.condition is not None else ""


def _check_stored(view: Table, named: Collection[str], *, concerned: bool) -> None:
    """Raise unless a materialised view may be read: its rows were made for no principal, so no filter reaches them.

    It has to be allowed by name besides, because rows that its tables have lost meanwhile may be in it.
    """
    if view.name not in named:
        raise not_shown("it is materialised, and no rule allows it by name")
    if concerned:
        raise not_shown("it is materialised, and rules concern what it reads")


def _tables_of(query: exp.Query, schema: Schema) -> set[str]:
    """Give the names of all tables and views that a query reads; an empty one for what the schema does not have."""
    tables = (one for one in query.find_all(exp.Table) if isinstance(one.this, exp.Identifier))
    read = (one for one in tables if not is_part_of_hint(one) and cte_of(one, schema.dialect) is None)
    return {found.name if (found := table_of(one, schema)) else "" for one in read}


def _parsed(view: Table, schema: Schema, rules: Rules) -> exp.Query:
    """Give a copy of the query that the view is.

    Raises:
        StatementRefused: its definition is not known, or is nothing that a caller might ask.
    """
    if not view.definition:
        raise not_shown("its definition cannot be read")
    return _read(view.definition, schema.dialect, rules.functions).copy()


@lru_cache(maxsize=_KEPT)
def _read(definition: str, dialect: str, functions: tuple[str, ...]) -> exp.Query:
    return read_only_query(_query_of(definition, dialect), dialect, functions=functions)


def _query_of(definition: str, dialect: str) -> str:
    """Give the query of `CREATE VIEW name (columns) AS query`, or what is a query already."""
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(definition)
    except SqlglotError as problem:
        raise not_shown("its definition cannot be understood") from problem
    if not tokens or tokens[0].token_type != TokenType.CREATE:
        return definition
    depth = 0
    for token in tokens:
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if token.token_type == TokenType.ALIAS and not depth:
            return definition[token.end + 1 :]
    raise not_shown("its definition cannot be understood")


def _made(query: exp.Query, access: Access, schema: Schema, *, prefix: str) -> Proven:
    """Give what the definition becomes under the policy, proven.

    Raises:
        StatementRefused: it reads what is not visible, breaks a rule, or cannot be proven.
    """
    failure = check_names(_without_texts(query), access.schema)
    if failure is not None:
        raise not_shown(failure.message)
    if (hidden := next(_hidden_names(query, access, schema), None)) is not None:
        raise not_shown(f"it reads {hidden}")
    return gated(query, access, prefix=prefix)


def _without_texts(query: exp.Query) -> exp.Query:
    """Give the query with no column quoted: SQLite takes a quoted one that is not there for a text, we do not."""
    query = query.copy()
    for column in query.find_all(exp.Column):
        if isinstance(column.this, exp.Identifier):
            column.this.set("quoted", False)
    return query


def _hidden_names(query: exp.Query, access: Access, schema: Schema) -> Iterator[str]:
    """Give the columns named that a table has and the principal does not see, however the name may be resolved."""
    visible = {column.name.casefold() for table in access.schema for column in table.columns}
    real = (table for table in schema if table.name in access.gates)
    hidden = {column.name.casefold() for table in real for column in table.columns} - visible
    return (column.name for column in query.find_all(exp.Column) if column.name.casefold() in hidden)
