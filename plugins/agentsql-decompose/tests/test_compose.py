"""Queries put together by their trees."""

from __future__ import annotations

import pytest

from agentsql_decompose import Part, PartsDoNotFitError, compose
from agentsql_decompose.compose import part_from, part_name

OLD = Part("old", "", "SELECT name FROM singer WHERE age > 40", ("name",))
FRENCH = Part("french", "", "SELECT name FROM old JOIN singer USING (name)", ("name",))


def test_parts_come_first_in_order_and_only_those_that_are_used():
    unused = Part("unused", "", "SELECT 1 AS a", ("a",))
    sql = compose([OLD, unused, FRENCH], "SELECT COUNT(*) FROM french", "sqlite")
    assert sql == (
        "WITH old AS (SELECT name FROM singer WHERE age > 40), french AS (SELECT name FROM old JOIN singer USING"
        " (name)) SELECT COUNT(*) FROM french"
    )


def test_a_part_that_the_model_wrote_again_is_taken_out_and_its_own_is_kept_behind():
    last = "WITH old AS (SELECT 1), few AS (SELECT * FROM old LIMIT 2) SELECT COUNT(*) FROM few JOIN old"
    sql = compose([OLD], last, "sqlite")
    assert sql.startswith("WITH old AS (SELECT name FROM singer WHERE age > 40), few AS (SELECT * FROM old LIMIT 2)")
    assert sql.count("old AS") == 1


@pytest.mark.parametrize("last", ["SELECT 1 FROM singer", "DELETE FROM old", "SELECT FROM WHERE ("])
def test_a_last_query_that_does_not_fit_is_refused(last):
    with pytest.raises(PartsDoNotFitError):
        compose([OLD], last, "sqlite")


def test_columns_without_a_label_get_one():
    part = part_from("counts", "", "SELECT country, COUNT(*) FROM singer GROUP BY country", "sqlite")
    assert part.columns == ("country", "value_2")
    assert "COUNT(*) AS value_2" in part.sql


@pytest.mark.parametrize("sql", ["SELECT * FROM singer", "SELECT a, a FROM t", "DROP TABLE t"])
def test_a_part_whose_columns_are_not_known_is_refused(sql):
    with pytest.raises(PartsDoNotFitError):
        part_from("p", "", sql, "sqlite")


def test_a_name_is_plain_and_its_own():
    assert part_name("Old Singers!", []) == "old_singers"
    assert part_name("2nd", ["part_2nd"]) == "part_2nd_part"
    assert part_name("Singer", ["singer"]) == "singer_part"
