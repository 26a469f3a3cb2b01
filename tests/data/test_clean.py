"""Repairs of questions and golds."""

from __future__ import annotations

import pytest

from agentsql.data.clean import clean_question, clean_sql, has_lost_characters
from agentsql.db.schema import Column, Schema, Table

SCHEMA = Schema(
    "sqlite", (Table("singer", (Column("name", "TEXT"), Column("age", "INT"), Column("Song Name", "TEXT"))),)
)


@pytest.mark.parametrize(
    ("sql", "cleaned"),
    [
        pytest.param("SELECT name ,  age FROM singer ", "SELECT name, age FROM singer", id="blanks"),
        pytest.param("SELECT name FROM singer;", "SELECT name FROM singer", id="semicolon"),
        pytest.param("SELECT name FROM singer WHERE age > = 3", "SELECT name FROM singer WHERE age >= 3", id="two"),
        pytest.param("SELECT 'a > = b  ,c' FROM singer", "SELECT 'a > = b  ,c' FROM singer", id="a string stays"),
        pytest.param(
            "SELECT name FROM singer WHERE name = \"Joe's\"", "SELECT name FROM singer WHERE name = 'Joe''s'", id="text"
        ),
        pytest.param('SELECT "Song Name" FROM singer', 'SELECT "Song Name" FROM singer', id="a column stays quoted"),
        pytest.param('SELECT age AS "a b" FROM singer', 'SELECT age AS "a b" FROM singer', id="an alias stays quoted"),
        pytest.param("SELECT name -- all of them\nFROM singer", "SELECT name FROM singer", id="comment"),
        pytest.param("SELECT count( * ) FROM singer\tWHERE age<3", "SELECT count(*) FROM singer WHERE age<3", id="("),
        pytest.param("SELECT 'open", "SELECT 'open", id="no SQL"),
    ],
)  # fmt: skip
def test_sql_is_written_as_a_model_should_write_it(sql, cleaned):
    assert clean_sql(sql, SCHEMA)[0] == cleaned


def test_repairs_are_named():
    assert clean_sql('SELECT name FROM singer WHERE age > = 3 AND name = "x";', SCHEMA)[1] == (
        "gold: operators in two parts",
        "gold: semicolon",
        "gold: text in double quotes",
    )
    assert clean_sql("SELECT name FROM singer", SCHEMA)[1] == ()


@pytest.mark.parametrize(
    ("text", "cleaned", "repairs"),
    [
        ("How many?", "How many?", ()),
        ("How  many \n", "How many", ("question: blanks",)),
        ("MÃ¼nchen", "München", ("question: encoding read wrongly",)),
        ("theyâ€™re", "they’re", ("question: encoding read wrongly",)),  # noqa: RUF001
        ("Mu\u0308nchen\u200b", "München", ("question: invisible or decomposed characters",)),
        ("São Paulo, Âge", "São Paulo, Âge", ()),
    ],
)
def test_questions_are_readable(text, cleaned, repairs):
    assert clean_question(text) == (cleaned, repairs)


def test_what_could_not_be_read_is_seen():
    assert has_lost_characters("M\ufffdnchen")
    assert not has_lost_characters("München")
