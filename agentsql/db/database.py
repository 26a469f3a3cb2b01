"""The contract of an open database; a database plugin gives one of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from agentsql.db.schema import Schema
from agentsql.types import ExecutionResult, QueryFailure


@dataclass(frozen=True, slots=True)
class Enforced:
    """One thing that this database is kept from, and by what; `agentsql doctor --db` shows them."""

    what: str
    """Such as `no writes` or `time limit`."""
    by: str
    """What enforces it, or what is missing."""
    holds: bool = True
    """False if it is enforced in part only; then the guard, the first lock, is all there is for the rest."""
    remedy: tuple[str, ...] = ()
    """SQL statements for an administrator that would make it hold."""


class Database(Protocol):
    """One database, opened so that nothing can be written through it. Safe to use from several threads."""

    name: str
    """For messages and file names; never holds a password."""
    dialect: str
    """The sqlglot name of its SQL dialect."""
    product: str
    """What prompts call it, with the version where that matters: `SQLite`, `PostgreSQL 15`, `MariaDB 10.11`."""

    def schema(self) -> Schema:
        """Give the schema, from the cache while the structure is unchanged.

        Raises:
            DatabaseError: it cannot be read, or it holds no table.
        """

    def check(self, sql: str) -> QueryFailure | None:
        """Give why `sql` may not or cannot run (first lock, then names), without executing it; None if it may."""

    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        """Execute one query through both locks; what goes wrong comes back as the result's error."""

    def data_stamp(self) -> Mapping[str, int | str] | None:
        """Give what differs between databases, and between states of one database's data.

        None where that cannot be told; then no values of it are kept on disk.
        """

    def enforcement(self) -> tuple[Enforced, ...]:
        """Give what the connection itself enforces, the second lock, whatever the guard lets through.

        Where the role in use could write anyway, one of them does not hold, names the privileges and says how to get
        a role without them.

        Raises:
            DatabaseError: the database cannot be asked.
        """

    def close(self) -> None:
        """Close every connection it opened."""
