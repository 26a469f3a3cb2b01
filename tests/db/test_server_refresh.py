"""What of a server's tables is read again when one of them has changed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentsql.db.connect import open_database
from agentsql.db.schema import Schema
from agentsql.db.server import ServerDatabase
from agentsql.types import ExecutionResult
from tests.services import execute, rows

CHANGES = (
    ("ALTER TABLE one_a ADD COLUMN b varchar(9) DEFAULT 'new'", {"one_a", "seen"}),
    ("INSERT INTO one_b VALUES ('later')", set()),  # rows alone are seen with the next change of structure
    ("ALTER TABLE one_a ADD COLUMN c int", {"one_a", "one_b", "seen"}),
    ("DROP TABLE one_c", {"seen"}),
    ("CREATE TABLE one_c AS SELECT CAST('again' AS char(5)) AS a", {"one_c", "seen"}),
)
"""A change, and the tables whose values are read after it; `seen` is a view, which tells nothing of its rows."""


@pytest.fixture(params=["postgres_url", "mariadb_url"])
def url(request: pytest.FixtureRequest) -> str:
    made: str = request.getfixturevalue(request.param)
    for name in ("one_a", "one_b", "one_c"):
        execute(made, f"CREATE TABLE {name} (a varchar(9))", f"INSERT INTO {name} VALUES ('first')")
    execute(made, "CREATE VIEW seen AS SELECT a FROM one_b")
    until(lambda: not made.startswith("postgres") or inserted(made) == 3)
    return made


@pytest.fixture
def open_it(url: str, tmp_path: Path) -> Iterator[Callable[[], ServerDatabase]]:
    opened: list[ServerDatabase] = []

    def opens() -> ServerDatabase:
        database = open_database(url, cache_dir=tmp_path / "cache")
        assert isinstance(database, ServerDatabase)
        opened.append(database)
        return database

    yield opens
    for database in opened:
        database.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """Give a function that gives the tables whose values have been read since it was called before."""
    statements: list[str] = []
    run = ServerDatabase.run_behind_second_lock

    def noted(self: ServerDatabase, sql: str, **bounds: Any) -> ExecutionResult:
        statements.append(sql)
        return run(self, sql, **bounds)

    def taken() -> set[str]:
        found = set(re.findall(r"\b(one_[abc]|seen)\b", " ".join(statements)))
        statements.clear()
        return found

    monkeypatch.setattr(ServerDatabase, "run_behind_second_lock", noted)
    return taken


def change(url: str, sql: str) -> None:
    """Change something; MariaDB's account of it is right to the second."""
    if not url.startswith("postgres"):
        time.sleep(1.1)
    before = inserted(url)
    execute(url, sql)
    if sql.startswith("INSERT"):
        until(lambda: inserted(url) == before + 1)


def inserted(url: str) -> int:
    """Give the rows that PostgreSQL has counted, which it does a moment after the connection that wrote them ends."""
    if not url.startswith("postgres"):
        return int(rows(url, "SELECT count(*) FROM one_b")[0][0])
    return int(rows(url, "SELECT sum(n_tup_ins) FROM pg_stat_user_tables WHERE relname LIKE 'one%'")[0][0])


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def values(schema: Schema) -> dict[str, tuple[object, ...]]:
    return {table.name: table.columns[0].values for table in schema}


def test_only_the_values_of_tables_that_changed_are_read_again(
    url: str, open_it: Callable[[], ServerDatabase], read: Callable[[], set[str]]
) -> None:
    database = open_it()
    assert values(database.schema()) == dict.fromkeys(("one_a", "one_b", "one_c", "seen"), ("first",))
    assert read() == {"one_a", "one_b", "one_c", "seen"}
    for sql, expected in CHANGES:
        change(url, sql)
        schema = database.schema()
        assert read() == expected, sql
    later = ("first", "later")
    assert values(schema) == {"one_a": ("first",), "one_b": later, "one_c": ("again",), "seen": later}
    added = schema.table("one_a")
    assert added is not None
    assert [(column.name, column.values) for column in added.columns] == [("a", ("first",)), ("b", ("new",)), ("c", ())]


def test_another_program_takes_them_from_the_cache(
    url: str, open_it: Callable[[], ServerDatabase], read: Callable[[], set[str]]
) -> None:
    first = open_it().schema()
    change(url, "ALTER TABLE one_a ADD COLUMN b int")
    read()
    again = open_it().schema()
    assert read() == {"one_a", "seen"}
    assert values(again) == values(first)
    assert again.fingerprint != first.fingerprint
    assert [table.rows for table in again if table.kind == "table"] == [1, 1, 1]
