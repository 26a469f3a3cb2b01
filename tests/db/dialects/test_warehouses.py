"""Snowflake and BigQuery without a server: prompts, quoting, the guard and other dialects put into theirs."""

from __future__ import annotations

import pytest
from sqlglot import parse_one

from agentsql.db.dialects.own import in_own_dialect
from agentsql.db.grammar import sql_grammar
from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.db.names import check_names
from agentsql.db.quote import quote_identifier
from agentsql.db.render import render_schema
from agentsql.db.schema import Column, Schema, Table
from agentsql.prompts import build_prompt


def schema_of(dialect: str) -> Schema:
    columns = (
        Column("Order ID", "NUMBER" if dialect == "snowflake" else "INT64"),
        Column("STATUS", "VARCHAR" if dialect == "snowflake" else "STRING"),
        Column("placed", "TIMESTAMP"),
        Column("paid", "BOOLEAN" if dialect == "snowflake" else "BOOL"),
    )
    return Schema(
        dialect,
        (Table("Orders", columns), Table("SALES.ITEMS", columns[:2], namespace="SALES")),
        namespaces=("PUBLIC", "SALES"),
    )


@pytest.mark.parametrize(
    ("dialect", "names"),
    [
        pytest.param(
            "snowflake", {"STATUS": "STATUS", "placed": '"placed"', "a b": '"a b"', 'x"y': '"x""y"'}, id="upper"
        ),
        pytest.param(
            "bigquery", {"STATUS": "STATUS", "placed": "placed", "a b": "`a b`", "order": "`order`"}, id="ticks"
        ),
    ],
)
def test_names_are_quoted_where_the_dialect_folds_or_reserves_them(dialect: str, names: dict[str, str]) -> None:
    assert {name: quote_identifier(name, dialect) for name in names} == names


@pytest.mark.parametrize(
    ("dialect", "product", "shown"),
    [
        ("snowflake", "Snowflake", '"placed" TIMESTAMP'),
        ("bigquery", "BigQuery", "`Order ID` INT64"),
    ],
)
def test_a_prompt_names_the_warehouse_and_shows_its_names(dialect: str, product: str, shown: str) -> None:
    text = render_schema(schema_of(dialect), prompt_tokens=1000, sample_values=0).text
    system = build_prompt("generate", dialect=dialect, schema=text, question="How many?").messages[0].content
    assert f"a {product} database" in system
    assert shown in system
    assert "CREATE TABLE SALES.ITEMS (" in system


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        (
            "snowflake",
            'SELECT STATUS, COUNT(*) FROM "Orders" WHERE "placed" > DATEADD(\'day\', -7, CURRENT_DATE) GROUP BY 1',
        ),
        ("snowflake", "SELECT * FROM SALES.ITEMS QUALIFY ROW_NUMBER() OVER (PARTITION BY STATUS ORDER BY STATUS) = 1"),
        (
            "snowflake",
            'SELECT DATE_TRUNC(\'month\', "placed") AS m, COUNT_IF("paid") FROM "Orders" GROUP BY m LIMIT 10',
        ),
        (
            "bigquery",
            "SELECT STATUS FROM Orders WHERE placed > TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) GROUP BY 1",
        ),
        ("bigquery", "SELECT FORMAT_TIMESTAMP('%Y-%m', placed) AS m, COUNTIF(paid) FROM Orders GROUP BY m LIMIT 10"),
        ("bigquery", "SELECT SAFE_DIVIDE(COUNTIF(paid), COUNT(*)) FROM Orders AS o WHERE `Order ID` IN UNNEST([1, 2])"),
    ],
)
def test_a_query_in_the_own_dialect_passes(dialect: str, sql: str) -> None:
    query = read_only_query(sql, dialect)
    assert check_names(query, schema_of(dialect)) is None


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("snowflake", "DELETE FROM SALES.ITEMS"),
        ("snowflake", "COPY INTO @stage FROM SALES.ITEMS"),
        ("snowflake", "SELECT * FROM @stage/file.csv"),
        ("snowflake", "CREATE TABLE x AS SELECT 1"),
        ("snowflake", "SELECT SYSTEM$CANCEL_QUERY('1')"),
        ("snowflake", "CALL do_it()"),
        ("snowflake", "USE ROLE ACCOUNTADMIN"),
        ("snowflake", "SELECT 1; DROP TABLE SALES.ITEMS"),
        ("bigquery", "DELETE FROM Orders WHERE TRUE"),
        ("bigquery", "EXPORT DATA OPTIONS (uri='gs://b/*') AS SELECT 1"),
        ("bigquery", "SELECT * FROM EXTERNAL_QUERY('c', 'SELECT 1')"),
        ("bigquery", "CREATE TEMP FUNCTION f() RETURNS INT64 LANGUAGE js AS 'return 1'; SELECT f()"),
        ("bigquery", "EXECUTE IMMEDIATE 'SELECT 1'"),
        ("bigquery", "MERGE INTO Orders USING Orders AS o ON TRUE WHEN MATCHED THEN DELETE"),
    ],
)
def test_what_writes_or_reaches_out_is_refused(dialect: str, sql: str) -> None:
    with pytest.raises(StatementRefused):
        read_only_query(sql, dialect)


@pytest.mark.parametrize(
    ("dialect", "written", "meant"),
    [
        ("snowflake", "SELECT status FROM orders LIMIT 2, 3", 'SELECT STATUS FROM "Orders" LIMIT 3 OFFSET 2'),
        ("snowflake", "SELECT status FROM items", "SELECT STATUS FROM SALES.ITEMS"),
        ("snowflake", "SELECT IFNULL(status, 'x') FROM `orders`", "SELECT COALESCE(STATUS, 'x') FROM \"Orders\""),
        ("snowflake", "SELECT strftime('%Y', placed) FROM orders", 'TO_CHAR(CAST("placed" AS TIMESTAMP'),
        ("bigquery", "SELECT status FROM orders WHERE paid = 1", "SELECT STATUS FROM Orders WHERE paid = TRUE"),
        ("bigquery", "SELECT STATUS FROM Orders WHERE placed >= NOW() - INTERVAL '7 days'", "INTERVAL '7' DAY"),
        ("bigquery", 'SELECT "Order ID" FROM "Orders"', "SELECT `Order ID` FROM Orders"),
        ("bigquery", "SELECT placed::date FROM Orders", "SELECT CAST(placed AS DATE) FROM Orders"),
    ],
)
def test_other_dialects_are_put_into_the_warehouses(dialect: str, written: str, meant: str) -> None:
    forms = list(in_own_dialect(written, schema_of(dialect)))
    assert any(form.startswith(meant) or meant in form for form in forms), forms
    for form in forms:
        parse_one(form, read=dialect)


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery"])
def test_a_grammar_holds_tables_of_several_schemas(dialect: str) -> None:
    grammar = sql_grammar(schema_of(dialect), (), dialect)
    assert "table-name ::=" in grammar
    assert '"."' in grammar
