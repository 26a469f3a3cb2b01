"""The second lock alone: the guard is bypassed in these tests."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from agentsql.db.connections import FileConnections
from agentsql.db.lock import temp_file_bytes
from agentsql.db.sqlite import SQLiteDatabase
from agentsql.errors import DatabaseError

WRITES = [
    "INSERT INTO singer VALUES (9, 'x', 'y', 1)",
    "UPDATE singer SET Age = 0",
    "DELETE FROM singer",
    "REPLACE INTO singer VALUES (1, 'x', 'y', 1)",
    "DROP TABLE singer",
    "DROP VIEW french",
    "CREATE TABLE x (a)",
    "CREATE TEMP TABLE x (a)",
    "CREATE INDEX x ON singer (Age)",
    "CREATE VIRTUAL TABLE x USING fts5(a)",
    "ALTER TABLE singer ADD COLUMN x",
    "REINDEX",
    "ANALYZE",
    "VACUUM",
    "BEGIN IMMEDIATE",
    "SAVEPOINT x",
    "PRAGMA query_only = OFF",
    "PRAGMA writable_schema = ON",
    "PRAGMA journal_mode = WAL",
    "PRAGMA user_version = 7",
    "SELECT load_extension('x')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT 'a' REGEXP 'a'",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM dbstat",
]


@pytest.mark.parametrize("sql", [*WRITES, "ATTACH '{folder}/new.db' AS x", "VACUUM INTO '{folder}/new.db'"])
def test_the_connection_refuses_alone_and_the_file_stays_as_it_was(
    sql: str,
    make_file: Callable[..., Path],
    open_file: Callable[..., SQLiteDatabase],
    state_of: Callable[[Path], object],
) -> None:
    path = make_file()
    before = state_of(path)
    database = open_file(path)
    result = database.run_behind_second_lock(sql.format(folder=path.parent))
    database.close()
    assert result.error is not None
    assert result.error.kind == "refused"
    assert result.rows == ()
    assert state_of(path) == before


def test_the_guard_refuses_alone_where_the_connection_would_be_asked_too(concerts: SQLiteDatabase) -> None:
    result = concerts.run("DELETE FROM singer")
    assert result.error is not None
    assert result.error.message == "expected a query, got DELETE"


@pytest.mark.parametrize("in_memory", [True, False])
def test_an_engine_of_the_callers_is_locked_during_a_query_and_free_afterwards(
    in_memory: bool, make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    if in_memory:
        engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE singer (Age INT)")
    else:
        engine = create_engine(f"sqlite:///{make_file()}")
    database = open_file(engine)
    refused = database.run_behind_second_lock("DELETE FROM singer")
    assert refused.error is not None and refused.error.kind == "refused"
    assert database.run("SELECT count(*) FROM singer").error is None
    database.close()
    with engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 0
        connection.exec_driver_sql("DELETE FROM singer")
        connection.exec_driver_sql(
            "INSERT INTO singer (Age) VALUES (5)" if in_memory else "SELECT 1 FROM sqlite_master"
        )
    engine.dispose()


def test_an_engine_with_one_memory_database_for_each_thread_is_refused_with_advice(
    open_file: Callable[..., SQLiteDatabase],
) -> None:
    engine = create_engine("sqlite://")
    with pytest.raises(DatabaseError, match="StaticPool"):
        open_file(engine)
    engine.dispose()


def test_virtual_tables_and_json_functions_can_be_read(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    path = make_file(
        """
        CREATE VIRTUAL TABLE page USING fts5(body); INSERT INTO page VALUES ('red fox'), ('blue dog');
        CREATE VIRTUAL TABLE box USING rtree(id, low, high); INSERT INTO box VALUES (1, 0, 5), (2, 7, 9);
        """
    )
    database = open_file(path)
    results = [
        database.run("SELECT body FROM page WHERE page MATCH 'fox' ORDER BY rank"),
        database.run("SELECT id FROM box WHERE low > 6"),
        database.run("SELECT sum(value) FROM json_each('[1, 2, 3]')"),
    ]
    assert [(result.error, result.rows) for result in results] == [
        (None, (("red fox",),)),
        (None, ((2,),)),
        (None, ((6,),)),
    ]
    assert [table.name for table in database.schema()] == ["box", "page"]


@pytest.mark.parametrize("log_left", [False, True])
def test_a_database_in_wal_mode_is_read_and_left_alone(
    log_left: bool,
    make_file: Callable[..., Path],
    open_file: Callable[..., SQLiteDatabase],
    state_of: Callable[[Path], object],
) -> None:
    path = make_file("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    writer = sqlite3.connect(path)
    if log_left:
        writer.execute("INSERT INTO t VALUES (2)")
        writer.commit()
    else:
        writer.close()
    before = state_of(path)
    database = open_file(path)
    result = database.run("SELECT count(*) FROM t")
    database.close()
    assert result.rows == ((2,) if log_left else (1,),)
    assert state_of(path) == before
    writer.close()


def test_writes_of_others_to_a_wal_database_are_seen(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    path = make_file("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    database = open_file(path)
    assert database.run("SELECT count(*) FROM t").rows == ((1,),)
    writer = sqlite3.connect(path)
    writer.execute("INSERT INTO t VALUES (2)")
    writer.commit()
    assert database.run("SELECT count(*) FROM t").rows == ((2,),)
    writer.close()
    assert database.run("SELECT count(*) FROM t").rows == ((2,),)


def test_a_wal_database_that_changes_under_a_read_gives_no_rows_of_two_times(make_file: Callable[..., Path]) -> None:
    path = make_file("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    connections = FileConnections(path)
    with pytest.raises(sqlite3.OperationalError, match="written to during the read"), connections.connection():
        os.utime(path, ns=(0, 0))
    with connections.connection() as connection:
        assert connection.execute("SELECT a FROM t").fetchall() == [(1,)]
    connections.close()


@pytest.mark.skipif(sys.platform != "linux", reason="temporary files are seen on Linux only")
def test_a_query_that_fills_the_disk_with_temporary_files_is_stopped(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    database = open_file(make_file(), temp_megabytes=5, timeout_s=300)
    endless = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) "
        "SELECT i, hex(zeroblob(500)) || i AS text FROM n ORDER BY text DESC"
    )
    failure = database.run(endless).error
    assert failure is not None
    assert (failure.kind, "temporary space" in failure.message) == ("other", True), failure
    assert temp_file_bytes() == 0
    assert database.run("SELECT count(*) FROM singer").rows == ((6,),)


def test_a_statement_is_not_compiled_past_its_deadline(concerts: SQLiteDatabase) -> None:
    doubling = ", ".join(
        f"c{number} AS (SELECT a.Age FROM c{number - 1} AS a, c{number - 1} AS b)" for number in range(1, 15)
    )
    sql = f"EXPLAIN WITH c0 AS (SELECT Age FROM singer), {doubling} SELECT count(*) FROM c14"
    failure = concerts.run_behind_second_lock(sql, timeout_s=0.0).error
    assert failure is not None
    assert failure.kind == "timeout", failure
