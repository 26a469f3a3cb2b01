"""What models really write, and the SQL that has to come out of it."""

from __future__ import annotations

import json

import pytest

from agentsql.db.extract import extract_sql

CASES = [
    pytest.param("SELECT 1", "SELECT 1", id="bare"),
    pytest.param("SELECT 1;", "SELECT 1", id="semicolon"),
    pytest.param("```sql\nSELECT name\nFROM singer;\n```", "SELECT name\nFROM singer", id="fenced"),
    pytest.param("```\nSELECT 1\n```", "SELECT 1", id="fence without language"),
    pytest.param("```SQL\nSELECT 1\n```", "SELECT 1", id="fence in capitals"),
    pytest.param("```sqlite\nSELECT 1\n```", "SELECT 1", id="fence of the dialect"),
    pytest.param("```sql SELECT 1 ```", "SELECT 1", id="fence on one line"),
    pytest.param("```sql\nSELECT a FROM t WHERE b =", "SELECT a FROM t WHERE b =", id="fence cut off"),
    pytest.param("Here is the query:\n\n```sql\nSELECT 1\n```\nIt counts.", "SELECT 1", id="prose around a fence"),
    pytest.param("Sure! Here's what you need:\nSELECT name FROM singer", "SELECT name FROM singer", id="prose before"),
    pytest.param(
        "SELECT name FROM singer\n\nThis query lists the singers' names.", "SELECT name FROM singer", id="prose after"
    ),
    pytest.param("The answer is SELECT count(*) FROM singer", "SELECT count(*) FROM singer", id="prose on one line"),
    pytest.param("SQL: SELECT 1", "SELECT 1", id="label"),
    pytest.param("SELECT 1; SELECT 2;", "SELECT 1", id="two statements"),
    pytest.param("SELECT 1; -- the answer", "SELECT 1", id="comment after the semicolon"),
    pytest.param("SELECT 1 -- the answer", "SELECT 1 -- the answer", id="trailing comment"),
    pytest.param("SELECT ';' AS semicolon", "SELECT ';' AS semicolon", id="semicolon in a string"),
    pytest.param("SELECT 'it''s' AS a; done", "SELECT 'it''s' AS a", id="doubled quote"),
    pytest.param("SELECT '```' AS fence", "SELECT '```' AS fence", id="fence in a string"),
    pytest.param("WITH a AS (SELECT 1 AS b)\nSELECT b FROM a;", "WITH a AS (SELECT 1 AS b)\nSELECT b FROM a", id="CTE"),
    pytest.param(
        "To do so:\n\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n",
        id="recursive CTE after prose",
    ),
    pytest.param(
        'SELECT "first name", `b c`, [d] FROM "select"', 'SELECT "first name", `b c`, [d] FROM "select"', id="quoted"
    ),
    pytest.param("(SELECT 1) UNION (SELECT 2)", "(SELECT 1) UNION (SELECT 2)", id="parenthesis first"),
    pytest.param("VALUES (1), (2)", "VALUES (1), (2)", id="values"),
    pytest.param("DELETE FROM singer;", "DELETE FROM singer", id="a write stays a write"),
    pytest.param("```sql\nDROP TABLE singer;\n```", "DROP TABLE singer", id="a fenced write stays a write"),
    pytest.param("I cannot answer that.", "I cannot answer that.", id="no SQL"),
    pytest.param("", "", id="nothing"),
    pytest.param("   \n ", "", id="blanks"),
    pytest.param("SELECT FROM WHERE", "SELECT FROM WHERE", id="not valid, left for the correcting model"),
    pytest.param(
        "```python\nprint(1)\n```\n```sql\nSELECT 1\n```", "SELECT 1", id="another language's fence comes first"
    ),
    pytest.param(
        "```sql\nSELECT a FROM t;\n```\nor better\n```sql\nSELECT b FROM t;\n```", "SELECT a FROM t", id="two fences"
    ),
    pytest.param("<think>Select the names.</think>\nSELECT name FROM singer", "SELECT name FROM singer", id="thoughts"),
    pytest.param(
        "SELECT name -- ';' and ```\nFROM singer", "SELECT name -- ';' and ```\nFROM singer", id="odd comment"
    ),
    pytest.param("select name from singer", "select name from singer", id="lower case"),
    pytest.param("Question: x\nselect name from singer;", "select name from singer", id="lower case after prose"),
    pytest.param("SELECT 'Zürich', '東京'", "SELECT 'Zürich', '東京'", id="unicode"),
    pytest.param("PRAGMA table_info(singer)", "PRAGMA table_info(singer)", id="left for the guard to refuse"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_the_statement_comes_out_as_it_was_written(text: str, expected: str) -> None:
    assert extract_sql(text, "sqlite") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(" count(*) FROM singer", "SELECT count(*) FROM singer", id="continued"),
        pytest.param("SELECT count(*) FROM singer", "SELECT count(*) FROM singer", id="repeated"),
        pytest.param("select 1;", "select 1", id="repeated in lower case"),
        pytest.param("```sql\nSELECT 1\n```", "SELECT 1", id="ignored"),
    ],
)
def test_a_forced_prefix_is_put_back_once(text: str, expected: str) -> None:
    assert extract_sql(text, "sqlite", prefix="SELECT") == expected


def test_no_valid_gold_query_is_damaged(spider) -> None:
    golds = [row["query"] for row in json.loads((spider / "dev.json").read_text())]
    for gold in golds:
        assert extract_sql(gold, "sqlite") == gold.strip().rstrip(";").strip()
        assert extract_sql(f"Sure:\n```sql\n{gold};\n```\nDone.", "sqlite") == gold.strip().rstrip(";").strip()
