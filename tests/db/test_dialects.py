"""One flow of questions on every kind of database: what models write wrong is put right and gives the right rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agentsql import SQLAgent
from agentsql.db.database import Database
from agentsql.db.grammar import sql_grammar
from agentsql.db.value_store import ValueStore, without_values
from agentsql.db.values import find_value_mismatches
from agentsql.graph import GraphSpec, load_graph
from agentsql.settings import DatabaseSettings, Settings, ValueSettings
from agentsql.testing import ScriptedModel
from tests.db.dialect_databases import KINDS, make
from tests.services import fresh_database

FLOW = """
name = "flow"
start = "generate"
[nodes.generate]
next = "check"
[nodes.check]
next = "mend"
[nodes.mend]
next = "execute"
[nodes.execute]
next = "select"
[nodes.select]
next = "answer"
[nodes.answer]
options = { by = "rows" }
next = "end"
"""
Ask = Callable[..., Any]


@pytest.fixture(scope="module", params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Give the kind of database and its path or URL; it is made once."""
    kind = request.param
    folder = tmp_path_factory.mktemp(kind)
    if kind in ("sqlite", "duckdb"):
        yield kind, make(kind, folder)
        return
    server = request.getfixturevalue("postgres_server" if kind == "postgres" else "mariadb_server")
    for url in fresh_database(server):
        yield kind, make(kind, folder, url)


def settings_of(kind: str) -> Settings:
    schemas = {"postgres": "public,archive"}.get(kind, "")
    return Settings(database=DatabaseSettings(schemas=schemas, timeout_s=60), values=ValueSettings(seconds=60))


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> GraphSpec:
    path = tmp_path_factory.mktemp("graph") / "flow.toml"
    path.write_text(FLOW)
    return load_graph(path)


@pytest.fixture(scope="module")
def agent(place: tuple[str, str], flow: GraphSpec) -> Iterator[tuple[str, SQLAgent, ScriptedModel]]:
    kind, target = place
    model = ScriptedModel(lambda messages: messages[-1].content.rpartition("Question: ")[2])
    with SQLAgent(target, sql_model=model, graph=flow, settings=settings_of(kind)) as opened:
        yield kind, opened, model


WRITTEN = [
    pytest.param(
        "SELECT name FROM singer WHERE country = 'France' ORDER BY name", ["Ada Lovelace", "Céline"], id="case"
    ),
    pytest.param("SELECT `Name` FROM `Singer` WHERE `Singer ID` = 2", ["Bo Diddley"], id="backticks"),
    pytest.param('SELECT "Name" FROM "Singer" WHERE "Singer ID" = 2', ["Bo Diddley"], id="double quotes"),
    pytest.param('SELECT SUM(größe) FROM "order"', [60], id="an umlaut and a reserved word"),
    pytest.param("SELECT COUNT(*) FROM order WHERE id > 1", [2], id="a reserved word without quotes"),
    pytest.param('SELECT name FROM singer WHERE country = "Spain"', ["Bo Diddley"], id="a text in double quotes"),
    pytest.param("SELECT COUNT(*) FROM singer WHERE strftime('%Y', born) = '1990'", [2], id="strftime"),
    pytest.param("SELECT COUNT(*) FROM singer WHERE YEAR(born) = 1990", [2], id="YEAR"),
    pytest.param("SELECT COUNT(*) FROM singer WHERE EXTRACT(YEAR FROM born) = 1990", [2], id="EXTRACT"),
    pytest.param("SELECT DATE_FORMAT(placed, '%Y-%m') FROM `order` WHERE id = 1", ["2024-01"], id="DATE_FORMAT"),
    pytest.param("SELECT TO_CHAR(placed, 'YYYY-MM') FROM \"order\" WHERE id = 1", ["2024-01"], id="TO_CHAR"),
    pytest.param("SELECT COUNT(*) FROM singer WHERE active = 1", [2], id="a number for a boolean"),
    pytest.param("SELECT COUNT(*) FROM singer WHERE born LIKE '1990%'", [2], id="LIKE on a date"),
    pytest.param(
        "SELECT name, COUNT(*) AS n FROM singer JOIN `order` AS o ON `Singer ID` = o.singer_id "
        "GROUP BY `Singer ID` HAVING n > 1",
        ["Ada Lovelace", 2],
        id="loose groups",
    ),
    pytest.param("SELECT IFNULL(MAX(rating), 0) FROM singer", [4.25], id="IFNULL"),
    pytest.param("SELECT name FROM singer ORDER BY name LIMIT 1, 1", ["Bo Diddley"], id="LIMIT x, y"),
    pytest.param("SELECT TOP 1 name FROM singer ORDER BY name", ["Ada Lovelace"], id="TOP"),
    pytest.param("SELECT ROUND(AVG(rating), 1) FROM singer", [3.9], id="ROUND of a float"),
    pytest.param("SELECT name FROM singer WHERE name ILIKE 'ADA%'", ["Ada Lovelace"], id="ILIKE"),
    pytest.param("SELECT nme FROM singer WHERE `singer id` = 2", ["Bo Diddley"], id="case and a misspelt column"),
    pytest.param(
        "SELECT name FROM `order` WHERE id = 3", ["Bo Diddley"], id="a column of the table that the key points at"
    ),
]


