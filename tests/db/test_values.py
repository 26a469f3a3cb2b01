"""Text in a query compared with what the columns hold."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlglot

from agentsql import SQLAgent
from agentsql.db.values import find_value_mismatches
from agentsql.testing import ScriptedModel
from agentsql.types import ExecutionResult


@pytest.fixture
def agent(tmp_path: Path):
    path = tmp_path / "values.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE item (colour TEXT, title TEXT, size INTEGER, code TEXT)")
    rows = [("Red", f"Title {number}", number, "a" if number else "A") for number in range(100)]
    connection.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    with SQLAgent(path, sql_model=ScriptedModel("x")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("where", "found"),
    [
        pytest.param("colour = 'Red'", [], id="there"),
        pytest.param("colour = 'red'", [("colour", "Red")], id="another case"),
        pytest.param("'RED' = colour", [("colour", "Red")], id="the other way round"),
        pytest.param("colour IN ('Red', ' red ')", [("colour", "Red")], id="blanks in a list"),
        pytest.param("colour = 'Blue'", [("colour", "")], id="not there at all"),
        pytest.param("title = 'title 42'", [("title", "Title 42")], id="found by a query"),
        pytest.param("title = 'Title 42'", [], id="confirmed by a query"),
        pytest.param("size = '42'", [], id="a numeral for a number"),
        pytest.param("code = 'A'", [], id="two spellings, one of them meant"),
        pytest.param("colour LIKE 'red'", [], id="LIKE ignores case itself"),
        pytest.param("colour <> 'red'", [], id="inequality"),
        pytest.param("size > 3", [], id="no text"),
        pytest.param("colour = title", [], id="two columns"),
    ],
)
def test_text_that_no_cell_holds_is_found(agent: SQLAgent, where: str, found: list[tuple[str, str]]) -> None:
    query = sqlglot.parse_one(f"SELECT title FROM item WHERE {where}", read="sqlite")
    mismatches = find_value_mismatches(query, agent.schema, agent.run_sql)
    assert [(one.column, one.same_but_case) for one in mismatches] == found


def test_with_an_index_no_query_is_run_and_the_right_column_is_named(agent: SQLAgent) -> None:
    query = sqlglot.parse_one("SELECT title FROM item WHERE colour = 'Title 42' AND title = 'title 7'", read="sqlite")

    def fail(sql: str) -> ExecutionResult:
        raise AssertionError(f"asked the database: {sql}")

    colour, title = find_value_mismatches(query, agent.schema, fail, agent.resources().values)
    assert (colour.column, colour.same_but_case, colour.elsewhere) == ("colour", "", (("item", "title"),))
    assert (title.column, title.same_but_case, title.elsewhere) == ("title", "Title 7", ())


def test_the_nearest_texts_come_from_the_whole_column(agent: SQLAgent) -> None:
    query = sqlglot.parse_one("SELECT title FROM item WHERE title = 'Tille 73'", read="sqlite")
    (found,) = find_value_mismatches(query, agent.schema, agent.run_sql, agent.resources().values)
    assert found.nearest[0] == "Title 73"
