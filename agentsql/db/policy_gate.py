"""Gates: the derived table that stands for a table in every query, with the columns, cells and rows one may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from sqlglot import exp, parse_one
from sqlglot.dialects.mysql import MySQL

from agentsql.db.hashing import HASH_FUNCTION
from agentsql.db.policy import Mask, Rules
from agentsql.db.schema import Column, Schema, Table
from agentsql.errors import PolicyError

_STARS = "'****'"
_LAST4 = {
    "sqlite": f"CASE WHEN LENGTH(CAST(c AS TEXT)) >= 8 THEN {_STARS} || SUBSTR(CAST(c AS TEXT), -4) "
    f"WHEN NOT c IS NULL THEN {_STARS} END",
    "mysql": f"CASE WHEN CHAR_LENGTH(CAST(c AS CHAR)) >= 8 THEN CONCAT({_STARS}, RIGHT(CAST(c AS CHAR), 4)) "
    f"WHEN NOT c IS NULL THEN {_STARS} END",
    "": f"CASE WHEN LENGTH(CAST(c AS TEXT)) >= 8 THEN {_STARS} || RIGHT(CAST(c AS TEXT), 4) "
    f"WHEN NOT c IS NULL THEN {_STARS} END",
}
"""A text of fewer than 8 characters shows nothing: four of five would be most of it."""
_HASH = {
    "sqlite": f"{HASH_FUNCTION}(k, CAST(c AS BLOB))",
    "postgres": "SUBSTRING(ENCODE(SHA256(CONVERT_TO(k || CAST(c AS TEXT), 'UTF8')), 'hex'), 1, 16)",
    "duckdb": "SUBSTRING(SHA256(k || CAST(c AS TEXT)), 1, 16)",
    "mysql": "SUBSTRING(SHA2(CONCAT(k, CAST(c AS CHAR)), 256), 1, 16)",
}
_NULL = "CASE WHEN 1 = 0 THEN c END"
"""It has the column's own type, so that comparisons go on compiling."""


def _widest(select: exp.Select) -> exp.Select:
    return select.limit(9_223_372_036_854_775_807)


_FENCES: dict[str, Callable[[exp.Select], exp.Select]] = {
    "postgres": lambda select: select.offset(0),
    "redshift": lambda select: select.offset(0),
    "sqlite": lambda select: select.limit(exp.Neg(this=exp.Literal.number(1))),
    "mysql": lambda select: select.limit(18_446_744_073_709_551_615),
}
"""A bound that bounds nothing, which keeps the planner from asking a query's own conditions before the filter. They
could tell of hidden rows by failing: `1 / (name = 'x')`."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One table as one principal sees it."""

    table: Table
    """As it is seen: without hidden columns."""
    source: exp.Table
    """As it stands in the database."""
    concerned: bool
    """True if a rule hides, filters or masks something of it, or of what a view reads."""
    cells: Mapping[str, exp.Expr]
    """By column: what is read in its place, where that is not the column itself."""
    condition: exp.Expr | None
    dialect: str
    body: exp.Query | None = None
    """Of a view: what its definition becomes under the policy, read in the place of `source`."""
    joins: int = 0
    """Joins in the body."""

    def select(self, columns: Collection[str] | None = None) -> exp.Select:
        """Give the query that stands for the table, with all of its columns or those named."""
        chosen = [one.name for one in self.table.columns if columns is None or one.name in columns]
        select = exp.select(*map(self._cell, chosen)).from_(self._read())
        if self.condition is None:
            return select
        return _FENCES.get(self.dialect, _widest)(select.where(self.condition.copy()))

    def _read(self) -> exp.Expr:
        if self.body is None:
            return self.source.copy()
        return exp.Subquery(this=self.body.copy(), alias=exp.TableAlias(this=self.source.this.copy()))

    def _cell(self, column: str) -> exp.Expr:
        name = exp.to_identifier(column, quoted=True)
        cell = self.cells[column].copy() if column in self.cells else own_column(column, self.source)
        return exp.alias_(cell, name)


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
    hidden: frozenset[str] = frozenset()
    """Folded names of hidden tables and columns that nothing visible shares."""
    filtered: tuple[str, ...] = ()
    """Visible tables with a row filter."""
    masked: tuple[str, ...] = ()
    """Masked columns as `table.column`."""
    digest: str = ""
    """Hash of all that decides what is seen; equal for two principals who see the same."""
    unproven: Mapping[str, str] = field(default_factory=dict, compare=False)
    """By view that no rule hides by name: why it is hidden all the same; for administrators only."""
    parsed: dict[tuple[str, tuple[str, ...]], exp.Expr] = field(default_factory=dict, compare=False, repr=False)
    """Gates as the parser reads them back, by table and columns; parsing one anew takes as long as a query."""


class _MySQLWriter(MySQL):
    """Writes `a REGEXP b` as it was: MariaDB has no function REGEXP_LIKE."""

    class Generator(MySQL.Generator):  # type: ignore[misc,valid-type]  # sqlglot sets it while a dialect is made
        TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
            **MySQL.Generator.TRANSFORMS,
            exp.RegexpLike: lambda self, node: (
                self.function_fallback_sql(node) if node.args.get("flag") else self.binary(node, "REGEXP")
            ),
        }


def written(query: exp.Query, dialect: str) -> str:
    """Give the text that the database is sent."""
    return query.sql(dialect=_MySQLWriter if dialect == "mysql" else dialect, comments=False)


def gate_source(table: Table, schema: Schema) -> exp.Table:
    """Give the table as it stands in a gate's FROM: quoted, and with its schema wherever the database has several."""
    home = schema.namespaces[:1] if schema.dialect != "sqlite" else ()
    *namespace, name = table.parts if table.namespace else (*home, *table.parts)
    parent = exp.to_identifier(namespace[0], quoted=True) if namespace else None
    return exp.table_(exp.to_identifier(name, quoted=True), db=parent)


def own_column(column: str, source: exp.Table) -> exp.Column:
    """Give the column of the table itself."""
    return exp.column(exp.to_identifier(column, quoted=True), table=exp.to_identifier(source.name, quoted=True))


def masked(column: Column, mask: Mask, source: exp.Table, dialect: str, key: str) -> exp.Expr:
    """Give the expression that stands for a masked column.

    Raises:
        PolicyError: this dialect has no hash.
    """
    if mask == "hash" and dialect not in _HASH:
        known = ", ".join(sorted(_HASH))
        raise PolicyError(
            f"the mask 'hash' of {source.name}.{column.name} is not possible on {dialect or 'this database'}, "
            f"only on {known}; take null or last4"
        )
    text = _NULL if mask == "null" else (_HASH if mask == "hash" else _LAST4).get(dialect, _LAST4[""])
    template = exp.Paren(this=parse_one(text, read=dialect if dialect in _HASH else "postgres"))
    for slot in list(template.find_all(exp.Column)):
        slot.replace(exp.Literal.string(key) if slot.name == "k" else own_column(column.name, source))
    masked: exp.Expr = template.this
    return masked