@pytest.mark.parametrize(("written", "expected"), WRITTEN)
def test_what_a_small_model_writes_gives_the_right_rows(
    agent: tuple[str, SQLAgent, ScriptedModel], written: str, expected: list[Any]
) -> None:
    _, asked, _ = agent
    answer = asked.ask(written)
    assert answer.status == "answered", (answer.error, [(one.sql, one.failure) for one in answer.candidates])
    assert [_told(cell) for row in answer.rows for cell in row] == expected, answer.sql


def test_a_table_of_another_schema_is_read_by_its_own_name(agent: tuple[str, SQLAgent, ScriptedModel]) -> None:
    kind, asked, _ = agent
    if kind not in ("postgres", "duckdb"):
        pytest.skip("has one schema")
    for written in (
        "SELECT `reason for it` FROM archive.order WHERE id = 9",
        'SELECT "Reason For It" FROM archive."order" AS o WHERE o.id = 9',
    ):
        answer = asked.ask(written)
        assert [tuple(row) for row in answer.rows] == [("too late",)], (written, answer.sql, answer.error)


def test_the_prompt_names_the_product_and_shows_names_as_they_must_be_written(
    agent: tuple[str, SQLAgent, ScriptedModel],
) -> None:
    kind, asked, model = agent
    asked.ask("SELECT 1")
    system = model.asked[-1][0].content
    shown = {"sqlite": "SQLite", "duckdb": "DuckDB", "postgres": "PostgreSQL ", "mysql": "MariaDB "}[kind]
    assert f"a {shown}" in system
    assert {"postgres": '"Name" character varying', "mysql": "`Singer ID`"}.get(kind, '"Singer ID"') in system
    assert "'Ada Lovelace'" in system


def test_values_are_indexed_looked_up_and_left_out_on_request(
    agent: tuple[str, SQLAgent, ScriptedModel], tmp_path: Path
) -> None:
    kind, asked, _ = agent
    database: Database = asked.database
    assert database.data_stamp() is not None
    store = ValueStore(database, ValueSettings(seconds=60), tmp_path)
    store.refresh(database.schema())
    assert store.wait(120)
    index = store.index
    assert [place.text for place in index.places("ada lovelace")] == ["Ada Lovelace"]
    assert index.holds("Singer", "country", "France") is True
    if kind in ("postgres", "duckdb"):
        assert [(one.table, one.text) for one in index.places("too late")] == [("archive.order", "too late")]
    store.close()
    hidden = without_values(database.schema(), "*.name")
    assert "Ada Lovelace" not in str(hidden)
    assert "France" in str(hidden)


def test_a_value_in_another_letter_case_is_found_in_the_database(agent: tuple[str, SQLAgent, ScriptedModel]) -> None:
    import sqlglot
    from sqlglot import exp

    from agentsql.db.dialects.own import respelt

    kind, asked, _ = agent
    dialect = asked.database.dialect
    query = sqlglot.parse_one("SELECT Name FROM Singer WHERE Name = 'ADA lovelace'", read=dialect)
    assert isinstance(query, exp.Query)
    (found,) = find_value_mismatches(respelt(query, asked.schema), asked.schema, asked.database.run)
    assert found.same_but_case == "Ada Lovelace", kind


def test_the_grammar_holds_the_names_as_the_dialect_quotes_them(agent: tuple[str, SQLAgent, ScriptedModel]) -> None:
    kind, asked, _ = agent
    grammar = sql_grammar(asked.schema, (), asked.database.dialect)
    quote = '"`"' if kind == "mysql" else '"\\""'
    assert quote in grammar


def _told(cell: Any) -> Any:
    return cell if isinstance(cell, str | int) else round(float(cell), 4)
