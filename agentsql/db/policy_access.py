"""A policy held against a schema: what one principal sees of one database."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from sqlglot import exp

from agentsql.db.policy import Mask, Policy, Rules
from agentsql.db.policy_filter import RowFilter, parse_filter
from agentsql.db.policy_gate import Access, Gate, gate_source, masked
from agentsql.db.policy_views import add_views
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.errors import PolicyError, nearest
from agentsql.types import Principal

_WORD = re.compile(r"\w+")
_SHORT = 3
"""Letters; a shorter hidden name is part of too many comments to be sought in them."""


def check_policy(policy: Policy, schema: Schema) -> None:
    """Raise unless everything that the policy names exactly is there.

    Raises:
        PolicyError: a name is not in the schema, a filter is no condition on its table, or a mask is not possible.
    """
    for rules in (policy.rules, *policy.roles.values()):
        _check_names(rules, schema)
        for filters in _filters(rules, schema).values():
            for one in filters:
                one.example()
        for table in schema:
            for column in table.columns:
                if mask := _mask(table, column, rules):
                    masked(column, mask, gate_source(table, schema), schema.dialect, policy.hash_key)


def access_for(policy: Policy, principal: Principal, schema: Schema) -> Access:
    """Give what the principal sees of a database with this schema.

    Raises:
        PolicyError: it names what is not there, needs an attribute that the principal lacks, or lets no table be seen.
    """
    rules = policy.rules_for(principal)
    _check_names(rules, schema)
    made = _Gates(policy.hash_key, principal, rules, schema)
    waiting = {}
    for table in schema:
        if made.columns[table.name]:
            if table.kind == "table" or not made.restricts or _fits(_names(table), rules.views):
                made.add(table)
            else:
                waiting[table.name] = table
    unproven = made.add_views(waiting)
    gates = made.gates
    if not gates:
        who = f"the principal {principal.name!r}" if principal.name else "an unnamed caller"
        raise PolicyError(f"the policy lets {who} see no table of this database; allow one in [tables]")
    decides = [sorted(rules.functions), sorted(rules.denied_functions), rules.joins, *made.decided()]
    digest = hashlib.sha256(json.dumps([schema.fingerprint, *decides]).encode()).hexdigest()[:32]
    return _access(schema, gates, rules, digest, unproven)


class _Gates:
    """The gates of one principal, as they are made."""

    def __init__(self, hash_key: str, principal: Principal, rules: Rules, schema: Schema) -> None:
        self.gates: dict[str, Gate] = {}
        self._key = hash_key
        self._principal = principal
        self._rules = rules
        self._schema = schema
        self._filters = _filters(rules, schema)
        self.columns = {one.name: _columns(one, rules) if _is_allowed(_names(one), rules) else () for one in schema}
        self.restricts = _limits_queries(rules) or any(map(self._is_concerned, schema))
        """True if any rule holds that a view could be a way around."""

    def add(self, view: Table, body: exp.Query | None = None, joins: int = 0, *, concerned: bool = False) -> None:
        """Make the gate of a table, of a view that is read as it is, or of one with a body."""
        source, columns = gate_source(view, self._schema), self.columns[view.name]
        masks = self._masks(view)
        cells = {
            one.name: masked(one, masks[one.name], source, self._schema.dialect, self._key)
            for one in columns
            if one.name in masks
        }
        condition = None
        for one in self._filters.get(view.name, ()):
            bound = one.bound(self._principal)
            condition = bound if condition is None else condition.and_(bound)
        seen = _seen(view, columns, masks, without_values=condition is not None or concerned)
        concerned = concerned or self._is_concerned(view)
        self.gates[view.name] = Gate(seen, source, concerned, cells, condition, self._schema.dialect, body, joins)

    def add_views(self, waiting: dict[str, Table]) -> dict[str, str]:
        """Add the views that can be shown; give by name why the others cannot."""
        shown = {name: {column.name for column in self.columns[name]} for name in waiting}
        named = {name for name, view in waiting.items() if _is_named(view, self._rules)}
        return add_views(
            waiting, self.gates, self.add, schema=self._schema, rules=self._rules, shown=shown, named=named
        )

    def decided(self) -> Iterator[object]:
        """Give what of the gates decides what is seen, the key of hashes left out."""
        for table in self._schema:
            if table.name in self.gates:
                gate, masks = self.gates[table.name], self._masks(table)
                texts = [one.sql(gate.dialect) if one is not None else "" for one in (gate.condition, gate.body)]
                columns = [[one.name, masks.get(one.name)] for one in gate.table.columns]
                yield [table.name, columns, *(text.replace(self._key, "") for text in texts)]

    def _masks(self, table: Table) -> dict[str, Mask]:
        columns = self.columns[table.name]
        return {one.name: mask for one in columns if (mask := _mask(table, one, self._rules))}

    def _is_concerned(self, table: Table) -> bool:
        """True if a rule hides, filters or masks the table or something of it."""
        is_partial = len(self.columns[table.name]) < len(table.columns)
        return table.name in self._filters or is_partial or bool(self._masks(table))


def _limits_queries(rules: Rules) -> bool:
    return bool(rules.required or rules.denied_functions) or rules.joins is not None


def _is_named(view: Table, rules: Rules) -> bool:
    """True if it is allowed by name, not by a glob that it happens to fit."""
    return any(not _is_glob(one) and _fits(_names(view), (one,)) for one in rules.tables)


def _is_glob(name: str) -> bool:
    return any(sign in name for sign in "*?[")


def _access(
    schema: Schema, gates: Mapping[str, Gate], rules: Rules, digest: str, unproven: Mapping[str, str]
) -> Access:
    visible = {name.casefold() for name in gates} | {
        column.name.casefold() for gate in gates.values() for column in gate.table.columns
    }
    every = {table.name.casefold() for table in schema} | {
        column.name.casefold() for table in schema for column in table.columns
    }
    hidden = frozenset(every - visible)
    shown = (gates[table.name] for table in schema if table.name in gates)  # views came last
    seen = {gate.table.name: _without_traces(_with_visible_keys(gate.table, gates), hidden) for gate in shown}
    return Access(
        schema=replace(schema, tables=tuple(seen.values()), fingerprint=hashlib.sha256(digest.encode()).hexdigest()),
        gates={name: replace(gates[name], table=table) for name, table in seen.items()},
        rules=rules,
        objects=frozenset(table.name.casefold() for table in schema),
        hidden=hidden,
        filtered=tuple(name for name, gate in gates.items() if gate.condition is not None),
        masked=tuple(f"{name}.{column}" for name, gate in gates.items() for column in gate.cells),
        digest=digest,
        unproven=unproven,
    )


def _names(table: Table) -> tuple[str, ...]:
    """Give what globs are held against: the name with its schema, and without."""
    return tuple(dict.fromkeys((table.name.casefold(), table.parts[-1].casefold())))


def _column_names(table: Table, column: Column) -> tuple[str, ...]:
    return tuple(f"{name}.{column.name.casefold()}" for name in _names(table))


def _fits(names: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern.casefold()) for pattern in patterns for name in names)


def _is_allowed(names: tuple[str, ...], rules: Rules) -> bool:
    return _fits(names, rules.tables) and not _fits(names, rules.denied_tables)


def _columns(table: Table, rules: Rules) -> tuple[Column, ...]:
    allowed = ((column, _column_names(table, column)) for column in table.columns)
    return tuple(
        column for column, names in allowed if _fits(names, rules.columns) and not _fits(names, rules.denied_columns)
    )


def _mask(table: Table, column: Column, rules: Rules) -> Mask | None:
    """Give the strictest mask of the globs that fit."""
    names = _column_names(table, column)
    found = {mask for pattern, mask in rules.masks.items() if _fits(names, (pattern,))}
    return next((mask for mask in _STRICTEST_FIRST if mask in found), None)


_STRICTEST_FIRST: tuple[Mask, ...] = ("null", "hash", "last4")


def _filters(rules: Rules, schema: Schema) -> dict[str, tuple[RowFilter, ...]]:
    """Give the filters by table; all that fit a table hold."""
    found: dict[str, tuple[RowFilter, ...]] = {}
    for pattern, text in rules.rows.items():
        for table in schema:
            if _fits(_names(table), (pattern,)) and text.strip():
                parsed = parse_filter(table, gate_source(table, schema), text, schema.dialect)
                found[table.name] = (*found.get(table.name, ()), parsed)
    return found


def _check_names(rules: Rules, schema: Schema) -> None:
    """Raise for a name without `*` or `?` that fits nothing: a misspelt denial would deny nothing."""
    tables = [name for table in schema for name in _names(table)]
    columns = [name for table in schema for column in table.columns for name in _column_names(table, column)]
    wanted = (
        *(("table", name, tables) for name in (*rules.tables, *rules.denied_tables, *rules.views)),
        *(("table", name, tables) for name in (*rules.rows, *rules.required)),
        *(("column", name, columns) for name in (*rules.columns, *rules.denied_columns, *rules.masks)),
        *(("column", f"{name}.{one}", columns) for name, ones in rules.required.items() for one in ones),
    )
    for what, name, known in wanted:
        if what == "column" and "." not in name:
            raise PolicyError(
                f"the policy names {name!r}, but a column is written table.column; *.{name} is that of all"
            )
        if not _is_glob(name) and not _fits(known, (name,)):
            meant = nearest(name, known) or "; correct it, or write a glob if it may be missing"
            raise PolicyError(f"the policy names the {what} {name!r}, which is not in the database{meant}")


def _seen(table: Table, columns: tuple[Column, ...], masks: Mapping[str, Mask], *, without_values: bool) -> Table:
    seen = []
    for column in columns:
        if column.name in masks:
            kind = column.type if masks[column.name] == "null" else "TEXT"
            column = replace(column, type=kind, nullable=True, values=(), values_complete=False)
        elif without_values:
            column = replace(column, values=(), values_complete=False)
        seen.append(column)
    names = {column.name for column in columns}
    primary_key = table.primary_key if names.issuperset(table.primary_key) else ()
    return replace(
        table, columns=tuple(seen), primary_key=primary_key, rows=None if without_values else table.rows, definition=""
    )


def _with_visible_keys(table: Table, gates: Mapping[str, Gate]) -> Table:
    return replace(table, foreign_keys=tuple(key for key in table.foreign_keys if _is_seen(table, key, gates)))


def _is_seen(table: Table, key: ForeignKey, gates: Mapping[str, Gate]) -> bool:
    """True if both ends are visible and can still be compared: both plain."""
    target = gates.get(key.to_table)
    if target is None or not all(table.column(name) for name in key.columns):
        return False
    own = gates[table.name].cells
    return all(target.table.column(name) and name not in target.cells for name in key.to_columns) and not any(
        name in own for name in key.columns
    )


def _without_traces(table: Table, hidden: frozenset[str]) -> Table:
    """Drop the comments that speak of what is hidden."""

    def clean(comment: str) -> str:
        words = {word.casefold() for word in _WORD.findall(comment)}
        told = any(
            len(name) >= _SHORT and (name in words or (" " in name and name in comment.casefold())) for name in hidden
        )
        return "" if told else comment

    columns = tuple(replace(column, comment=clean(column.comment)) for column in table.columns)
    return replace(table, comment=clean(table.comment), columns=columns)
