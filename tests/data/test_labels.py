"""What a query reads."""

from __future__ import annotations

import pytest

from agentsql.data.labels import hardness_of, labels_of
from agentsql.db.connect import open_database


@pytest.fixture
def schema(tiny):
    return open_database(tiny).schema()


SINGER = ("singer.age", "singer.country", "singer.name", "singer.singer_id")


@pytest.mark.parametrize(
    ("sql", "tables", "columns", "keys"),
    [
        pytest.param("SELECT NAME FROM Singer", "singer", ("singer.name",), (), id="case"),
        pytest.param("SELECT count(*) FROM singer", "singer", (), (), id="count names no column"),
        pytest.param("SELECT * FROM singer", "singer", SINGER, (), id="star"),
        pytest.param(
            "SELECT t.* FROM singer AS t JOIN concert ON concert.year = t.age",
            "concert singer", ("concert.year", *SINGER), ("concert.year", "singer.age"), id="star of an alias",
        ),
        pytest.param(
            "SELECT T1.name FROM singer AS T1 JOIN singer_in_concert AS T2 ON T1.singer_id = T2.singer_id",
            "singer singer_in_concert",
            ("singer.name", "singer.singer_id", "singer_in_concert.singer_id"),
            ("singer.singer_id", "singer_in_concert.singer_id"),
            id="keys",
        ),
        pytest.param(
            "SELECT singer_id FROM singer JOIN singer_in_concert USING (singer_id)",
            "singer singer_in_concert",
            ("singer.singer_id", "singer_in_concert.singer_id"),
            (),
            id="USING, and shown",
        ),
        pytest.param(
            "SELECT name FROM singer JOIN singer_in_concert USING (singer_id)",
            "singer singer_in_concert",
            ("singer.name", "singer.singer_id", "singer_in_concert.singer_id"),
            ("singer.singer_id", "singer_in_concert.singer_id"),
            id="USING",
        ),
        pytest.param(
            "WITH old AS (SELECT name AS n FROM singer WHERE age > 40) SELECT n FROM old",
            "singer", ("singer.age", "singer.name"), (), id="CTE",
        ),
        pytest.param(
            "SELECT x.c FROM (SELECT country AS c FROM singer) AS x",
            "singer", ("singer.country",), (), id="derived table",
        ),
        pytest.param(
            "SELECT title FROM concert WHERE EXISTS (SELECT * FROM singer WHERE singer.age = concert.year)",
            "concert singer", ("concert.title", "concert.year", "singer.age"), ("concert.year", "singer.age"),
            id="EXISTS needs no column for its star",
        ),
        pytest.param(
            "SELECT name FROM singer UNION SELECT title FROM concert ORDER BY name",
            "concert singer", ("concert.title", "singer.name"), (), id="set operation",
        ),
        pytest.param(
            'SELECT name FROM singer WHERE country = "France"', "singer", ("singer.country", "singer.name"), (),
            id="text in double quotes",
        ),
    ],
)  # fmt: skip
def test_labels(sql, tables, columns, keys, schema):
    found = labels_of(sql, schema)

    assert found.tables == tuple(tables.split())
    assert tuple(map(".".join, found.columns)) == columns
    assert tuple(sorted(map(".".join, found.keys))) == keys
    assert tuple(map(".".join, found.without_keys)) == tuple(one for one in columns if one not in keys)


@pytest.mark.parametrize(
    ("sql", "hardness"),
    [
        ("SELECT name FROM singer", "easy"),
        ('SELECT "the name" FROM singer WHERE "a/b" = 3 AND name = \'x\'', "medium"),
        ("SELECT CASE WHEN age > 3 THEN 1 END FROM singer", "other"),
        ("SELECT 'open", "other"),
    ],
)
def test_hardness_is_spiders_names_in_quotes_or_not(sql, hardness, schema):
    assert hardness_of(sql, schema) == hardness


def test_what_is_no_query_has_none(schema):
    assert labels_of("DELETE FROM singer", schema) is None
    assert labels_of("SELECT FROM (", schema) is None
