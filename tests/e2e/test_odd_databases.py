"""Databases as people have them: odd names, no keys, strange cells. The model is scripted; everything else is real."""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.cli.main import main
from agentsql.steps.shared import shown_schema
from agentsql.testing import ScriptedModel


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    path = tmp_path / "odd näme #1.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE "order" ("group" TEXT, "unit price" REAL, "sel""ect" TEXT, "größe" TEXT);
        CREATE TABLE "2 words" (a, b);
        CREATE TABLE 東京 (人口 INTEGER);
        CREATE TABLE cells (picture BLOB, amount REAL, "nothing" TEXT, big INTEGER);
        INSERT INTO "order" VALUES ('a', 1.5, 'x', 'groß'), ('b', 2.5, 'y', 'klein');
        INSERT INTO "2 words" VALUES (1, 'one'), (NULL, 'two');
        INSERT INTO 東京 VALUES (14000000);
        """
    )
    connection.execute("INSERT INTO cells VALUES (?, ?, NULL, ?)", (b"\x00\xff" * 50, math.inf, 2**62))
    connection.execute("INSERT INTO cells VALUES (?, ?, NULL, ?)", (b"", -math.inf, -1))
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        pytest.param('SELECT "group" FROM "order" WHERE "unit price" > 2', (("b",),), id="reserved word and blank"),
        pytest.param('SELECT "sel""ect" FROM "order" WHERE größe = \'groß\'', (("x",),), id="quote and umlaut"),
        pytest.param('SELECT count(*) FROM "2 words" WHERE a IS NULL', ((1,),), id="table of two words"),
        pytest.param("SELECT max(人口) FROM 東京", ((14000000,),), id="no Latin letters"),
        pytest.param("SELECT amount FROM cells ORDER BY big", ((-math.inf,), (math.inf,)), id="infinity"),
        pytest.param("SELECT big FROM cells WHERE big > 0", ((2**62,),), id="large number"),
        pytest.param(
            'SELECT "nothing", picture FROM cells WHERE length(picture) = 0', ((None, b""),), id="NULL and BLOB"
        ),
    ],
)
def test_a_query_on_odd_names_and_cells_is_answered(odd: Path, sql: str, rows: tuple[tuple[object, ...], ...]) -> None:
    before = hashlib.sha256(odd.read_bytes()).hexdigest()
    with SQLAgent(odd, sql_model=ScriptedModel(sql, "So it is.")) as agent:
        answer = agent.ask("What is in the order, the 2 words, the cells and 東京?")
    assert (answer.status, answer.sql, answer.rows) == ("answered", sql, rows)
    assert hashlib.sha256(odd.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in odd.parent.glob("odd*")) == [odd.name]


def test_a_wrong_name_among_odd_ones_is_mended_with_its_quotes(odd: Path) -> None:
    with SQLAgent(odd, sql_model=ScriptedModel('SELECT "unit prise" FROM "order" AS o WHERE o.grup = 1')) as agent:
        answer = agent.ask("What is the unit price of each order?")
    assert answer.candidates[0].failure is not None
    assert answer.candidates[0].failure.kind == "unknown_column"
    assert "group" in answer.candidates[0].failure.hint


def test_names_that_need_quotes_are_shown_with_them_to_the_model(odd: Path) -> None:
    with SQLAgent(odd, sql_model=ScriptedModel("x")) as agent:
        text = shown_schema(agent.resources()).text
    for name in ('"order"', '"group"', '"unit price"', '"sel""ect"', '"2 words"', "東京"):
        assert name in text


def test_every_door_of_the_command_line_takes_them(odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--db", str(odd), "--format", "json"]) == 0
    tables = {table["name"] for table in json.loads(capsys.readouterr().out)["tables"]}
    assert tables == {"order", "2 words", "東京", "cells"}
    for form in ("text", "mermaid"):
        assert main(["schema", "--db", str(odd), "--format", form]) == 0


def test_a_cache_folder_that_cannot_be_written_costs_only_time(
    odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    with SQLAgent(odd, sql_model=ScriptedModel('SELECT count(*) FROM "order"')) as agent:
        assert agent.ask("How many orders are there?").rows == ((2,),)
