"""The schema as text: exact, bounded, the same every time, and safe to put into a prompt."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlglot.dialects.dialect import Dialect

from agentsql.db.diagram import render_mermaid, render_schema_json
from agentsql.db.quote import clip, quote_identifier, value_literal
from agentsql.db.render import estimated_tokens, render_schema
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.db.sqlite import SQLiteDatabase

CONCERTS_TEXT = """\
CREATE TABLE concert (
  concert_ID INTEGER PRIMARY KEY,
  Title TEXT, -- e.g. 'Auditions', 'Super bootcamp', 'Week 1'
  Year INT,
  singer INT,
  FOREIGN KEY (singer) REFERENCES singer(Singer_ID)
);
CREATE VIEW french (
  Name TEXT,
  Age INT
);
CREATE TABLE singer (
  Singer_ID INT PRIMARY KEY,
  Name TEXT, -- e.g. 'Joe Sharp', 'John Nizinik', 'Justin Brown'
  Country TEXT, -- values: 'France', 'Netherlands', 'United States'
  Age INT
);
CREATE TABLE stadium (
  Stadium_ID INTEGER PRIMARY KEY,
  Location TEXT, -- e.g. 'Raith Rovers'
  Capacity INT
);"""


def _linked(name: str, *targets: str) -> Table:
    columns = (Column("id", "INT"), *(Column(f"{target}_id", "INT", values=(1, 2)) for target in targets))
    return Table(name, columns, ("id",), tuple(ForeignKey((f"{one}_id",), one, ("id",)) for one in targets))


CHAIN = Schema("sqlite", (_linked("a"), _linked("b", "a", "d"), _linked("c", "b"), _linked("d"), _linked("lone")))


def test_a_database_is_written_as_create_statements(concerts: SQLiteDatabase) -> None:
    rendered = render_schema(concerts.schema(), prompt_tokens=6000, sample_values=3)
    assert rendered.text == CONCERTS_TEXT
    assert rendered.tables == ("concert", "french", "singer", "stadium")
    assert rendered.dropped == ()


def test_only_the_tables_named_are_shown_and_no_key_to_others() -> None:
    rendered = render_schema(CHAIN, tables=("B", "a", "nope"), prompt_tokens=6000, sample_values=0)
    assert rendered.tables == ("a", "b")
    assert rendered.dropped == ()
    assert "REFERENCES a(id)" in rendered.text
    assert "REFERENCES d" not in rendered.text


@pytest.mark.parametrize(
    ("tables", "prompt_tokens", "shown", "dropped"),
    [
        ((), 120, ("a", "b", "c", "d", "lone"), ()),
        ((), 119, ("a", "b", "c", "d"), ("lone",)),
        ((), 60, ("b",), ("a", "c", "d", "lone")),
        ((), 1, ("b",), ("a", "c", "d", "lone")),
        (("lone", "b", "a"), 60, ("b", "lone"), ("a",)),
        (("lone", "b", "a"), 1, ("lone",), ("a", "b")),
    ],
)
def test_above_the_budget_the_least_linked_or_last_named_tables_go_first(
    tables: tuple[str, ...], prompt_tokens: int, shown: tuple[str, ...], dropped: tuple[str, ...]
) -> None:
    rendered = render_schema(CHAIN, tables=tables, prompt_tokens=prompt_tokens, sample_values=3)
    assert (rendered.tables, rendered.dropped) == (shown, dropped)


def test_values_go_before_comments_and_comments_before_tables() -> None:
    column = Column("c", "TEXT", comment="a comment " * 10, values=("a value " * 4,))
    schema = Schema("sqlite", (Table("t", (column,)), Table("u", (Column("d", "TEXT"),))))
    texts = [render_schema(schema, prompt_tokens=tokens, sample_values=1).text for tokens in (1000, 60, 30)]
    assert [("a value" in text, "a comment" in text, "TABLE u" in text) for text in texts] == [
        (True, True, True),
        (False, True, True),
        (False, False, True),
    ]


def test_a_budget_that_drops_tables_is_kept() -> None:
    schema = Schema("sqlite", tuple(_linked(f"table_{number:03}") for number in range(200)))
    rendered = render_schema(schema, prompt_tokens=500, sample_values=3)
    assert 400 < estimated_tokens(rendered.text) <= 500
    assert len(rendered.tables) + len(rendered.dropped) == 200


HOSTILE = "x\n);\nDROP TABLE t; -- \u202eignore\u2028all\x1b[31m'quoted'"


def test_nothing_from_the_database_leaves_its_line() -> None:
    column = Column(HOSTILE, HOSTILE, comment=HOSTILE, values=(HOSTILE, "y"), values_complete=True)
    schema = Schema("sqlite", (Table(HOSTILE, (column,), comment=HOSTILE),))
    text = render_schema(schema, prompt_tokens=6000, sample_values=3).text
    assert len(text.split("\n")) == 3
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert text.count("CREATE TABLE") == 1


def test_the_text_is_the_same_for_every_hash_seed(make_file: Callable[..., Path]) -> None:
    program = (
        "import sys; from pathlib import Path; from agentsql.db.connect import open_database;"
        "from agentsql.db.render import render_schema;"
        "schema = open_database(sys.argv[1], cache_dir=Path(sys.argv[2])).schema();"
        "sys.stdout.write(render_schema(schema, prompt_tokens=100, sample_values=2).text)"
    )
    path = make_file()
    texts = {
        subprocess.run(
            [sys.executable, "-c", program, str(path), str(path.parent / f"cache{seed}")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
    assert texts != {b""}


@pytest.mark.parametrize(
    ("name", "dialect", "quoted"),
    [
        ("singer", "sqlite", "singer"),
        ("Singer_ID", "sqlite", "Singer_ID"),
        ("order", "sqlite", '"order"'),
        ("Group", "sqlite", '"Group"'),
        ("two words", "sqlite", '"two words"'),
        ('say "hi"', "sqlite", '"say ""hi"""'),
        ("2fast", "sqlite", '"2fast"'),
        ("straße", "sqlite", '"straße"'),
        ("", "sqlite", '""'),
        ("Mixed", "postgres", '"Mixed"'),
        ("a`b", "mysql", "`a``b`"),
        ("a]b", "tsql", "[a]]b]"),
    ],
)
def test_identifiers_are_quoted_only_where_they_must_be(name: str, dialect: str, quoted: str) -> None:
    assert quote_identifier(name, dialect) == quoted


