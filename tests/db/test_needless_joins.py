"""Joins that do nothing but repeat rows."""

from __future__ import annotations

import json

import pytest
import sqlglot

from agentsql.db.needless_joins import drop_needless_joins
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.db.words import index_words


def table(name: str, columns: str, *keys: ForeignKey) -> Table:
    names = columns.split()
    return Table(name, tuple(Column(one, "INT") for one in names), (names[0],), keys)


SCHEMA = Schema(
    "sqlite",
    (
        table("movie", "movie_id title director"),
        table("studio", "studio_id city"),
        table("rating", "rating_id movie_id studio_id stars", ForeignKey(("movie_id",), "movie", ("movie_id",))),
    ),
)
JOINED = "FROM movie AS m JOIN rating AS r ON m.movie_id = r.movie_id"


@pytest.mark.parametrize(
    ("question", "sql", "dropped"),
    [
        pytest.param("Titles by Spielberg?", f"SELECT m.title {JOINED} WHERE m.director = 1", ("rating",), id="unused"),
        pytest.param(
            "Titles?",
            f"SELECT m.title {JOINED} JOIN studio AS s ON s.studio_id = r.studio_id",
            ("studio", "rating"),
            id="a chain",
        ),
        pytest.param(
            "Titles of a studio?",
            f"SELECT m.title {JOINED} JOIN studio AS s ON s.studio_id = r.studio_id",
            (),
            id="end of chain",
        ),
        pytest.param("Titles with a rating?", f"SELECT m.title {JOINED}", (), id="the question names the table"),
        pytest.param("Titles with stars?", f"SELECT m.title {JOINED}", (), id="the question names a column of it"),
        pytest.param("Titles?", f"SELECT m.title {JOINED} WHERE r.stars > 3", (), id="used in WHERE"),
        pytest.param("Titles?", f"SELECT m.title {JOINED} ORDER BY r.stars", (), id="used in ORDER BY"),
        pytest.param("Titles?", f"SELECT DISTINCT m.title {JOINED}", (), id="repeats are removed"),
        pytest.param("Titles?", f"SELECT m.title, count(*) {JOINED} GROUP BY m.title", (), id="rows are counted"),
        pytest.param("Titles?", f"SELECT count(*) {JOINED}", (), id="all rows are counted"),
        pytest.param("All?", f"SELECT * {JOINED}", (), id="a star"),
        pytest.param("Titles?", f"SELECT title FROM movie EXCEPT SELECT m.title {JOINED}", (), id="set operation"),
        pytest.param(
            "Stars?", "SELECT r.stars FROM rating r JOIN movie m ON r.movie_id = m.movie_id", (), id="on its whole key"
        ),
        pytest.param(
            "Titles?", "SELECT m.title FROM movie m LEFT JOIN rating r ON m.movie_id = r.movie_id", (), id="outer join"
        ),
    ],
)
def test_only_a_join_that_nothing_needs_is_dropped(question: str, sql: str, dropped: tuple[str, ...]) -> None:
    query = sqlglot.parse_one(sql, read="sqlite")
    assert isinstance(query, sqlglot.exp.Query)
    before = _joined(query)
    assert drop_needless_joins(query, SCHEMA, question, index_words(SCHEMA).find(question)) == dropped
    assert _joined(query) == [table for table in before if table not in dropped]


def _joined(query: sqlglot.exp.Query) -> list[str]:
    return [join.this.name for join in query.find_all(sqlglot.exp.Join)]


def test_gold_queries_of_spider_are_left_as_they_are(spider) -> None:
    from agentsql import SQLAgent
    from agentsql.testing import ScriptedModel

    rows = [row for row in json.loads((spider / "dev.json").read_text()) if row["db_id"] == "flight_2"]
    with SQLAgent(spider / "database" / "flight_2" / "flight_2.sqlite", sql_model=ScriptedModel("x")) as agent:
        words = index_words(agent.schema)
        for row in rows:
            query = sqlglot.parse_one(row["query"], read="sqlite")
            assert isinstance(query, sqlglot.exp.Query)
            assert drop_needless_joins(query, agent.schema, row["question"], words.find(row["question"])) == ()
