"""Running and checking queries on real SQLite files."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from agentsql.db.failures import error_for_model, sqlite_failure
from agentsql.db.sqlite import SQLiteDatabase

ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT {} FROM c"
TEN_MILLION = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 10000000) SELECT n, 'x' || n FROM c"


def test_a_query_gives_its_columns_and_rows_in_order(concerts: SQLiteDatabase) -> None:
    result = concerts.run("SELECT Name, Age FROM singer ORDER BY Age DESC LIMIT 2;")
    assert (result.columns, result.rows) == (("Name", "Age"), (("Joe Sharp", 52), ("John Nizinik", 43)))
    assert (result.truncated, result.error) == (False, None)


@pytest.mark.parametrize(("max_rows", "truncated"), [(5, True), (6, False), (7, False), (0, True)])
def test_rows_are_kept_up_to_the_limit(max_rows: int, truncated: bool, concerts: SQLiteDatabase) -> None:
    result = concerts.run("SELECT * FROM singer", max_rows=max_rows)
    assert (len(result.rows), result.truncated) == (min(max_rows, 6), truncated)


def test_a_query_that_never_ends_is_interrupted(concerts: SQLiteDatabase) -> None:
    started = time.perf_counter()
    result = concerts.run(ENDLESS.format("count(*)"), timeout_s=0.2)
    assert result.error is not None and result.error.kind == "timeout"
    assert "0.2 s limit" in result.error.message
    assert time.perf_counter() - started < 2


def test_the_database_answers_again_after_an_interrupted_query(concerts: SQLiteDatabase) -> None:
    concerts.run(ENDLESS.format("count(*)"), timeout_s=0.05)
    assert concerts.run("SELECT 1").rows == ((1,),)


def test_ten_million_rows_take_the_memory_of_those_kept(concerts: SQLiteDatabase) -> None:
    tracemalloc.start()
    result = concerts.run(TEN_MILLION, max_rows=1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(result.rows), result.truncated) == (1000, True)
    assert peak < 5_000_000


def test_the_byte_limit_ends_a_result_of_large_cells(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    database = open_file(make_file(), max_bytes=100_000)
    result = database.run(ENDLESS.format("hex(zeroblob(5000))"))
    assert result.error is None
    assert (len(result.rows), result.truncated) == (9, True)


def test_a_cell_of_a_gigabyte_is_a_failure_and_not_read(concerts: SQLiteDatabase) -> None:
    result = concerts.run("SELECT zeroblob(900000000)")
    assert result.error is not None and result.error.kind == "other"
    assert "too big" in result.error.message


def test_odd_cells_survive(make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]) -> None:
    database = open_file(
        make_file("CREATE TABLE t (a, b BLOB, c REAL, d TEXT); INSERT INTO t VALUES (NULL, x'00ff', 9e999, '')")
    )
    (row,) = database.run("SELECT a, b, c, -c, c - c, d FROM t").rows
    assert row == (None, b"\x00\xff", math.inf, -math.inf, None, "")


def test_text_that_is_not_utf8_is_read_with_replacement_characters(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    database = open_file(make_file("CREATE TABLE t (a TEXT); INSERT INTO t VALUES (CAST(x'4dfc6c6c6572' AS TEXT))"))
    assert database.run("SELECT a FROM t").rows == (("M\ufffdller",),)
    assert database.schema().tables[0].columns[0].values == ("M\ufffdller",)


@pytest.mark.parametrize(
    ("sql", "kind", "message", "hint"),
    [
        ("SELECT Nmae FROM singer", "unknown_column", "`Nmae` is not a column of singer", "nearest columns: Name"),
        ("SELECT * FROM singers", "unknown_table", "there is no table `singers`", "nearest tables: singer"),
        ("SELECT Title FROM singer", "unknown_column", "`Title`", "`Title` is a column of concert, not of singer"),
        ("SELECT 1 FROM singer AS a, singer AS b WHERE Age = 3", "ambiguous", "`Age`", "a.Age, b.Age"),
        ("SELECT year(Age) FROM singer", "other", "no such function", "functions SQLite has"),
        ("SELECT Name FROM singer WHERE count(*) > 1", "syntax", "misuse of aggregate", "HAVING"),
        ("SELECT substr(Name) FROM singer", "type", "wrong number of arguments", "arguments"),
        ("SELECT Name FROM singer UNION SELECT 1, 2", "syntax", "same number of result columns", "same columns"),
        ("SELECT Name FROM singer WHERE Age = ?", "syntax", "binding", "value itself"),
        ("DELETE FROM singer", "refused", "expected a query", "SELECT"),
    ],
    ids=lambda value: value if " " in value else "",
)
def test_a_check_says_what_is_wrong_without_running(
    sql: str, kind: str, message: str, hint: str, concerts: SQLiteDatabase
) -> None:
    failure = concerts.check(sql)
    assert failure is not None
    assert failure.kind == kind
    assert message in failure.message
    assert hint in failure.hint


def test_a_check_passes_what_sqlite_takes(concerts: SQLiteDatabase) -> None:
    assert concerts.check('SELECT Name FROM french WHERE Name <> "France" ORDER BY 1') is None


def test_a_failure_at_run_time_is_in_the_result(concerts: SQLiteDatabase) -> None:
    result = concerts.run("SELECT json_extract(Name, '$.x') FROM singer")
    assert result.error is not None and result.error.kind == "type"
    assert (result.rows, result.columns) == ((), ())


def test_many_threads_share_one_database_and_two_databases_one_file(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    path = make_file()
    databases = [open_file(path), open_file(path)]
    found: list[object] = []

    def ask(number: int) -> None:
        database = databases[number % 2]
        result = database.run(f"SELECT count(*), {number} FROM singer")
        found.append((result.rows, database.check("SELECT 1"), len(database.schema().tables)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == sorted(str((((6, number),), None, 4)) for number in range(16))


def test_a_file_that_vanishes_is_a_failure_in_the_result(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    path = make_file("PRAGMA journal_mode = WAL; CREATE TABLE t (a)")
    database = open_file(path)
    path.unlink()
    result = database.run("SELECT * FROM t")
    assert result.error is not None
    assert str(path) not in result.error.message


def test_reading_changes_nothing_on_disk(
    make_file: Callable[..., Path],
    open_file: Callable[..., SQLiteDatabase],
    state_of: Callable[[Path], object],
) -> None:
    path = make_file()
    before = state_of(path)
    database = open_file(path)
    database.schema()
    database.run("SELECT * FROM singer ORDER BY Age")
    database.check("SELECT 1")
    database.close()
    assert state_of(path) == before


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("near \x1b[4mFROM\x1b[0m: bad", "near FROM: bad"),
        ("cannot open /home/ann/secret/db.sqlite now", "cannot open (path) now"),
        ("cannot open C:\\data\\private\\x.db now", "cannot open (path) now"),
        ('invalid input syntax for type integer: "Ann Smith"', "invalid input syntax for type integer: ..."),
        ("a\n\tb\x00c", "a b c"),
        ("x" * 1000, "x" * 297 + "..."),
        ('near "SELECT a/b": syntax error', 'near "SELECT a/b": syntax error'),
    ],
)
def test_a_message_for_a_model_has_no_colours_paths_or_cells(message: str, shown: str) -> None:
    assert error_for_model(message) == shown


def test_sqlite_messages_are_sorted_by_what_sqlite_really_says() -> None:
    connection = sqlite3.connect(":memory:")
    kinds = {}
    for sql in ("SELEC", "SELECT * FROM x", "SELECT x", "SELECT 1 UNION SELECT 1, 2", "SELECT json('{')"):
        try:
            connection.execute(sql).fetchall()
        except sqlite3.Error as problem:
            kinds[sql] = sqlite_failure(str(problem)).kind
    connection.close()
    assert list(kinds.values()) == ["syntax", "unknown_table", "unknown_column", "syntax", "type"]


def test_a_converter_of_the_callers_that_fails_is_a_failure_in_the_result(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    path = make_file("CREATE TABLE t (a BROKEN_NUMBER); INSERT INTO t VALUES ('x')")
    sqlite3.register_converter("BROKEN_NUMBER", int)
    engine = create_engine(f"sqlite:///{path}", connect_args={"detect_types": sqlite3.PARSE_DECLTYPES})
    result = open_file(engine).run("SELECT a FROM t")
    engine.dispose()
    assert result.error is not None and result.error.kind == "other"


def test_a_query_on_a_database_that_another_program_locks_says_so(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]
) -> None:
    path = make_file()
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})
    database = open_file(engine)
    writer = sqlite3.connect(path)
    writer.execute("BEGIN EXCLUSIVE")
    result = database.run("SELECT * FROM singer")
    writer.close()
    engine.dispose()
    assert result.error is not None
    assert result.error.hint == "another program is writing: try again"
