"""What a database looks like: tables, columns, keys, and what is known of their values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from agentsql.types import Cell


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table or view."""

    name: str
    type: str
    """As the database declares it; empty if it declares none."""
    nullable: bool = True
    comment: str = ""
    """From the database, a description file or the user's notes."""
    values: tuple[Cell, ...] = ()
    """Distinct non-null values, sorted; all of them if `values_complete`, else a sample."""
    values_complete: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that point at the columns of another table, pairwise."""

    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table or view."""

    name: str
    """Unique in its schema object: `orders`, or `sales.orders` where it is not in the default schema there."""
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    comment: str = ""
    rows: int | None = None
    """Row count; None if it was not counted."""
    kind: Literal["table", "view"] = "table"
    namespace: str = ""
    """The database's schema that it is in, where that is not the default one; then `name` begins with it and a dot."""
    definition: str = ""
    """Of a view: its query, or the statement that made it; empty where it cannot be read. Never part of a prompt."""
    stored: bool = False
    """True of a materialised view, which keeps the rows it had when it was filled."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The identifiers that name it in SQL, each to be quoted by itself; see `quote.quote_table`."""
        return (self.namespace, self.name[len(self.namespace) + 1 :]) if self.namespace else (self.name,)

    def column(self, name: str) -> Column | None:
        """Give the column of that name, letter case ignored."""
        folded = name.casefold()
        return next((column for column in self.columns if column.name.casefold() == folded), None)


@dataclass(frozen=True, slots=True)
class Schema:
    """All tables and views of one database, sorted by name."""

    dialect: str
    """The sqlglot name of the SQL dialect, such as `sqlite`."""
    tables: tuple[Table, ...]
    fingerprint: str = ""
    """SHA-256 of the structure (names, types, keys), not of the data."""
    namespaces: tuple[str, ...] = ()
    """The database's schemas that were read, the default one first; empty where it knows none."""

    def table(self, name: str) -> Table | None:
        """Give the table of that name, letter case ignored."""
        folded = name.casefold()
        return next((table for table in self.tables if table.name.casefold() == folded), None)

    def written(self, name: str, namespace: str = "") -> Table | None:
        """Give the table that SQL means by `namespace.name` or by `name` alone, letter case ignored.

        Without a namespace that is the table of the default schema; in PostgreSQL and DuckDB, whose search path holds
        all schemas that were read, else the one of the first schema that has it.
        """
        folded, own = name.casefold(), namespace.casefold()
        if own and self.namespaces and own != self.namespaces[0].casefold():
            return self.table(f"{namespace}.{name}")
        same = [table for table in self.tables if table.parts[-1].casefold() == folded]
        if own or self.dialect not in ("postgres", "duckdb"):
            return next((table for table in same if not table.namespace), None)
        return min(same, key=lambda table: ("", *self.namespaces).index(table.namespace), default=None)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    def __hash__(self) -> int:
        # Caches ask for it with every prompt; over all fields it takes 5 ms for 800 tables.
        return hash((self.fingerprint, len(self.tables)))
