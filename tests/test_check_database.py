"""The conformance test of database plugins: the real ones pass, and what breaks the contract is told how to mend it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import URL, Engine

from agentsql.db.database import Enforced
from agentsql.db.duckdb import open_duckdb
from agentsql.db.schema import Schema
from agentsql.db.sqlite import SQLiteDatabase, open_sqlite
from agentsql.plugins import load_plugin
from agentsql.testing import check_database
from agentsql.types import ExecutionResult, QueryFailure
from tests.services import execute

TABLES = (
    "CREATE TABLE singer (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, country VARCHAR(40))",
    "CREATE TABLE concert (id INTEGER PRIMARY KEY, singer INTEGER, FOREIGN KEY (singer) REFERENCES singer (id))",
    "INSERT INTO singer VALUES (1, 'Joe Sharp', 'France'), (2, 'Rose White', NULL)",
)


def test_sqlite_passes(tiny: Path) -> None:
    assert [table.name for table in check_database(open_sqlite, tiny)] == ["concert", "singer", "singer_in_concert"]


def test_duckdb_passes(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "tiny.duckdb")) as connection:
        for statement in TABLES:
            connection.execute(statement)
    check_database(open_duckdb, tmp_path / "tiny.duckdb")


@pytest.mark.parametrize("server", ["postgres", "mariadb"])
def test_a_server_passes(server: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{server}_url")
    execute(url, *TABLES)
    check_database(load_plugin("agentsql.databases", url.partition(":")[0].partition("+")[0]), url)


class Unsorted(SQLiteDatabase):
    def schema(self) -> Schema:
        found = super().schema()
        return dataclasses.replace(found, tables=found.tables[::-1])


class Forgetful(SQLiteDatabase):
    def schema(self) -> Schema:
        return dataclasses.replace(super().schema())


class Trusting(SQLiteDatabase):
    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        found = super().run(sql, max_rows=max_rows, timeout_s=timeout_s)
        return dataclasses.replace(found, error=None) if found.error and "missing" in sql else found


class Vague(SQLiteDatabase):
    def check(self, sql: str) -> QueryFailure | None:
        failure = super().check(sql)
        return QueryFailure("other", failure.message) if failure else None


class Unlocked(SQLiteDatabase):
    def run_behind_second_lock(
        self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None
    ) -> ExecutionResult:
        found = super().run_behind_second_lock(sql, max_rows=max_rows, timeout_s=timeout_s)
        return dataclasses.replace(found, error=None) if sql.startswith("DELETE") else found


class Boundless(SQLiteDatabase):
    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        return super().run(sql, max_rows=max_rows or 1000, timeout_s=timeout_s)


class Restless(SQLiteDatabase):
    def data_stamp(self) -> dict[str, int | str] | None:
        self._asked = getattr(self, "_asked", 0) + 1
        return {"identity": "x", "asked": self._asked}


class Foreign(SQLiteDatabase):
    dialect = "sqlite3"


class Bilingual(SQLiteDatabase):
    def schema(self) -> Schema:
        return _with_dialect(super().schema())


_with_dialect = functools.cache(functools.partial(dataclasses.replace, dialect="postgres"))


class Unmarked(SQLiteDatabase):
    def schema(self) -> Schema:
        return _without_mark(super().schema())


_without_mark = functools.cache(functools.partial(dataclasses.replace, fingerprint=""))


class Silent(SQLiteDatabase):
    def enforcement(self) -> tuple[Enforced, ...]:
        return ()


class Rewriting(SQLiteDatabase):
    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        return dataclasses.replace(super().run(sql, max_rows=max_rows, timeout_s=timeout_s), sql=sql.lower())


class Unhelpful(SQLiteDatabase):
    def check(self, sql: str) -> QueryFailure | None:
        failure = super().check(sql)
        return dataclasses.replace(failure, hint="") if failure else None


class Unstamped(SQLiteDatabase):
    def data_stamp(self) -> dict[str, int | str] | None:
        return {"changes": 1}


class Greedy(SQLiteDatabase):
    def run(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        found = super().run(sql, max_rows=max_rows, timeout_s=timeout_s)
        return dataclasses.replace(found, truncated=False)


class OnceClosed(SQLiteDatabase):
    def close(self) -> None:
        assert not getattr(self, "_closed", False), "close() must be allowed twice"
        self._closed = True
        super().close()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Foreign, "`dialect` must be a name that sqlglot knows, not 'sqlite3'"),
        (Bilingual, "the schema says 'postgres', the database 'sqlite'"),
        (Unmarked, "the schema needs a `fingerprint`; agentsql.db.introspect.fingerprint makes one"),
        (Silent, r"enforcement\(\) must say at least whether writes are refused"),
        (Rewriting, "the result's `sql` must be the text that was given"),
        (Unhelpful, r"check\(\) must say what would mend"),
        (Unstamped, "needs an `identity`, which tells databases apart"),
        (Greedy, "`max_rows` must bound the rows and set `truncated`"),
        (OnceClosed, r"close\(\) must be allowed twice"),
        (Unsorted, "sorted by name"),
        (Forgetful, "the same object"),
        (Trusting, r"run\(\) must give a QueryFailure"),
        (Vague, "it must be 'unknown_table'"),
        (Unlocked, "open it read-only"),
        (Boundless, "max_rows"),
        (Restless, "while nobody writes"),
    ],
)
def test_what_breaks_the_contract_is_named(kind: type[SQLiteDatabase], says: str, tiny: Path) -> None:
    with pytest.raises(AssertionError, match=says):
        check_database(opener_of(kind), tiny)


def test_a_password_in_the_name_is_named(tiny: Path) -> None:
    def open_it(target: URL | Engine, **options: Any) -> SQLiteDatabase:
        database = open_sqlite(URL.create("sqlite", database=str(tiny)), **options)
        database.name = str(target)
        if isinstance(target, URL):
            database.name = target.render_as_string(hide_password=False)
        return database

    with pytest.raises(AssertionError, match="`name` holds the password"):
        check_database(open_it, "sqlite://user:hunter2@host/x")


def opener_of(kind: type[SQLiteDatabase]) -> Callable[..., SQLiteDatabase]:
    def open_it(target: URL | Engine, **options: Any) -> SQLiteDatabase:
        database = open_sqlite(target, **options)
        database.__class__ = kind
        return database

    return open_it


def test_a_password_is_found_in_a_url_of_a_backend_with_an_underscore(tiny: Path) -> None:
    def open_it(target: URL | Engine, **options: Any) -> SQLiteDatabase:
        database = open_sqlite(URL.create("sqlite", database=str(tiny)), **options)
        database.name = "mine:hunter2"
        return database

    with pytest.raises(AssertionError, match="`name` holds the password"):
        check_database(open_it, "my_own://user:hunter2@host/x")


def test_an_opener_that_makes_what_is_missing_is_named(tiny: Path) -> None:
    def open_it(target: URL | Engine, **options: Any) -> SQLiteDatabase:
        return open_sqlite(URL.create("sqlite", database=str(tiny)), **options)

    with pytest.raises(AssertionError, match=r"not there must raise agentsql\.errors\.DatabaseError when it is opened"):
        check_database(open_it, tiny)
