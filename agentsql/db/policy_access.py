"""A policy held against a schema: what one principal sees of one database."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from sqlglot import exp

from agentsql.db.policy import Mask, Policy, Rules
from agentsql.db.policy_filter import RowFilter, parse_filter
from agentsql.db.policy_gate import Gate, gate_source, masked
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.errors import PolicyError, nearest
from agentsql.types import Principal

_WORD = re.compile(r"\w+")
_SHORT = 3
"""Letters; a shorter hidden name is part of too many comments to be sought in them."""


@dataclass(frozen=True, slots=True)
class Access:
    """What one principal sees."""

    schema: Schema
    """Without what is hidden; tables with a filter and masked columns hold no values."""
    gates: Mapping[str, Gate]
    """By the table's name, exactly as the database has it."""
    rules: Rules
    objects: frozenset[str]
    """Folded names of all tables and views there are, hidden ones too."""
    hidden: frozenset[str]
    """Folded names of hidden tables and columns that nothing visible shares."""
    filtered: tuple[str, ...]
    """Visible tables with a row filter."""
    masked: tuple[str, ...]
    """Masked columns as `table.column`."""
    digest: str
    """Hash of all that decides what is seen; equal for two principals who see the same."""
    parsed: dict[tuple[str, tuple[str, ...]], exp.Expr] = field(default_factory=dict, compare=False, repr=False)
    """Gates as the parser reads them back, by table and columns; parsing one anew takes as long as a query."""


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
    filters = _filters(rules, schema)
    shown = {table.name: _columns(table, rules) for table in schema if _is_allowed(_names(table), rules)}
    restricts = bool(filters) or any(
        len(shown.get(table.name, ())) < len(table.columns) or any(_mask(table, one, rules) for one in table.columns)
        for table in schema
    )
    gates: dict[str, Gate] = {}
    decides: list[object] = [sorted(rules.functions), sorted(rules.denied_functions), rules.joins]
    for table in schema:
        columns = shown.get(table.name, ())
        if not columns or (table.kind != "table" and restricts and not _fits(_names(table), rules.views)):
            continue
        source = gate_source(table, schema)
        masks = {column.name: mask for column in columns if (mask := _mask(table, column, rules))}
        cells = {
            column.name: masked(column, masks[column.name], source, schema.dialect, policy.hash_key)
            for column in columns
            if column.name in masks
        }
        condition = None
        for one in filters.get(table.name, ()):
            bound = one.bound(principal)
            condition = bound if condition is None else condition.and_(bound)
        seen = _seen(table, columns, masks, is_filtered=condition is not None)
        gates[table.name] = Gate(seen, source, cells, condition, schema.dialect)
        text = condition.sql(schema.dialect) if condition is not None else ""
        decides.append([table.name, [[one.name, masks.get(one.name)] for one in columns], text])
    if not gates:
        who = f"the principal {principal.name!r}" if principal.name else "an unnamed caller"
        raise PolicyError(f"the policy lets {who} see no table of this database; allow one in [tables]")
    digest = hashlib.sha256(json.dumps([schema.fingerprint, *decides]).encode()).hexdigest()[:32]
    return _access(schema, gates, rules, digest)


def _access(schema: Schema, gates: Mapping[str, Gate], rules: Rules, digest: str) -> Access:
    visible = {name.casefold() for name in gates} | {
        column.name.casefold() for gate in gates.values() for column in gate.table.columns
    }
    every = {table.name.casefold() for table in schema} | {
        column.name.casefold() for table in schema for column in table.columns
    }
    hidden = frozenset(every - visible)
    tables = tuple(_without_traces(_with_visible_keys(gate.table, gates), hidden) for gate in gates.values())
    return Access(
        schema=replace(schema, tables=tables, fingerprint=hashlib.sha256(digest.encode()).hexdigest()),
        gates={name: replace(gate, table=table) for (name, gate), table in zip(gates.items(), tables, strict=True)},
        rules=rules,
        objects=frozenset(table.name.casefold() for table in schema),
        hidden=hidden,
        filtered=tuple(name for name, gate in gates.items() if gate.condition is not None),
        masked=tuple(f"{name}.{column}" for name, gate in gates.items() for column in gate.cells),
        digest=digest,
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
        is_glob = any(sign in name for sign in "*?[")
        if not is_glob and not _fits(known, (name,)):
            meant = nearest(name, known) or "; correct it, or write a glob if it may be missing"
            raise PolicyError(f"the policy names the {what} {name!r}, which is not in the database{meant}")


def _seen(table: Table, columns: tuple[Column, ...], masks: Mapping[str, Mask], *, is_filtered: bool) -> Table:
    seen = []
    for column in columns:
        if column.name in masks:
            kind = column.type if masks[column.name] == "null" else "TEXT"
            column = replace(column, type=kind, nullable=True, values=(), values_complete=False)
        elif is_filtered:
            column = replace(column, values=(), values_complete=False)
        seen.append(column)
    names = {column.name for column in columns}
    primary_key = table.primary_key if names.issuperset(table.primary_key) else ()
    return replace(table, columns=tuple(seen), primary_key=primary_key, rows=None if is_filtered else table.rows)


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
