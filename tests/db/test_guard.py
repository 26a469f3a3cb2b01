"""The first lock alone: no database is open in these tests."""

from __future__ import annotations

import logging

import pytest

from agentsql.db.guard import MAX_CHARS, StatementRefused, read_only_query

ALLOWED = [
    "SELECT 1",
    "SELECT 1;",
    "SELECT 1;;  ",
    "SELECT 1; -- the end",
    "/* first */ SELECT 1 -- last",
    "VALUES (1), (2)",
    "(SELECT 1)",
    "((SELECT 1) UNION SELECT 2)",
    "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 9) SELECT * FROM c",
    "SELECT a FROM t EXCEPT SELECT b FROM u INTERSECT SELECT 1 ORDER BY 1 LIMIT 3",
    "SELECT 'DROP TABLE t; DELETE FROM t' AS a",
    'SELECT "delete", `update`, [insert] FROM "drop"',
    "SELECT replace(a, 'x', 'y'), glob('a*', a), randomblob(4), zeroblob(4) FROM t",
    "SELECT count(*) FILTER (WHERE a > 1) OVER w FROM t WINDOW w AS (PARTITION BY b)",
    "SELECT value FROM t, json_each(t.a)",
    "SELECT " + "(SELECT " * 25 + "1" + ")" * 25,
    "SELECT 1" + " UNION SELECT 1" * 400,
    "SELECT " + " OR ".join(f"a = {number}" for number in range(2000)),
]

REFUSED = [
    ("SELECT 1; DROP TABLE t", "expected one statement, got 2"),
    ("SELECT 1; SELECT 2", "expected one statement, got 2"),
    ("SELECT 1;; EXPLAIN SELECT 2", "expected one statement, got 2"),
    ("INSERT INTO t VALUES (1)", "expected a query, got INSERT"),
    ("REPLACE INTO t VALUES (1)", "expected a query, got REPLACE"),
    ("UPDATE t SET a = 1", "expected a query, got UPDATE"),
    ("DELETE FROM t", "expected a query, got DELETE"),
    ("DROP TABLE t", "expected a query, got DROP"),
    ("CREATE TABLE x AS SELECT 1", "expected a query, got CREATE"),
    ("ALTER TABLE t ADD COLUMN x", "expected a query, got ALTER"),
    ("PRAGMA writable_schema = 1", "expected a query, got PRAGMA"),
    ("ATTACH 'x' AS y", "expected a query, got ATTACH"),
    ("VACUUM INTO 'x'", "expected a query, got VACUUM"),
    ("EXPLAIN SELECT 1", "expected a query, got EXPLAIN"),
    ("BEGIN", "expected a query, got BEGIN"),
    ("REINDEX", "expected a query, got REINDEX"),
    ("ANALYZE", "expected a query, got ANALYZE"),
    ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "WITH x holds no query"),
    ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", "expected a query, got INSERT"),
    ("WITH x AS (SELECT 1) DELETE FROM t", "expected a query, got DELETE"),
    ("SELECT * FROM t FOR UPDATE", "a query may not contain LOCK"),
    ("SELECT * INTO x FROM t", "a query may not contain INTO"),
    ("SELECT load_extension('x')", "the function load_extension may not be used"),
    ("SELECT \"load_extension\"('x')", "the function load_extension may not be used"),
    ("SELECT (SELECT upper(WriteFile('a', 'b')))", "the function writefile may not be used"),
    ("SELECT a FROM t WHERE readfile('x') = a", "the function readfile may not be used"),
    ("SELECT fts3_tokenizer('x')", "the function fts3_tokenizer may not be used"),
    ("SELECT * FROM pragma_table_info('t')", "the function pragma_table_info may not be used"),
    ("SELECT * FROM pragma_database_list", "the table 'pragma_database_list' belongs to the database system"),
    ("SELECT * FROM sqlite_master", "the table 'sqlite_master' belongs to the database system"),
    ("SELECT 1 WHERE EXISTS (SELECT 1 FROM main.SQLITE_SCHEMA)", "the table 'SQLITE_SCHEMA' belongs"),
    ("SELECT * FROM dbstat", "the table 'dbstat' belongs to the database system"),
]

