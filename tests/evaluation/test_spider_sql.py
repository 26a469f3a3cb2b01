"""SQL as Spider's scripts read it."""

from __future__ import annotations

import pytest

from agentsql.evaluation.spider_query import Condition, Expression, OutsideGrammarError, Query, Term
from agentsql.evaluation.spider_sql import parse_spider_sql
from agentsql.evaluation.spider_tokens import spider_tokens


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("SELECT count(*)", ["select", "count", "(", "*", ")"], id="brackets"),
        pytest.param("a >= 5 AND b ! = 'It s'", ["a", ">=", "5", "and", "b", "!=", '"It s"'], id="operators, a string"),
        pytest.param("a>=5", ["a", ">", "=5"], id="no spaces"),
        pytest.param("a=b", ["a=b"], id="one word"),
        pytest.param("T1.Name,T2.Age", ["t1.name", ",", "t2.age"], id="a comma"),
        pytest.param("1,000", ["1,000"], id="a comma in a number"),
        pytest.param("FROM singer.", ["from", "singer", "."], id="a full stop"),
        pytest.param("`a`", ["`", "a", "`"], id="backticks"),
        pytest.param("a -- b", ["a", "--", "b"], id="a comment"),
        pytest.param("name='x'", ["name=\0x\0"], id="a string with a word stuck to it"),
    ],
)
def test_tokens(sql: str, expected: list[str]) -> None:
    assert spider_tokens(sql) == expected


def test_a_query_is_taken_apart(schema) -> None:
    age = Expression("", Term("", "singer.age", False), None)
    query = parse_spider_sql("SELECT max(T1.age) FROM singer AS T1 WHERE T1.age BETWEEN 3 AND 5 LIMIT 2;", schema)
    assert query == Query(
        distinct=False,
        select=(("max", age),),
        tables=("singer",),
        joined_on=(),
        where=(Condition(False, "between", age, 3.0, 5.0),),
        group=(),
        having=(),
        order=None,
        limited=True,
    )


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        pytest.param("", "no FROM", id="nothing"),
        pytest.param("SELECT 'a FROM singer", "a quote is not closed", id="quote"),
        pytest.param("SELECT name FROM singer AS", "AS without a name behind it", id="AS"),
        pytest.param("SELECT name FROM singer AS concert", "the alias 'concert' is the name of a table", id="alias"),
        pytest.param("SELECT name FROM nobody", "no table 'nobody'", id="table"),
        pytest.param("SELECT T9.name FROM singer", "no column 't9.name'", id="qualifier"),
        pytest.param("SELECT name FROM singer WHERE age IS NULL", "no column 'null'", id="NULL"),
        pytest.param("SELECT name FROM singer WHERE age", "the text ends too early", id="half a condition"),
        pytest.param("SELECT name FROM singer WHERE age ~ 3", "'~' is no comparison", id="comparison"),
        pytest.param("SELECT name FROM singer GROUP age", "'age' where 'by' should be", id="GROUP"),
        pytest.param("SELECT name FROM " + "(SELECT * FROM " * 3000, "nested too deeply", id="nesting"),
    ],
)
def test_what_is_outside_the_grammar_is_told(schema, sql: str, reason: str) -> None:
    with pytest.raises(OutsideGrammarError, match=reason):
        parse_spider_sql(sql, schema)


def test_without_a_schema_every_word_is_a_name() -> None:
    query = parse_spider_sql("SELECT T1.a FROM t AS T1 WHERE b = 3", None)
    assert (query.select[0][1].left.column, query.tables) == ("t1.a", ("t",))
