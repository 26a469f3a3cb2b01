"""Spider's test suite: every database of a folder has to agree."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from agentsql.evaluation.suite import rows_of, suite_folder, suite_match, without_distinct
from agentsql.folders import cache_folder


@pytest.fixture
def databases(tmp_path: Path) -> list[Path]:
    """Two databases of one table; only the second has a repeated name."""
    paths = [tmp_path / "one.sqlite", tmp_path / "two.sqlite"]
    for path, names in zip(paths, (["Ann", "Bo"], ["Ann", "Ann", "Bo"]), strict=True):
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE singer (name TEXT, age INTEGER)")
        connection.executemany("INSERT INTO singer VALUES (?, 1)", [(name,) for name in names])
        connection.commit()
        connection.close()
    return paths


@pytest.mark.parametrize(
    ("gold", "predicted", "keep_distinct", "expected"),
    [
        pytest.param("SELECT name FROM singer", "SELECT name FROM singer", True, True, id="same"),
        pytest.param("SELECT name FROM singer", "SELECT min(name) FROM singer", False, False, id="other rows"),
        pytest.param(
            "SELECT name FROM singer", "SELECT name FROM singer GROUP BY name", True, False, id="shown by the second"
        ),
        pytest.param("SELECT DISTINCT name FROM singer", "SELECT name FROM singer", False, True, id="stripped"),
        pytest.param("SELECT DISTINCT name FROM singer", "SELECT name FROM singer", True, False, id="as written"),
        pytest.param("SELECT name FROM singer", "SELECT nome FROM singer", False, False, id="the prediction fails"),
        pytest.param("SELECT name FROM singer WHERE 0", "", False, False, id="no SQL is not an empty result"),
        pytest.param("SELECT 1 FROM singer", "SELECT 1 FROM singer; SELECT 1", False, False, id="two statements"),
        pytest.param("SELECT 1 WHERE 2 > = 1", "SELECT 1", False, True, id="a split operator"),
    ],
)
def test_suite_match(databases, gold: str, predicted: str, keep_distinct: bool, expected: bool) -> None:
    assert suite_match(gold, predicted, databases, keep_distinct=keep_distinct) is expected


def test_a_gold_that_fails_is_an_error(databases) -> None:
    with pytest.raises(sqlite3.Error, match="nome"):
        suite_match("SELECT nome FROM singer", "SELECT name FROM singer", databases)


def test_a_query_that_does_not_end_is_stopped(databases) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        rows_of(databases[0], endless, timeout_s=0.05)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM singer RETURNING name",
        "ATTACH DATABASE '{folder}/made.sqlite' AS other",
        "PRAGMA writable_schema = ON",
        "PRAGMA table_info(singer)",
        "VACUUM INTO '{folder}/made.sqlite'",
        "SELECT load_extension('made')",
    ],
)
def test_a_query_can_neither_write_nor_reach_out(databases, tmp_path: Path, sql: str) -> None:
    before = databases[0].read_bytes()
    with pytest.raises(sqlite3.Error, match=r"not authorized|authorization denied"):
        rows_of(databases[0], sql.format(folder=tmp_path))
    assert databases[0].read_bytes() == before
    assert not (tmp_path / "made.sqlite").exists()


def test_reading_leaves_nothing_beside_a_database_in_wal_mode(tmp_path: Path) -> None:
    path = tmp_path / "wal.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE singer (name TEXT)")
        connection.commit()
    assert rows_of(path, "SELECT count(*) FROM singer") == [(0,)]
    assert [one.name for one in tmp_path.glob("wal*")] == ["wal.sqlite"]


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match=r"unable to open .*gone\.sqlite: No such file"):
        rows_of(tmp_path / "gone.sqlite", "SELECT 1")
    assert not (tmp_path / "gone.sqlite").exists()


def test_a_query_cannot_fill_the_memory_with_one_cell(databases) -> None:
    with pytest.raises(sqlite3.Error, match="too big"):
        rows_of(databases[0], "SELECT zeroblob(1000000000)")


def test_distinct_is_stripped_where_it_is_a_word_of_sql() -> None:
    sql = """SELECT DISTINCT "distinct", 'DISTINCT' FROM t WHERE n = (SELECT count(distinct n) FROM t)"""
    expected = """SELECT  "distinct", 'DISTINCT' FROM t WHERE n = (SELECT count( n) FROM t)"""
    assert without_distinct(sql) == expected
    assert without_distinct("SELECT 'unfinished") == "SELECT 'unfinished"


def test_the_archive_is_unpacked_once_into_the_cache(databases, tmp_path: Path) -> None:
    archive = tmp_path / "suite" / "databases.tar.xz"
    archive.parent.mkdir()
    with tarfile.open(archive, "w:xz") as packed:
        packed.add(databases[0], "singer/singer.sqlite")
    folder = suite_folder(archive)
    assert folder.is_relative_to(cache_folder())
    assert [path.relative_to(folder).as_posix() for path in folder.rglob("*.sqlite")] == ["singer/singer.sqlite"]
    (folder / "mark").touch()
    assert suite_folder(archive) == folder
    assert (folder / "mark").exists()
