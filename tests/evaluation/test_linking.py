"""What a query reads, and how much of what the gold reads that is."""

from __future__ import annotations

import pytest

from agentsql.evaluation.canonical import Names
from agentsql.evaluation.linking import LinkingScores, Overlap, choice_scores, linking_scores, names_read, overlap


@pytest.mark.parametrize(
    ("sql", "tables", "columns"),
    [
        pytest.param("SELECT count(*) FROM Singer", "singer", "", id="COUNT(*) reads no column"),
        pytest.param("SELECT s.NAME FROM singer AS s", "singer", "singer.name", id="alias"),
        pytest.param("SELECT * FROM sings", "sings", "sings.concert_id sings.singer_id", id="star"),
        pytest.param(
            "SELECT g.*, title FROM sings AS g JOIN concert AS c ON g.concert_id = c.concert_id",
            "sings concert",
            "sings.concert_id sings.singer_id concert.concert_id concert.title",
            id="star of one table",
        ),
        pytest.param(
            "WITH old AS (SELECT * FROM singer) SELECT name FROM old WHERE age > 60",
            "singer",
            "singer.name singer.age",
            id="star of a CTE",
        ),
        pytest.param("SELECT * FROM (SELECT name FROM singer) AS d", "singer", "singer.name", id="derived table"),
        pytest.param(
            "WITH concert AS (SELECT name FROM singer) SELECT name FROM concert",
            "singer",
            "singer.name",
            id="a CTE with the name of a table",
        ),
        pytest.param(
            "SELECT name FROM singer WHERE EXISTS (SELECT * FROM sings WHERE sings.singer_id = singer.singer_id)",
            "singer sings",
            "singer.name singer.singer_id sings.singer_id",
            id="EXISTS",
        ),
        pytest.param(
            "SELECT name FROM singer JOIN sings USING (singer_id)",
            "singer sings",
            "singer.name singer.singer_id sings.singer_id",
            id="USING",
        ),
        pytest.param(
            "WITH b AS (SELECT name AS n FROM singer UNION SELECT title FROM concert) SELECT * FROM b",
            "singer concert",
            "singer.name concert.title",
            id="UNION",
        ),
        pytest.param("SELECT name AS age FROM singer ORDER BY age", "singer", "singer.name", id="an item's alias"),
        pytest.param("SELECT nome FROM singer", "singer", "", id="a name that is not there"),
    ],
)
def test_names_read(schema, sql: str, tables: str, columns: str) -> None:
    expected = {tuple(one.split(".")) for one in columns.split()}
    assert names_read(sql, schema) == Names(frozenset(tables.split()), frozenset(expected))


@pytest.mark.parametrize("sql", ["", "SELECT FROM WHERE", "DELETE FROM singer"])
def test_what_is_no_query_reads_nothing(schema, sql: str) -> None:
    assert names_read(sql, schema) is None
    nothing = Overlap(0.0, 0.0, 0.0)
    assert linking_scores("SELECT name FROM singer", sql, schema) == LinkingScores(nothing, nothing)


def test_a_query_is_compared_with_the_gold(schema) -> None:
    found = linking_scores(
        "SELECT name FROM singer JOIN sings ON singer.singer_id = sings.singer_id", "SELECT name FROM singer", schema
    )
    assert found is not None
    assert found.tables == Overlap(0.5, 1.0, pytest.approx(2 / 3))
    assert found.columns == Overlap(pytest.approx(1 / 3), 1.0, 0.5)


def test_a_pruned_schema_is_complete_where_it_has_all_the_gold_needs(schema) -> None:
    chosen = Names(frozenset({"Singer", "Concert"}), frozenset({("Singer", "Name"), ("Singer", "Age")}))
    found = choice_scores("SELECT name FROM singer", chosen, schema)
    assert found is not None
    assert (found.tables.complete, found.columns.complete) == (True, True)
    assert (found.tables.precision, found.columns.precision) == (0.5, 0.5)
    lost = choice_scores("SELECT country FROM singer", chosen, schema)
    assert lost is not None
    assert (lost.tables.complete, lost.columns.complete) == (True, False)


def test_a_gold_without_tables_has_no_scores(schema) -> None:
    assert linking_scores("SELECT 1", "SELECT 1", schema) is None


def test_nothing_needed_and_nothing_found_is_complete() -> None:
    assert overlap(set(), set()) == Overlap(1.0, 1.0, 1.0)
    assert overlap(set(), {"a"}) == Overlap(1.0, 0.0, 0.0)
    assert overlap({"a"}, {"b"}) == Overlap(0.0, 0.0, 0.0)
