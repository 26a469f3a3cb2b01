"""Databases that agentsql knows only through SQLAlchemy: SQLite's own dialect under another name."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from agentsql.db.connect import open_database
from agentsql.db.schema import Column, ForeignKey
from agentsql.db.server import ServerDatabase
from agentsql.errors import DatabaseError


class OtherDialect(SQLiteDialect_pysqlite):
    """A dialect that neither agentsql nor sqlglot has heard of."""

    name = "otherlite"
    supports_statement_cache = False


@pytest.fixture
def other(make_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerDatabase]:
    monkeypatch.setitem(registry.impls, "otherlite", lambda: OtherDialect)
    database = open_database(f"otherlite:///{make_file()}", cache_dir=tmp_path / "cache")
    assert isinstance(database, ServerDatabase)
    yield database
    database.close()


def test_its_schema_is_read(other: ServerDatabase) -> None:
    schema = other.schema()
    assert [(table.name, table.kind) for table in schema] == [
        ("concert", "table"),
        ("french", "view"),
        ("singer", "table"),
        ("stadium", "table"),
    ]
    concert = schema.table("concert")
    assert concert is not None
    assert concert.primary_key == ("concert_ID",)
    assert concert.foreign_keys == (ForeignKey(("singer",), "singer", ("Singer_ID",)),)
    assert concert.columns[1].name == "Title"
    assert isinstance(concert.columns[1], Column)


def test_queries_run_and_wrong_names_are_told(other: ServerDatabase) -> None:
    assert other.check("SELECT Name FROM singer") is None
    assert other.run("SELECT count(*) FROM singer").rows == ((6,),)
    failure = other.check("SELECT Nam FROM singer")
    assert failure is not None
    assert (failure.kind, "Name" in failure.hint) == ("unknown_column", True)
    assert other.run("SELECT * FROM singers").error == other.run("SELECT * FROM singers").error is not None


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO stadium VALUES (2, 'x', 1)",
        "DROP TABLE stadium",
        "SELECT 1; DROP TABLE stadium",
        "WITH s AS (SELECT 1) DELETE FROM stadium",
        "ATTACH 'x.db' AS x",
        "PRAGMA user_version = 5",
    ],
)
def test_without_the_guard_nothing_is_left_changed(sql: str, other: ServerDatabase, tmp_path: Path) -> None:
    other.run_behind_second_lock(sql)
    with sqlite3.connect(tmp_path / "concerts.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM stadium").fetchone() == (1,)
        assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()


def test_a_query_is_stopped_at_the_time_limit(other: ServerDatabase) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    failure = other.run(endless, timeout_s=0.3).error
    assert failure is not None
    assert failure.kind == "timeout"
    assert other.run("SELECT 1").rows == ((1,),)


def test_it_says_that_the_second_lock_holds_in_part(other: ServerDatabase) -> None:
    writes = other.enforcement()[0]
    assert (writes.what, writes.holds) == ("no writes", False)
    assert "a role that may only SELECT" in writes.by


def test_a_dialect_without_its_driver_is_said() -> None:
    with pytest.raises(DatabaseError, match="the 'oracle' driver cannot be used: No module named 'oracledb'"):
        open_database("oracle://me:secret@localhost/x")