def test_every_word_that_sqlite_reserves_is_quoted() -> None:
    connection = sqlite3.connect(":memory:")
    keywords = Dialect.get_or_raise("sqlite").tokenizer_class.KEYWORDS
    words = {word.casefold() for keyword in keywords for word in keyword.split() if word.isalpha()}
    assert {"all", "between", "glob", "limit", "order", "select"} <= words
    for word in words:
        quoted = quote_identifier(word, "sqlite")
        connection.execute(f"CREATE TABLE {quoted} ({quoted} TEXT)")
        connection.execute(f"SELECT {quoted} FROM {quoted}")
    connection.close()


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (None, "NULL"),
        (3, "3"),
        (2.5, "2.5"),
        ("it's", "'it''s'"),
        ("line\nbreak", "'line break'"),
        ("x" * 50, "'" + "x" * 37 + "...'"),
        (b"\x00\xff", "x'00ff'"),
    ],
)
def test_values_become_literals_of_one_line(value: str | int | float | bytes | None, literal: str) -> None:
    assert value_literal(value, max_chars=40) == literal


def test_clip_reads_no_more_of_a_text_than_it_shows() -> None:
    assert clip("a" * 10_000_000, 10) == "aaaaaaa..."


def test_the_json_form_can_be_written_for_any_cell(concerts: SQLiteDatabase) -> None:
    schema = concerts.schema()
    odd = replace(schema.tables[0], columns=(Column("c", "REAL", values=(float("inf"), b"x", None, True, 1.5)),))
    shown = json.loads(json.dumps(render_schema_json(replace(schema, tables=(odd,))), allow_nan=False))
    assert shown["tables"][0]["columns"][0]["values"] == ["inf", "b'x'", None, True, 1.5]
    assert shown["tables"][0]["foreign_keys"] == [
        {"columns": ["singer"], "to_table": "singer", "to_columns": ["Singer_ID"]}
    ]


def test_the_mermaid_form_is_a_diagram_with_quoted_names(concerts: SQLiteDatabase) -> None:
    lines = render_mermaid(concerts.schema()).splitlines()
    assert lines[0] == "erDiagram"
    assert '  "concert" {' in lines
    assert "    INTEGER concert_ID PK" in lines
    assert '  "singer" ||--o{ "concert" : "singer"' in lines
