"""Statements that small models write for another dialect, as they must read in the own one."""

from __future__ import annotations

import pytest

from agentsql.db.dialects.own import in_own_dialect
from agentsql.db.schema import Column, Schema, Table


def schema_of(dialect: str) -> Schema:
    singer = Table(
        "Singer",
        (
            Column("Singer ID", "integer"),
            Column("Name", "text"),
            Column("country", "character varying(30)"),
            Column("active", "boolean"),
            Column("born", "date"),
            Column("code", "text"),
            Column("age", "double precision"),
        ),
    )
    concert = Table("concert", (Column("id", "int"), Column("singer_id", "int"), Column("Year", "int")))
    return Schema(dialect, (singer, concert))


@pytest.mark.parametrize(
    ("dialect", "written", "meant"),
    [
        pytest.param("postgres", "SELECT Name FROM Singer", 'SELECT "Name" FROM "Singer"', id="names in capitals"),
        pytest.param("snowflake", "SELECT name FROM singer", 'SELECT "Name" FROM "Singer"', id="folded upwards"),
        pytest.param(
            "postgres",
            "SELECT s.`singer id` FROM `singer` AS s LIMIT 5, 10",
            'SELECT s."Singer ID" FROM "Singer" AS s LIMIT 10 OFFSET 5',
            id="backticks and LIMIT x, y",
        ),
        pytest.param(
            "postgres",
            'SELECT code FROM Singer WHERE COUNTRY = "France"',
            "SELECT code FROM \"Singer\" WHERE country = 'France'",
            id="a text in double quotes",
        ),
        pytest.param(
            "mysql",
            'SELECT "Name" FROM "singer" WHERE "country" = "France"',
            "SELECT Name FROM Singer WHERE country = 'France'",
            id="names in double quotes",
        ),
        pytest.param(
            "postgres",
            "SELECT strftime('%Y-%m', born) FROM Singer",
            "SELECT TO_CHAR(CAST(born AS TIMESTAMP), 'YYYY-MM') FROM \"Singer\"",
            id="strftime",
        ),
        pytest.param(
            "postgres",
            "SELECT DATE_FORMAT(born, '%Y') FROM Singer",
            "SELECT TO_CHAR(CAST(born AS TIMESTAMP), 'YYYY') FROM \"Singer\"",
            id="DATE_FORMAT",
        ),
        pytest.param(
            "postgres",
            "SELECT julianday('now') - julianday(born) FROM Singer",
            'SELECT (CURRENT_DATE - CAST(born AS DATE)) FROM "Singer"',
            id="days between",
        ),
        pytest.param(
            "postgres",
            "SELECT code FROM Singer WHERE born > date('now', '-1 month', 'start of month')",
            'SELECT code FROM "Singer" WHERE born > '
            "CAST(DATE_TRUNC('MONTH', CURRENT_DATE - INTERVAL '1 MONTH') AS DATE)",
            id="modifiers of a date",
        ),
        pytest.param(
            "postgres",
            "SELECT IFNULL(SUM(active), 0) FROM Singer WHERE active = 1 AND code = 5 AND born LIKE '19%'",
            'SELECT COALESCE(SUM(CAST(active AS INT)), 0) FROM "Singer" '
            "WHERE active = TRUE AND code = '5' AND CAST(born AS TEXT) LIKE '19%'",
            id="types that do not fit",
        ),
        pytest.param(
            "postgres",
            "SELECT Name, country, COUNT(*) AS n FROM Singer GROUP BY country HAVING n > 1",
            'SELECT "Name", country, COUNT(*) AS n FROM "Singer" GROUP BY country, "Name" HAVING COUNT(*) > 1',
            id="a column that is not grouped by, a name in HAVING",
        ),
        pytest.param(
            "postgres",
            "SELECT x.NAME FROM (SELECT Name, born FROM Singer) AS x ORDER BY Name COLLATE NOCASE",
            'SELECT x."Name" FROM (SELECT "Name", born FROM "Singer") AS x ORDER BY LOWER("Name")',
            id="names that a subquery gives",
        ),
        pytest.param("postgres", "SELECT TOP 3 Name FROM Singer", 'SELECT "Name" FROM "Singer" LIMIT 3', id="TOP"),
        pytest.param(
            "sqlite",
            "SELECT DATE_FORMAT(born, '%Y-%m'), YEAR(born) FROM Singer",
            "SELECT STRFTIME('%Y-%m', born), CAST(STRFTIME('%Y', born) AS INTEGER) FROM Singer",
            id="MySQL's dates on SQLite",
        ),
        pytest.param(
            "sqlite",
            "SELECT EXTRACT(YEAR FROM born), LEFT(Name, 2) FROM Singer WHERE born >= CURRENT_DATE - INTERVAL '7 days'",
            "SELECT CAST(STRFTIME('%Y', born) AS INTEGER), SUBSTR(Name, 1, 2) FROM Singer "
            "WHERE born >= DATE('now', '-7 days')",
            id="PostgreSQL's dates on SQLite",
        ),
        pytest.param(
            "sqlite",
            "SELECT DATE_SUB(NOW(), INTERVAL 1 MONTH), CONCAT(Name, ' ', country) FROM Singer",
            "SELECT DATETIME('now', '-1 months'), Name || ' ' || country FROM Singer",
            id="intervals and CONCAT on SQLite",
        ),
        pytest.param(
            "mysql",
            "SELECT strftime('%Y', born) FROM Singer",
            "SELECT DATE_FORMAT(born, '%Y') FROM Singer",
            id="strftime on MySQL",
        ),
        pytest.param(
            "duckdb",
            "SELECT julianday('now') - julianday(born), `Name` FROM Singer",
            "SELECT DATE_DIFF('DAY', CAST(born AS DATE), CURRENT_DATE), Name FROM Singer",
            id="days between on DuckDB",
        ),
        pytest.param(
            "bigquery",
            "SELECT strftime('%Y', born) FROM Singer WHERE \"country\" = 'France'",
            "SELECT FORMAT_TIMESTAMP('%Y', born) FROM Singer WHERE country = 'France'",
            id="strftime on BigQuery",
        ),
    ],
)
def test_a_statement_for_another_dialect_is_found_in_the_own_one(dialect: str, written: str, meant: str) -> None:
    forms = list(in_own_dialect(written, schema_of(dialect)))
    assert meant in forms
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql", "duckdb", "snowflake", "bigquery"])
def test_what_is_no_query_has_no_other_form(dialect: str) -> None:
    for text in (
        "",
        "DROP TABLE Singer",
        "SELECT 1; DELETE FROM Singer",
        "Sorry, I cannot.",
        "INSERT INTO x VALUES (1)",
    ):
        assert list(in_own_dialect(text, schema_of(dialect))) == []


def test_names_that_outer_queries_have_are_respelt_in_inner_ones() -> None:
    written = 'SELECT Singer.Name FROM Singer WHERE EXISTS (SELECT 1 FROM concert c WHERE c.year = singer."singer id")'
    first, *_ = in_own_dialect(written, schema_of("postgres"))
    assert first == (
        'SELECT "Singer"."Name" FROM "Singer" WHERE EXISTS(SELECT 1 FROM concert AS c '
        'WHERE c."Year" = "Singer"."Singer ID")'
    )


def test_a_common_table_keeps_the_names_it_gives_itself() -> None:
    written = "WITH singer AS (SELECT Name AS nm FROM concert JOIN Singer USING (name)) SELECT NM FROM singer"
    assert any("SELECT nm FROM singer" in form for form in in_own_dialect(written, schema_of("postgres")))
