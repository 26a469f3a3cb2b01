"""The grammar of queries over a schema, read by a matcher that vLLM uses too."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path

import pytest
import sqlglot
from llguidance import LLMatcher, LLParserLimits, LLTokenizer, grammar_from
from llguidance.gbnf_to_lark import any_to_lark
from sqlglot import exp

from agentsql.db.functions import refused_function, usual_functions
from agentsql.db.grammar import sql_grammar
from agentsql.db.introspect import read_structure
from agentsql.db.quote import quote_identifier
from agentsql.db.schema import Column, Schema, Table

BYTES = LLTokenizer("byte")
END = BYTES.eos_token


def schema_of(dialect: str = "sqlite", **tables: str) -> Schema:
    """Give a schema; columns are separated by commas, and `_` in a table's name stands for a blank."""
    return Schema(
        dialect,
        tuple(
            Table(name.replace("_", " "), tuple(Column(column, "TEXT") for column in columns.split(",")))
            for name, columns in sorted(tables.items())
        ),
    )


SCHEMA = schema_of(
    singer="singer_id,name,Country,age,song release",
    concert="concert_id,Title,Year,singer_id,order",
    ticket_sale="id,concert_id,price",
)


@lru_cache(maxsize=32)
def matcher(grammar: str) -> LLMatcher:
    limits = LLParserLimits(max_lexer_states=2_000_000)
    found = LLMatcher(BYTES, grammar_from("lark", any_to_lark(grammar)), limits=limits)
    assert not found.is_error(), found.get_error()
    return found


