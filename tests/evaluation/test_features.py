import pytest

from agentsql.evaluation.features import features_of


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("SELECT name FROM singer", "one table", id="plain"),
        pytest.param("SELECT count(*) FROM singer WHERE a LIKE '%x%' OR b = 1", "one table,aggregate,or,like", id="or"),
        pytest.param("SELECT a FROM t JOIN u ON t.id = u.id", "join", id="join"),
        pytest.param("SELECT a FROM t, u, v", "join,three tables or more", id="commas join"),
        pytest.param(
            "SELECT a FROM t GROUP BY a HAVING count(*) > 1 ORDER BY a LIMIT 1",
            "one table,aggregate,grouping,having,order,limit",
            id="clauses",
        ),
        pytest.param("SELECT DISTINCT a FROM t WHERE b IN (SELECT c FROM u)", "distinct,nesting", id="nesting"),
        pytest.param("SELECT count(DISTINCT a) FROM t", "one table,aggregate,distinct", id="distinct inside"),
        pytest.param("SELECT a FROM (SELECT a FROM t)", "one table,derived table", id="derived"),
        pytest.param("SELECT (SELECT max(b) FROM u) FROM t", "aggregate,nesting", id="nested in the select list"),
        pytest.param("WITH c AS (SELECT a FROM t) SELECT a FROM c", "CTE", id="cte"),
        pytest.param("SELECT a FROM t EXCEPT SELECT a FROM u", "set operation", id="sides are no nesting"),
        pytest.param("SELECT row_number() OVER (ORDER BY a) FROM t", "one table,window", id="a window's order"),
        pytest.param("SELECT CASE WHEN a THEN 1 END FROM t", "one table,case", id="case"),
        pytest.param("SELEKT (", "", id="no SQL"),
    ],
)
def test_a_query_has_the_features_it_is_made_of(sql, expected):
    assert ",".join(features_of(sql)) == expected