BROKEN = [
    ("", "there is no statement"),
    ("-- only a comment", "there is no statement"),
    ("SELEC 1", "not valid sqlite"),
    ("SELECT FROM", "not valid sqlite"),
    ("SELECT 'open", "not valid sqlite"),
    ("the answer is 42", "not valid sqlite"),
    ("SELECT 1\x00; DROP TABLE t", "the statement holds a NUL character"),
    ("SELECT '\ud800'", "half a character"),
    ("SELECT " + "(" * 10_000 + "1" + ")" * 10_000, "nests deeper than"),
    ("SELECT " + "NOT " * 5000 + "1", "nests too deeply"),
    ("SELECT " + "CASE WHEN 1 THEN " * 500 + "1" + " END" * 500, "nests deeper than"),
    ("SELECT '" + "x" * 100_000 + "'", f"100009 characters, {100_009 - MAX_CHARS} more than the {MAX_CHARS} allowed"),
]

OTHER_DIALECTS = [
    ("postgres", "SELECT pg_catalog.pg_sleep(1)"),
    ("postgres", 'SELECT "pg_sleep"(1)'),
    ("postgres", "SELECT pg_read_file('/etc/passwd')"),
    ("postgres", "SELECT * FROM pg_ls_dir('.')"),
    ("postgres", "SELECT lo_import('/etc/passwd')"),
    ("postgres", "SELECT lo_export(1, '/tmp/x')"),
    ("postgres", "SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a int)"),
    ("postgres", "SELECT query_to_xml('DELETE FROM t', true, true, '')"),
    ("postgres", "SELECT set_config('a', 'b', true)"),
    ("postgres", "SELECT nextval('s')"),
    ("postgres", "SELECT * FROM t FOR SHARE"),
    ("postgres", "COPY t TO PROGRAM 'sh'"),
    ("postgres", "SET ROLE admin"),
    ("mysql", "SELECT SLEEP(10)"),
    ("mysql", "SELECT BENCHMARK(1000000, 1)"),
    ("mysql", "SELECT LOAD_FILE('/etc/passwd')"),
    ("mysql", "SELECT sys_exec('id')"),
    ("mysql", "SELECT 1 INTO OUTFILE '/tmp/x'"),
    ("mysql", "SELECT 1 /*!50000 , sleep(10) */"),
    ("tsql", "EXEC xp_cmdshell 'dir'"),
    ("tsql", "SELECT * FROM OPENROWSET('a', 'b', 'c')"),
    ("duckdb", "SELECT * FROM read_csv('x.csv')"),
    ("duckdb", "SELECT * FROM read_parquet('x.parquet')"),
    ("duckdb", "SELECT * FROM read_json('x.json')"),
    ("duckdb", "SELECT * FROM read_text('/etc/passwd')"),
    ("duckdb", "SELECT * FROM glob('/*')"),
    ("duckdb", "SELECT * FROM 'people.csv'"),
    ("duckdb", "COPY (SELECT 1) TO 'x'"),
    ("duckdb", "INSTALL httpfs"),
]


@pytest.mark.parametrize("sql", ALLOWED, ids=lambda sql: sql[:50])
def test_a_query_passes(sql: str) -> None:
    assert read_only_query(sql, "sqlite") is not None


@pytest.mark.parametrize(("sql", "message"), REFUSED, ids=[sql for sql, _ in REFUSED])
def test_what_is_no_plain_query_is_refused_with_the_reason(sql: str, message: str) -> None:
    with pytest.raises(StatementRefused) as refusal:
        read_only_query(sql, "sqlite")
    assert refusal.value.failure.kind == "refused"
    assert message in refusal.value.failure.message
    assert refusal.value.failure.hint


@pytest.mark.parametrize(("sql", "message"), BROKEN, ids=[sql[:30] for sql, _ in BROKEN])
def test_what_does_not_parse_is_a_short_syntax_failure(sql: str, message: str) -> None:
    with pytest.raises(StatementRefused) as refusal:
        read_only_query(sql, "sqlite")
    assert refusal.value.failure.kind == "syntax"
    assert message in refusal.value.failure.message
    assert len(refusal.value.failure.message) <= 300


@pytest.mark.parametrize(("dialect", "sql"), OTHER_DIALECTS, ids=[sql for _, sql in OTHER_DIALECTS])
def test_functions_that_reach_outside_are_refused_in_their_dialect(dialect: str, sql: str) -> None:
    with pytest.raises(StatementRefused):
        read_only_query(sql, dialect)


def test_a_syntax_failure_names_no_python_class_and_has_no_colour_codes() -> None:
    with pytest.raises(StatementRefused) as refusal:
        read_only_query("SELECT a FROM t WHERE", "sqlite")
    assert "class" not in refusal.value.failure.message
    assert "\x1b" not in refusal.value.failure.message
    assert "line 1" in refusal.value.failure.message


def test_a_refusal_writes_nothing_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(StatementRefused):
        read_only_query("VACUUM INTO 'x'", "sqlite")
    assert caplog.records == []
