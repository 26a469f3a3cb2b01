"""The databases that questions are asked of, opened as they are at inference, or made in memory of their schema."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from agentsql.agent import SQLAgent
from agentsql.db.database import Enforced
from agentsql.db.execute import Limits, compile_failure, run_query
from agentsql.db.introspect import read_structure
from agentsql.db.profile import ProfileBounds, add_profile
from agentsql.db.schema import Schema
from agentsql.db.words import index_words
from agentsql.errors import DatabaseError
from agentsql.evaluation.benchmarks.judges import is_url
from agentsql.evaluation.schema_only import open_empty
from agentsql.graph import GraphSpec
from agentsql.resources import Meter, Resources
from agentsql.retrieval.store import open_examples
from agentsql.settings import Settings
from agentsql.types import ExecutionResult, QueryFailure

if TYPE_CHECKING:
    from agentsql.models.endpoint import Endpoint

_OPEN_FILES = 8
"""Databases kept open; the questions of one mostly stand together."""
_OPEN_IN_MEMORY = 200
_VALUES_S = 120.0
"""For the values of a database to be read, after which its prompts are made without them, and that is said."""
_COMPILE_S = 5.0
_SAMPLES = 5
"""Values kept of a column, as `db/sqlite.py` does."""

_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class Place:
    """What the steps of a question about one database work with."""

    resources: Resources
    has_rows: bool
    """False where there are tables without a row: SQL is then compiled, never executed."""
    warning: str = ""


SQLITE_FAULTS = (sqlite3.Error, sqlite3.Warning, ValueError)
"""What statements raise that SQLite does not take: a NUL character is a ValueError."""


class MemoryDatabase:
    """A `Database` in memory, made of CREATE and INSERT statements."""

    dialect = "sqlite"
    product = "SQLite"

    def __init__(self, name: str, schema_sql: str, settings: Settings) -> None:
        """Run the statements.

        Raises:
            sqlite3.Error, sqlite3.Warning: they do not run, or are not allowed.
        """
        self.name = name
        self._connection = open_empty(schema_sql)
        self._lock = threading.Lock()
        self._limits = Limits(settings.database.max_rows, settings.database.max_bytes, settings.database.timeout_s)
        self._schema = read_structure(self._connection)
        self.has_rows = self._connection.total_changes > 0
        if self.has_rows:
            samples = max(settings.schema.sample_values, _SAMPLES)
            self._schema = add_profile(self._connection, self._schema, ProfileBounds(samples))

    def schema(self) -> Schema:
        """Give the schema."""
        return self._schema

    def check(self, sql: str) -> QueryFailure | None:
        """Give why `sql` cannot run; the connection's lock alone refuses what is no query."""
        with self._lock:
            return compile_failure(self._connection, sql, replace(self._limits, timeout_s=_COMPILE_S))

    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        """Execute a query."""
        limits = replace(
            self._limits,
            max_rows=self._limits.max_rows if max_rows is None else max_rows,
            timeout_s=self._limits.timeout_s if timeout_s is None else timeout_s,
        )
        with self._lock:
            return run_query(self._connection, sql, limits)

    def data_stamp(self) -> Mapping[str, int | str] | None:
        """Give None: nothing of it is kept on disk."""
        return None

    def enforcement(self) -> tuple[Enforced, ...]:
        """Give what keeps it from writing."""
        return (Enforced("no writes", "it is in memory, and its authorizer allows reads only"),)

    def close(self) -> None:
        """Forget it."""
        self._connection.close()


class Places:
    """Opens the place of each question, and keeps the last ones open; a context manager."""

    def __init__(self, settings: Settings, graph: GraphSpec, model: Endpoint) -> None:
        self._settings = settings
        self._graph = graph
        self._model = model
        self._examples = open_examples(settings.examples)
        self._files: OrderedDict[str, tuple[Place, SQLAgent]] = OrderedDict()
        self._in_memory: OrderedDict[str, Place] = OrderedDict()

    def __enter__(self) -> Places:
        return self

    def __exit__(self, *_exception: object) -> None:
        for _, agent in self._files.values():
            agent.close()
        for place in self._in_memory.values():
            place.resources.database.close()

    def open(self, db_id: str, database: str, schema_sql: str) -> Place:
        """Give the place of a database, or of a schema where there is no database.

        Raises:
            DatabaseError: it cannot be opened, or the schema is no SQLite.
        """
        if database:
            return _kept(self._files, database, _OPEN_FILES, lambda: self._opened(database), _close)[0]
        return _kept(
            self._in_memory,
            schema_sql,
            _OPEN_IN_MEMORY,
            lambda: self._made(db_id, schema_sql),
            lambda place: place.resources.database.close(),
        )

    def _opened(self, database: str) -> tuple[Place, SQLAgent]:
        if not is_url(database) and not Path(database).is_file():
            raise DatabaseError(f"there is no database {database}")
        agent = SQLAgent(database, sql_model=self._model, graph=self._graph, settings=self._settings)
        warning = (
            "" if agent.wait_for_values(_VALUES_S) else f"the values of {agent.database.name} were not read in time"
        )
        return Place(agent.resources(), has_rows=True, warning=warning), agent

    def _made(self, db_id: str, schema_sql: str) -> Place:
        try:
            database = MemoryDatabase(db_id, schema_sql, self._settings)
        except SQLITE_FAULTS as problem:
            raise DatabaseError(f"no SQLite database can be made of the schema: {problem}") from problem
        schema = database.schema()
        if not schema.tables:
            raise DatabaseError("the schema creates no table")
        resources = Resources(
            database,
            schema,
            index_words(schema),
            {"sql": self._model, "chat": self._model},
            self._settings,
            Meter(self._settings.budget),
            examples=self._examples,
        )
        return Place(resources, database.has_rows)


def _kept(
    kept: OrderedDict[str, _Kept], key: str, most: int, make: Callable[[], _Kept], close: Callable[[_Kept], None]
) -> _Kept:
    """Give what is kept under the key, or make it; the one that was not used for longest makes room."""
    if key not in kept:
        made = make()
        if len(kept) >= most:
            close(kept.popitem(last=False)[1])
        kept[key] = made
    kept.move_to_end(key)
    return kept[key]


def _close(opened: tuple[Place, SQLAgent]) -> None:
    opened[1].close()