def accepts(text: str, schema: Schema = SCHEMA, tables: tuple[str, ...] = ()) -> bool:
    """Tell whether the grammar allows exactly this text."""
    reader = matcher(sql_grammar(schema, tables, schema.dialect)).deep_copy()
    return reader.try_consume_tokens(list(text.encode())) == len(text.encode()) and reader.is_accepting()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM singer",
        "select Count( DISTINCT country ) from SINGER;",
        "```sql\nSELECT name FROM singer\n```",
        "SELECT name,age ,  Country FROM singer ORDER BY age DESC, name LIMIT 3",
        "SELECT \"song release\" FROM singer WHERE \"name\" = 'It''s'",
        'SELECT price FROM "ticket sale"',
        "SELECT age FROM singer WHERE name IN ('Zoë 東京 🎤', ' O''Neil ', '', '%a%')",
        "SELECT T1.name, Title FROM singer AS T1 JOIN concert AS T2 ON T1.singer_id = T2.singer_id WHERE Year = 2014",
        "SELECT s.name\nFROM singer s\n    LEFT JOIN concert c ON s.singer_id = c.singer_id\nWHERE c.Title IS NULL",
        "SELECT singer.name FROM singer, concert WHERE singer.singer_id = concert.singer_id",
        "SELECT Country FROM singer GROUP BY Country HAVING COUNT(*) > 2 AND AVG(age) >= 30.5",
        "SELECT name FROM singer WHERE age > (SELECT AVG(age) FROM singer) AND name NOT LIKE '%a%'",
        "SELECT name FROM singer WHERE singer_id NOT IN (SELECT singer_id FROM concert WHERE Year BETWEEN 1 AND 9)",
        "SELECT name FROM singer WHERE Country IN ('France', 'Chad') OR (age < -3 AND NOT name = 'A')",
        "SELECT name FROM singer WHERE EXISTS (SELECT * FROM concert WHERE concert.singer_id = singer.singer_id)",
        "SELECT name FROM singer AS T1 WHERE 1 < (SELECT 1 FROM concert AS T2 WHERE T2.singer_id = T1.singer_id)",
        "SELECT name FROM singer INTERSECT SELECT name FROM singer WHERE age > 40 ORDER BY name",
        "SELECT Country, COUNT(*) AS num_singers FROM singer GROUP BY Country ORDER BY num_singers DESC LIMIT 1",
        "SELECT MAX(total) FROM (SELECT COUNT(*) AS total FROM concert GROUP BY singer_id) AS sub",
        "SELECT SUM(CASE WHEN age > 30 THEN 1 ELSE 0 END) * 100.0 / COUNT(*) FROM singer",
        "SELECT CAST(SUM(Country = 'France') AS REAL) / COUNT(singer_id) FROM singer",
        "SELECT name, ROW_NUMBER() OVER (PARTITION BY Country ORDER BY age DESC) AS rank FROM singer",
        "SELECT strftime('%Y', Title), ROUND(AVG(age), 2) FROM concert JOIN singer USING (singer_id) GROUP BY 1",
        "SELECT (SELECT COUNT(*) FROM singer) - (SELECT COUNT(*) FROM concert)",
        "WITH totals AS (SELECT COUNT(*) AS total FROM concert GROUP BY singer_id) SELECT MAX(total) FROM totals",
    ],
)
def test_what_models_write_is_allowed(sql: str) -> None:
    assert accepts(sql)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT nme FROM singer", id="a column the schema lacks"),
        pytest.param("SELECT name FROM singers", id="a table the schema lacks"),
        pytest.param("SELECT singer.Title FROM singer JOIN concert USING (singer_id)", id="a column of another table"),
        pytest.param("SELECT Title FROM singer", id="a column of a table that is not read"),
        pytest.param("SELECT T1.Title FROM singer AS T1 WHERE T1.age > 3", id="the same behind an alias"),
        pytest.param("SELECT name FROM singer JOIN concert ON br.Title = name", id="an alias like no table's name"),
        pytest.param("SELECT name FROM singer ORDER BY SUM(T2.price)", id="the same behind an alias of nothing"),
        pytest.param("SELECT name FROM singer WHERE age IN (SELECT age FROM concert)", id="the same in a subquery"),
        pytest.param("SELECT order FROM concert", id="a reserved word unquoted"),
        pytest.param("SELECT name FROM singer ORDER BY fame", id="a name nobody gave"),
        pytest.param(
            "SELECT country_name AS total FROM singer ORDER BY total", id="a column that looks like a measure"
        ),
        pytest.param("SELECT load_extension('x') FROM singer", id="a function that is not listed"),
        pytest.param("SELECT name FROM sqlite_master", id="a system table"),
        pytest.param("DELETE FROM singer", id="a write"),
        pytest.param("WITH total AS (DELETE FROM singer) SELECT * FROM total", id="a write in a CTE"),
        pytest.param("SELECT name FROM singer; SELECT 1", id="two statements"),
        pytest.param("SELECT name FROM singer -- all", id="a comment"),
        pytest.param("SELECT age--1 FROM singer", id="a minus that begins a comment"),
        pytest.param("SELECT name INTO copy FROM singer", id="INTO"),
        pytest.param("Here is the query: SELECT name FROM singer", id="prose"),
        pytest.param(f"SELECT age FROM singer ORDER BY {', '.join(['age'] * 9)}", id="too many of one kind"),
        pytest.param(f"SELECT age FROM singer WHERE name = '{'la ' * 14}'", id="a text of too many words"),
        pytest.param("SELECT name FROM singer WHERE name = 'a\nb'", id="a line break in a text"),
        pytest.param(f"SELECT {'(' * 6}age{')' * 6} FROM singer", id="nested too deeply"),
        pytest.param("SELECT name FROM singer" + "\n" * 3, id="blank lines without end"),
    ],
)
def test_what_the_schema_or_the_guard_refuses_is_not_allowed(text: str) -> None:
    assert not accepts(text)


def test_with_a_join_any_column_of_the_schema_passes() -> None:
    assert accepts("SELECT price FROM singer JOIN concert ON singer.singer_id = concert.singer_id")


def test_the_columns_are_held_to_the_table_only_where_the_tables_are_few() -> None:
    schema = schema_of(**{f"table{number}": f"own{number},name" for number in range(9)})
    few = tuple(f"table{number}" for number in range(8))
    assert accepts("SELECT own2 FROM table1", schema)
    assert not accepts("SELECT own2 FROM table1", schema, few)
    assert accepts("SELECT own2 FROM table2", schema, few)


def test_only_the_tables_that_were_chosen_may_be_read() -> None:
    assert accepts("SELECT name FROM singer", tables=("singer",))
    assert not accepts("SELECT Title FROM concert", tables=("singer",))
    assert not accepts("SELECT Title FROM singer", tables=("singer",))


