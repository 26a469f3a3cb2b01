from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from agentsql.evaluation import schema_only
from agentsql.evaluation.schema_only import open_empty

ENDLESS = (
    "CREATE TABLE n (i); INSERT INTO n WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i FROM r"
)


def test_the_tables_are_there_and_can_be_asked() -> None:
    with closing(open_empty("CREATE TABLE head (age INTEGER)")) as connection:
        assert connection.execute("SELECT count(*) FROM head").fetchall() == [(0,)]


@pytest.mark.parametrize("text", ["CREATE TABLE", "ATTACH 'other.sqlite' AS other", "CREATE TABLE a (b);\0"])
def test_what_is_no_schema_is_an_error_of_sqlite(text: str) -> None:
    with pytest.raises(sqlite3.Error):
        open_empty(text)


def test_statements_that_do_not_end_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_only, "_MOST_S", 0.1)
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        open_empty(ENDLESS)
