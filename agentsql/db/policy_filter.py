"""Row filters: parsed once, held against the table's columns, and bound to a principal as literals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from agentsql.db.schema import Table
from agentsql.errors import PolicyError, nearest
from agentsql.types import Principal

_PLACEHOLDER = re.compile(r"\{\s*principal\.([A-Za-z_]\w*)\s*\}")
_MARK = "agentsql_principal_"
"""A placeholder is parsed as a column of this name; what it stands for never passes through a parser."""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """A condition on one table, its placeholders still open."""

    table: str
    condition: exp.Expr
    attributes: frozenset[str]
    """What it needs to know of a principal."""

    def bound(self, principal: Principal) -> exp.Expr:
        """Give the condition for this principal.

        Raises:
            PolicyError: the principal lacks an attribute, or has one that is no value of SQL.
        """
        values = {name: self._value(principal, name) for name in sorted(self.attributes)}
        condition = exp.Paren(this=self.condition.copy())  # a parent for every mark
        for membership in list(condition.find_all(exp.In)):
            _fill_list(membership, values)
        for mark in list(_marks(condition)):
            value = values[mark.name.removeprefix(_MARK)]
            if isinstance(value, tuple):
                raise PolicyError(
                    f"the row filter of {self.table!r} compares {{principal.{mark.name.removeprefix(_MARK)}}} with =, "
                    f"but it is a list for {principal.name!r}; write IN"
                )
            mark.replace(_literal(value))
        filled: exp.Expr = condition.this
        return filled

    def example(self) -> exp.Expr:
        """Give the condition with NULL for every placeholder, to see whether a database can compile it."""
        return self.bound(Principal(attributes=dict.fromkeys(self.attributes)))

    def _value(self, principal: Principal, name: str) -> object:
        known: Mapping[str, object] = {"name": principal.name, **principal.attributes}
        if name not in known or (name == "name" and not principal.name and "name" not in principal.attributes):
            who = f"the principal {principal.name!r} has" if principal.name else "an unnamed caller has"
            raise PolicyError(
                f"the row filter of {self.table!r} needs the attribute {name!r}, which {who} not; "
                f"ask as a principal with attributes={{{name!r}: …}}"
            )
        value = known[name]
        found = tuple(value) if isinstance(value, list | tuple | set | frozenset) else value
        for one in found if isinstance(found, tuple) else (found,):
            if one is not None and not isinstance(one, str | bool | int | float | Decimal | date | time):
                raise PolicyError(
                    f"the attribute {name!r} of {principal.name!r} is a {type(one).__name__}; "
                    "row filters compare with texts, numbers and dates"
                )
        return found


def parse_filter(table: Table, source: exp.Table, text: str, dialect: str) -> RowFilter:
    """Give the filter that `text` is, its columns qualified with the table.

    Args:
        source: the table as it stands in the FROM that the condition belongs to.

    Raises:
        PolicyError: it is no condition of this dialect, or names a column that the table lacks.
    """
    what = f"the row filter of {table.name!r}"
    if _MARK in text:
        raise PolicyError(f"{what} may not hold the word {_MARK!r}; rename it")
    marked = _PLACEHOLDER.sub(lambda found: f"{_MARK}{found[1]}", text)
    try:
        condition: exp.Expr = parse_one(marked, read=dialect, into=exp.Condition)
    except (SqlglotError, RecursionError) as exc:
        reason = str(exc).splitlines()[0].rstrip(".")
        raise PolicyError(f"{what} is no condition in {dialect}: {reason}; write what would follow WHERE") from exc
    if not isinstance(condition, exp.Condition):
        raise PolicyError(f"{what} is no condition but {condition.key.upper()}; write what would follow WHERE")
    if any(_MARK in literal.name for literal in condition.find_all(exp.Literal)):
        raise PolicyError(f"{what} has a placeholder inside quotes; write it without them, it is quoted as it needs")
    attributes = frozenset(mark.name.removeprefix(_MARK) for mark in _marks(condition))
    condition = exp.Paren(this=condition)
    for column in list(condition.find_all(exp.Column)):
        if column.name.startswith(_MARK) or column.find_ancestor(exp.Query) is not None:
            continue
        real = table.column(column.name)
        if real is None or (column.table and column.table.casefold() != source.name.casefold()):
            meant = nearest(column.name, (one.name for one in table.columns)) or "; correct its name"
            raise PolicyError(f"{what} names {column.sql(dialect)}, which is no column of that table{meant}")
        column.set("this", exp.to_identifier(real.name, quoted=True))
        column.set("table", exp.to_identifier(source.name, quoted=True))
    return RowFilter(table.name, condition.this, attributes)


def _marks(condition: exp.Expr) -> Iterator[exp.Column]:
    return (one for one in condition.find_all(exp.Column) if one.name.startswith(_MARK))


def _fill_list(membership: exp.In, values: Mapping[str, object]) -> None:
    """Put the values of a list into `IN {principal.x}` or `IN ({principal.x})`; one of no values is never true."""
    field = membership.args.get("field")
    given = [field] if isinstance(field, exp.Column) else membership.expressions
    found: list[exp.Expr] = []
    for one in given:
        one = one.unnest()
        value = values.get(one.name.removeprefix(_MARK)) if isinstance(one, exp.Column) else None
        is_mark = isinstance(one, exp.Column) and one.name.startswith(_MARK)
        found += map(_literal, value if isinstance(value, tuple) else (value,)) if is_mark else [one.copy()]
    if field is not None and not field.name.startswith(_MARK):
        return
    if found or field is not None:
        membership.set("field", None)
        membership.set("expressions", found)
    if not found and not membership.args.get("query") and not membership.args.get("unnest"):
        membership.replace(exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0)))


def _literal(value: object) -> exp.Expr:
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | float | Decimal):
        return exp.Literal.number(str(value)) if value >= 0 else exp.Neg(this=exp.Literal.number(str(-value)))
    if isinstance(value, datetime):
        return exp.Literal.string(value.isoformat(sep=" "))
    return exp.Literal.string(value.isoformat() if isinstance(value, date | time) else str(value))