def test_names_that_need_quotes_keep_them_whatever_they_hold() -> None:
    schema = schema_of(odd='a"b,back\\slash,naïve,two words,per cent %,tab\there')
    for column in schema.tables[0].columns:
        assert accepts(f"SELECT {quote_identifier(column.name, 'sqlite')} FROM odd", schema)
        assert not accepts(f"SELECT {column.name} FROM odd", schema)


def test_dialects_quote_cast_and_page_in_their_own_way() -> None:
    postgres = schema_of("postgres", singer="name,songRelease,born")
    assert accepts("SELECT \"songRelease\"::date, EXTRACT(YEAR FROM born) FROM singer WHERE name ILIKE 'j%'", postgres)
    assert not accepts("SELECT songRelease FROM singer", postgres)
    assert accepts("SELECT `two words` FROM singer LIMIT 3", schema_of("mysql", singer="name,two words"))
    paged = "SELECT name FROM singer ORDER BY name OFFSET 0 ROWS FETCH NEXT 3 ROWS ONLY"
    assert accepts(paged, schema_of("tsql", singer="name"))


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "redshift", "mysql", "duckdb", "snowflake", "tsql", "other"])
def test_no_function_of_the_grammar_is_refused_by_the_guard(dialect: str) -> None:
    usual = usual_functions(dialect)
    names = [*usual.aggregates, *usual.rankings, *(name for group in usual.scalars.values() for name in group)]
    assert not [name for name in names if refused_function(name, dialect)]


def random_text(grammar: str, rng: random.Random) -> str:
    """Give a text as a model without any sense would write it under the grammar, one byte after another."""
    reader = matcher(grammar).deep_copy()
    text = bytearray()
    while not reader.is_stopped():
        allowed = [byte for byte, bias in enumerate(reader.compute_logit_bias()) if bias]
        if END in allowed and rng.random() < 0.5:
            break
        # Blanks, quotes and brackets are taken more seldom, so that a text says something.
        plain = [byte for byte in allowed if byte != END and chr(byte).isalnum()]
        byte = rng.choice(plain if plain and rng.random() < 0.8 else [byte for byte in allowed if byte != END])
        reader.consume_token(byte)
        text.append(byte)
    return text.decode()


def fault(text: str) -> str:
    """Say what SQLite holds against a text where there are no tables at all; empty if it ran."""
    with closing(sqlite3.connect(":memory:")) as empty:
        try:
            empty.execute(text)
        except sqlite3.Error as exc:
            return str(exc).casefold()
    return ""


def test_whatever_is_written_at_random_is_one_query_of_known_tables() -> None:
    grammar = sql_grammar(SCHEMA, (), "sqlite")
    rng = random.Random(5)
    for _ in range(8):
        text = random_text(grammar, rng).removeprefix("```sql\n").removesuffix("\n```")
        found, _, name = fault(text).partition("no such table: ")
        assert found == ""
        if not text.casefold().startswith("with"):  # behind it any name that looks like its tables passes
            assert name in ("", "singer", "concert", "ticket sale")


def as_models_write(sql: str, schema: Schema) -> str:
    """Give a gold query with one blank between words, text in single quotes, and names as the schema spells them."""
    names = {column.name.casefold(): column.name for table in schema for column in table.columns}
    names |= {table.name.casefold(): table.name for table in schema}

    def spelled(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and node.this.quoted and node.name.casefold() not in names:
            return exp.Literal.string(node.name)
        return node

    tree = sqlglot.parse_one(sql, read=schema.dialect).transform(spelled)
    for name in tree.find_all(exp.Identifier):
        known = names.get(name.name.casefold(), name.name)
        name.set("this", known)
        name.set("quoted", quote_identifier(known, schema.dialect) != known)
    return tree.sql(schema.dialect)


def gold_queries(spider: Path, step: int) -> Iterator[tuple[Schema, str]]:
    schemas: dict[str, Schema] = {}
    for row in json.loads((spider / "dev.json").read_text())[::step]:
        if (name := row["db_id"]) not in schemas:
            connection = sqlite3.connect(f"file:{spider}/database/{name}/{name}.sqlite?mode=ro", uri=True)
            schemas[name] = read_structure(connection)
            connection.close()
        yield schemas[name], as_models_write(row["query"], schemas[name])


@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_the_gold_queries_of_spider_are_allowed(spider: Path, step: int) -> None:
    refused = [sql for schema, sql in gold_queries(spider, step) if not accepts(sql, schema)]
    assert refused == []
