"""What servers take and sqlglot's own parsers do not: read by lock one as the servers read it."""

from __future__ import annotations

import sqlite3
import time

import pytest
from sqlglot.errors import SqlglotError

from agentsql.db.connect import open_database
from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.db.parsing import parse_statement
from tests.services import execute

LIMITS = (
    "SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 ORDER BY n LIMIT 8 % 3",
    "SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 ORDER BY n LIMIT 4 - (SELECT 7) % 4 + 1 OFFSET 4 % 3",
    "SELECT n FROM (SELECT 1 AS n UNION ALL SELECT 2 ORDER BY n LIMIT 5 % 4) AS t WHERE n % 2 = 1",
)
HARMLESS = {
    "sqlite": LIMITS,
    "postgres": (
        *LIMITS,
        "SELECT @ -5, @ 1 - 5, 10 + @ 1 - 5, @ -5 * 2, @ -2 || 'x', @ @ -3",
        "SELECT n FROM (VALUES (-4), (1)) AS t(n) WHERE @ n > 3 ORDER BY @ n",
        "SELECT '[1,2]'::jsonb @> '[1]'::jsonb",
    ),
    "mysql": (
        "VALUES (1, 'a'), (2, 'b')",
        "WITH c(a) AS (VALUES (1), (2)) SELECT a FROM c ORDER BY a",
        "SELECT j.* FROM JSON_TABLE('[{\"a\": 1}, {\"b\": 2}]', '$[*]' COLUMNS (i FOR ORDINALITY, a INT PATH '$.a' "
        "DEFAULT '7' ON EMPTY NULL ON ERROR, is_b INT EXISTS PATH '$.b', NESTED PATH '$.c[*]' COLUMNS (d INT PATH '$'))"
        ") AS j",
    ),
}
OF_MYSQL_ALONE = ("VALUES ROW(1, 'a'), ROW(2, 'b') ORDER BY 1 LIMIT 1", "SELECT * FROM (VALUES ROW(1, 2)) AS t(a, b)")
REFUSED = {
    "sqlite": (
        "SELECT 1 LIMIT 5 % (SELECT count(*) FROM sqlite_master)",
        "SELECT 1 LIMIT 5 % load_extension('x')",
        "SELECT 1 LIMIT 5 % 3; DELETE FROM t",
        "SELECT 1 LIMIT 5 % ?",
    ),
    "postgres": (
        "SELECT @ pg_sleep(1)",
        "SELECT @x",
        'SELECT @"x"',
        "SELECT $1",
        "SELECT @ $1",
        "SELECT @ (SELECT count(*) FROM pg_authid)",
        "SELECT @ current_user",
        "SELECT 1 LIMIT 5 % (SELECT 1 FROM pg_sleep(9))",
        "SELECT @ (DELETE FROM t RETURNING 1)",
        "SELECT @ 'pg_authid'::regclass::int",
        "SELECT 1 @ 2",
        "SELECT @",
    ),
    "mysql": (
        "VALUES (1), (SLEEP(5))",
        "VALUES ROW(1), ROW(LOAD_FILE('/etc/passwd'))",
        "VALUES (1), ((SELECT count(*) FROM mysql.user))",
        "VALUES (@@version)",
        "VALUES (1), (2) INTO OUTFILE '/tmp/x'",
        "VALUES (1) FOR UPDATE",
        "SELECT VALUES(a) FROM t",
        "SELECT j.a FROM JSON_TABLE(LOAD_FILE('/x'), '$' COLUMNS (a INT EXISTS PATH '$.a')) AS j",
        "SELECT j.a FROM JSON_TABLE('[]', '$' COLUMNS (a INT PATH '$.a' DEFAULT (SELECT SLEEP(5)) ON EMPTY)) AS j",
        "SELECT j.a FROM JSON_TABLE('[]', '$' COLUMNS (a INT PATH '$.a' DEFAULT b ON EMPTY)) AS j",
    ),
}


def cases(statements: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(dialect, sql) for dialect, all_of_it in statements.items() for sql in all_of_it]


@pytest.mark.parametrize(("dialect", "sql"), [*cases(HARMLESS), *(("mysql", sql) for sql in OF_MYSQL_ALONE)])
def test_a_harmless_statement_passes_and_what_is_written_of_it_passes_again(dialect: str, sql: str) -> None:
    read_only_query(read_only_query(sql, dialect).sql(dialect), dialect)


@pytest.mark.parametrize(("dialect", "sql"), cases(REFUSED))
def test_what_such_a_place_hides_is_found(dialect: str, sql: str) -> None:
    with pytest.raises(StatementRefused):
        read_only_query(sql, dialect)


@pytest.mark.parametrize("sql", HARMLESS["sqlite"])
def test_the_tree_is_what_sqlite_reads(sql: str) -> None:
    connection = sqlite3.connect(":memory:")
    written = read_only_query(sql, "sqlite").sql("sqlite")
    assert connection.execute(written).fetchall() == connection.execute(sql).fetchall() != []
    connection.close()


@pytest.mark.parametrize(("dialect", "server"), [("postgres", "postgres_url"), ("mysql", "mariadb_url")])
def test_the_tree_is_what_the_server_reads(dialect: str, server: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(server)
    execute(url, "CREATE TABLE kept (a INT)")
    database = open_database(url)
    try:
        for sql in HARMLESS[dialect]:
            as_it_is = database.run(sql)
            written = database.run(read_only_query(sql, dialect).sql(dialect))
            assert as_it_is.error is None and as_it_is.rows, (sql, as_it_is.error)
            assert written.rows == as_it_is.rows, (sql, written.error)
    finally:
        database.close()


@pytest.mark.parametrize(
    "frame", ["SELECT 1 LIMIT ({}) % 9", "SELECT 1 LIMIT 1 OFFSET ({})", "SELECT 1 OFFSET (1 + ({}))"]
)
def test_limits_within_limits_are_refused_before_they_take_the_parser_long(frame: str) -> None:
    sql = "SELECT 1 LIMIT 9"
    for _ in range(4):
        sql = frame.format(sql)
    read_only_query(sql, "sqlite")
    for _ in range(25):
        sql = frame.format(sql)
    started = time.process_time()
    with pytest.raises(StatementRefused, match="limits stand within each other"):
        read_only_query(sql, "sqlite")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "SELECT d FROM generate_series(DATE '2024-01-01', DATE '2024-12-31', '1 m/onth') AS d"),
        ("sqlite", ""),
    ],
)
def test_what_sqlglot_stumbles_over_is_said_not_to_be_understood(dialect: str, sql: str) -> None:
    with pytest.raises(SqlglotError):
        parse_statement(sql, dialect)
    with pytest.raises(StatementRefused, match=r"cannot be understood|no statement"):
        read_only_query(sql, dialect)
