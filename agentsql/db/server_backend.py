"""What differs between database servers: the contract of the modules `postgres`, `mysql` and `generic`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import Engine

from agentsql.db.cache import Marks, Stamp
from agentsql.db.database import Enforced
from agentsql.db.limits import Limits
from agentsql.db.schema import ForeignKey, Schema, Table
from agentsql.db.server_watch import Watch
from agentsql.types import Cell, QueryFailure, Row

COMPILE_S = 5.0
"""Seconds a server may take to plan a query that is only checked."""


class ConnectionLost(Exception):  # noqa: N818 - it carries a failure, and callers turn it into data
    """The connection cannot be used any more; `stale` if it was so before the query was sent."""

    def __init__(self, message: str, *, stale: bool) -> None:
        super().__init__(message)
        self.stale = stale


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query gave."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    truncated: bool


class Backend(Protocol):
    """One kind of server. Connections are those of its driver, lent by the pool; no method keeps one."""

    dialect: str
    """The sqlglot name."""
    errors: tuple[type[Exception], ...]
    """What its driver raises."""
    plans: bool
    """True if `explain` finds every name that does not exist."""

    def attach(self, engine: Engine) -> None:
        """Learn of the engine, which makes connections beside the pool; called once, before anything else."""

    def session(self, connection: Any, limits: Limits, namespaces: Sequence[str]) -> AbstractContextManager[None]:
        """Hold the second lock: nothing can be written meanwhile, and all is undone at the end.

        Raises:
            ConnectionLost: the server does not answer on this connection.
        """

    def read(self, connection: Any, sql: str, limits: Limits, watch: Watch) -> Rows:
        """Run a query inside `session`; the server has stopped working on it when this returns or raises."""

    def explain(self, connection: Any, sql: str, limits: Limits, watch: Watch) -> float | None:
        """Plan a query inside `session`, and give what the server thinks it costs; None where it does not say.

        Raises what the driver raises for a query that cannot be planned.
        """

    def failure(self, problem: Exception, limits: Limits) -> QueryFailure:
        """Sort what the driver raised."""

    def is_lost(self, connection: Any) -> bool:
        """True if the connection is of no use any more."""

    def product(self, connection: Any) -> str:
        """Give the name and version."""

    def namespaces(self, connection: Any, wanted: Sequence[str]) -> tuple[str, ...]:
        """Give the schemas to read, the default one first; `wanted`, spelled as the server has them, if not empty.

        Raises:
            DatabaseError: one of `wanted` does not exist.
        """

    def filled(self, connection: Any) -> tuple[str, ...]:
        """Give the schemas with tables that the role may read, for who has named one without."""

    def stamp(self, connection: Any, namespaces: Sequence[str]) -> Stamp:
        """Give what every change of the structure or of a comment changes, in one cheap query."""

    def marks(self, connection: Any, namespaces: Sequence[str]) -> Marks:
        """Give the marks of the tables that the server keeps account of, in one query; of views there are none."""

    def data_stamp(self, connection: Any, namespaces: Sequence[str]) -> Stamp | None:
        """Give what changes when much of the data has; None where the server keeps no count of that."""

    def structure(self, connection: Any, namespaces: Sequence[str]) -> Schema:
        """Read tables, columns, keys, comments and estimated row counts, with a few queries for all together."""

    def enforcement(self, connection: Any, namespaces: Sequence[str], limits: Limits) -> tuple[Enforced, ...]:
        """Give what is enforced; the entry `no writes` names the privileges by which the role could write anyway."""


def writes(by: str, privileges: Sequence[str], remedy: Sequence[str]) -> Enforced:
    """Give the entry `no writes`: it holds fully where the role has no privilege to write either."""
    if not privileges:
        return Enforced("no writes", f"{by}; the role has no privilege to write either")
    could = f"{by}; without that the role could write: {', '.join(privileges)}"
    return Enforced("no writes", could, holds=False, remedy=tuple(remedy))


class Collected:
    """Rows taken within the limits, however many come at once."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.rows: list[Row] = []
        self.truncated = False
        self._bytes = 0

    def wanted(self) -> int:
        """How many rows may be fetched at once: as many as fit an eighth of the bytes, after those seen so far."""
        if not self.rows:
            return min(10, self._limits.max_rows + 1)
        average = max(1, self._bytes // len(self.rows))
        fitting = max(1, self._limits.max_bytes // 8 // average)
        return min(fitting, self._limits.max_rows + 1 - len(self.rows))

    def add(self, row: Row) -> None:
        """Take a row, or set `truncated` where it is one too many.

        Raises:
            Stopped: a cell is longer than the limit.
        """
        for cell in row:
            size = len(cell) if isinstance(cell, str | bytes) else 0
            if size > self._limits.cell_bytes:
                said = f"a cell is longer than {self._limits.cell_bytes} bytes"
                raise Stopped(QueryFailure("other", said, "select less of it, with substring or length"))
            self._bytes += size + 16  # a row of numbers is not free
        if len(self.rows) >= self._limits.max_rows or self._bytes > self._limits.max_bytes:
            self.truncated = True
        else:
            self.rows.append(row)


class Stopped(Exception):  # noqa: N818 - it carries a failure, and callers turn it into data
    """A query was not run to its end, by our own decision."""

    def __init__(self, failure: QueryFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def cell_of(value: object) -> Cell:
    """Give a driver's value as a cell: arrays and records as JSON, what has a type of its own (a range) as text."""
    if value is None or isinstance(value, _CELLS):
        return value
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


_CELLS = (str, int, float, bytes, Decimal, date, time, timedelta)


def with_known_keys(tables: Sequence[Table]) -> tuple[Table, ...]:
    """Give the tables sorted by name, without foreign keys to tables or columns that are not among them."""
    columns = {table.name: {column.name for column in table.columns} for table in tables}

    def is_known(table: Table, key: ForeignKey) -> bool:
        return columns[table.name].issuperset(key.columns) and columns.get(key.to_table, set()).issuperset(
            key.to_columns
        )

    known = (
        replace(table, foreign_keys=tuple(key for key in table.foreign_keys if is_known(table, key)))
        for table in tables
    )
    return tuple(sorted(known, key=lambda table: table.name))
