"""A real MariaDB (or MySQL): its catalogue, what the connection refuses by itself, limits, and lost connections."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url

from agentsql.db.connect import open_database
from agentsql.db.render import render_schema
from agentsql.db.schema import Column, ForeignKey
from agentsql.db.server import ServerDatabase
from agentsql.db.server_openers import open_mysql
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings
from agentsql.testing.database import check_database
from tests.services import execute, fresh_database, rows

SHOP = (
    "CREATE TABLE customer (id int PRIMARY KEY, name varchar(40) NOT NULL, mood enum('sad','it''s ok'), extra json, "
    "born date COMMENT 'day of birth', opens time, twice int GENERATED ALWAYS AS (id * 2) STORED, `Home Town` text) "
    "COMMENT = 'who buys'",
    "CREATE TABLE {other}.orders (id int, day date, customer int, total decimal(10,2), PRIMARY KEY (id, day), "
    "CONSTRAINT buyer FOREIGN KEY (customer) REFERENCES {own}.customer (id))",
    "CREATE VIEW young AS SELECT name FROM customer WHERE born > '2000-01-01'",
    "INSERT INTO customer (id, name, mood, extra, born, opens, `Home Town`) VALUES "
    "(1, 'Ann', 'it''s ok', '{{\"vip\": true}}', '1990-05-01', '10:00', 'Oslo'), "
    "(2, 'Bo', 'sad', NULL, NULL, NULL, NULL)",
    "INSERT INTO {other}.orders VALUES (1, '2024-03-01', 1, 9.50), (2, '2025-03-01', 1, 1.25)",
    "CREATE FUNCTION sneaky() RETURNS int BEGIN INSERT INTO customer (id, name) VALUES (99, 'x'); RETURN 1; END",
)
WRITES = (
    "INSERT INTO customer (id, name) VALUES (9, 'x')",
    "REPLACE INTO customer (id, name) VALUES (1, 'x')",
    "UPDATE customer SET name = 'x'",
    "DELETE FROM customer",
    "SELECT 1; DELETE FROM customer",
    "SELECT 1); DELETE FROM customer; (SELECT 1",
    "SELECT 1) /*! ; DELETE FROM customer */",
    "CREATE TABLE t (a int)",
    "CREATE TABLE t AS SELECT 1",
    "DROP TABLE young",
    "TRUNCATE customer",
    "COMMIT",
    "SET GLOBAL max_connections = 5",
    "SET SESSION TRANSACTION READ WRITE",
    "SELECT 1 INTO OUTFILE '/tmp/agentsql-out'",
    "SELECT 1) INTO OUTFILE '/tmp/agentsql-out' #",
    "SELECT 1) INTO OUTFILE '/tmp/agentsql-out' /*",
    "WITH q AS (SELECT 1) SELECT * FROM q INTO OUTFILE '/tmp/agentsql-out'",
    "WITH q AS (SELECT 1) SELECT * FROM q /*! INTO OUTFILE '/tmp/agentsql-out' */",
    "WITH q AS (SELECT 1) DELETE FROM customer",
    "SELECT 1 INTO @x",
    "SELECT LOAD_FILE('/etc/passwd')",
    "SELECT /*!50000 LOAD_FILE('/etc/passwd') */",
    "LOAD DATA INFILE '/etc/passwd' INTO TABLE customer",
    "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE customer",
    "SELECT sneaky()",
    "SELECT get_lock('x', 1)",
    "DO sleep(100)",
    "CALL sneaky()",
    "SELECT * FROM customer FOR UPDATE",
    "LOCK TABLES customer WRITE",
    "GRANT ALL ON *.* TO x@localhost",
    "SHUTDOWN",
    "KILL 1",
    "FLUSH TABLES",
    "HANDLER customer OPEN",
    "PREPARE p FROM 'DELETE FROM customer'",
)
ENDLESS = "SELECT count(*) FROM seq_1_to_100000000 AS a, seq_1_to_100000000 AS b"
Open = Callable[..., ServerDatabase]


@pytest.fixture(scope="module")
def shop(mariadb_server: str) -> Iterator[tuple[str, str]]:
    """The URL of a database, and the name of another one."""
    for url in fresh_database(mariadb_server):
        for other in fresh_database(mariadb_server):
            names = {"own": make_url(url).database, "other": make_url(other).database}
            execute(url, *(statement.format(**names) for statement in SHOP))
            yield url, str(names["other"])
            execute(url, f"DROP TABLE {names['other']}.orders")


@pytest.fixture
def open_it(tmp_path: Path) -> Iterator[Open]:
    opened: list[ServerDatabase] = []

    def open_url(target: Any, **settings: Any) -> ServerDatabase:
        database = open_database(target, settings=DatabaseSettings(**settings), cache_dir=tmp_path / "cache")
        assert isinstance(database, ServerDatabase)
        opened.append(database)
        return database

    yield open_url
    for database in opened:
        database.close()


@pytest.fixture(scope="module")
def both(shop: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerDatabase]:
    """One database for all tests that leave it as it is."""
    url, other = shop
    named = f"{url}?schema={make_url(url).database},{other}"
    database = open_database(named, cache_dir=tmp_path_factory.mktemp("cache"))
    assert isinstance(database, ServerDatabase)
    yield database
    database.close()


def _while_running(url: str, database: ServerDatabase, timeout_s: float, then: Callable[[int], str]) -> Any:
    """Give the result of an endless query, with a statement run once the server is seen to work on it."""
    results: list[Any] = []
    work = threading.Thread(
        target=lambda: results.append(database.run_behind_second_lock(ENDLESS, timeout_s=timeout_s)), daemon=True
    )
    work.start()
    deadline = time.monotonic() + 60
    while not (found := rows(url, _WORKING)):
        assert time.monotonic() < deadline, "the query did not start within a minute"
        time.sleep(0.05)
    execute(url, then(found[0][0]))
    work.join(120)
    assert not work.is_alive()
    return results[0]


_WORKING = (
    "SELECT id FROM information_schema.processlist WHERE info LIKE '%seq_1_to_1000000%' AND info NOT LIKE '%process%'"
)


def test_the_schema_has_tables_and_views_with_keys_across_databases(
    shop: tuple[str, str], both: ServerDatabase
) -> None:
    schema = both.schema()
    orders = f"{shop[1]}.orders"
    assert {(table.name, table.kind) for table in schema} == {
        ("customer", "table"),
        ("young", "view"),
        (orders, "table"),
    }
    found = schema.table(orders)
    assert found is not None
    assert found.primary_key == ("id", "day")
    assert found.foreign_keys == (ForeignKey(("customer",), "customer", ("id",)),)
    assert f"CREATE TABLE {orders} (" in render_schema(schema, prompt_tokens=2000, sample_values=0).text
    assert both.product.split()[0] in ("MariaDB", "MySQL")


def test_columns_come_with_types_comments_and_the_values_of_enums(both: ServerDatabase) -> None:
    customer = both.schema().table("customer")
    assert customer is not None
    assert customer.comment == "who buys"
    bare = [replace(one, values=(), values_complete=False) if one.name != "mood" else one for one in customer.columns]
    assert bare == [
        Column("id", "int(11)", False),
        Column("name", "varchar(40)", False),
        Column("mood", "enum", True, "", ("it's ok", "sad"), True),
        Column("extra", "json"),
        Column("born", "date", True, "day of birth"),
        Column("opens", "time"),
        Column("twice", "int(11) GENERATED"),
        Column("Home Town", "text"),
    ]


def test_cells_keep_their_types(both: ServerDatabase) -> None:
    result = both.run("SELECT name, extra, born, opens, 1.5, x'00ff', `Home Town` FROM customer ORDER BY id;")
    assert result.error is None
    assert result.rows[0] == (
        *("Ann", '{"vip": true}', datetime.date(1990, 5, 1), datetime.timedelta(hours=10), Decimal("1.5")),
        *(b"\x00\xff", "Oslo"),
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM customer -- all of them",
        "WITH c AS (SELECT * FROM customer) SELECT count(*) FROM c",
        "(SELECT count(*) FROM customer) UNION (SELECT 2)",
    ],
)
def test_every_form_of_a_query_runs(sql: str, both: ServerDatabase) -> None:
    assert both.check(sql) is None
    assert both.run(sql).rows == ((2,),)


@pytest.mark.parametrize("sql", WRITES)
def test_the_connection_alone_lets_a_user_of_all_privileges_change_nothing(
    sql: str, shop: tuple[str, str], both: ServerDatabase
) -> None:
    state = "SELECT count(*), max(name), @@global.max_connections FROM customer"
    before = rows(shop[0], state)
    result = both.run_behind_second_lock(sql, timeout_s=20)
    assert result.error is not None
    assert rows(shop[0], state) == before
    assert both.run_behind_second_lock("SELECT count(*) FROM young").rows == ((0,),)
    assert rows(shop[0], "SHOW TABLES LIKE 't'") == []


def test_the_server_stops_working_at_the_time_limit(shop: tuple[str, str], both: ServerDatabase) -> None:
    result = _while_running(shop[0], both, 2, lambda _: "SELECT 1")
    assert result.error.kind == "timeout"
    assert rows(shop[0], _WORKING) == []


def test_the_client_kills_what_the_servers_own_limit_does_not(
    shop: tuple[str, str], both: ServerDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = both._backend._begin  # type: ignore[attr-defined]

    def without_limit(connection: Any, *given: Any) -> Any:
        before = begin(connection, *given)
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION {before[0]} = 0")
        return before

    monkeypatch.setattr(both._backend, "_begin", without_limit)
    result = _while_running(shop[0], both, 2, lambda _: "SELECT 1")
    assert result.error.kind == "timeout"
    assert rows(shop[0], _WORKING) == []
    assert both.run("SELECT 1").rows == ((1,),)


def test_rows_bytes_and_cells_are_bounded(shop: tuple[str, str], open_it: Open) -> None:
    database = open_it(shop[0], max_bytes=100_000)
    many = database.run("SELECT seq FROM seq_1_to_1000000 LIMIT 900000", max_rows=3)
    assert (many.rows, many.truncated) == (((1,), (2,), (3,)), True)
    wide = database.run("SELECT repeat('x', 1000) FROM seq_1_to_100000")
    assert wide.truncated
    assert 50 < len(wide.rows) < 100
    large = database.run("SELECT repeat('x', 30000)")
    assert large.error is not None and "a cell is longer than 25000 bytes" in large.error.message
    inner = database.run("SELECT count(*) FROM (SELECT seq FROM seq_1_to_5000) AS s", max_rows=3)
    assert inner.rows == ((5000,),)


@pytest.mark.parametrize(
    ("sql", "kind", "hint"),
    [
        ("SELECT nam FROM customer", "unknown_column", "name"),
        ("SELECT * FROM custommer", "unknown_table", "customer"),
        ("SELECT id FROM customer AS a, customer AS b", "ambiguous", "a.id"),
        ("SELECT max(born) FROM customer WHERE max(id) > 1", "syntax", "HAVING"),
    ],
)
def test_a_wrong_query_is_told_why_and_what_would_be_right(
    sql: str, kind: str, hint: str, both: ServerDatabase
) -> None:
    failure = both.check(sql)
    assert failure is not None
    assert failure.kind == kind
    assert hint in failure.hint


def test_quotes_are_read_as_the_guard_reads_them_whatever_the_server_is_set_to(
    shop: tuple[str, str], open_it: Open
) -> None:
    engine = create_engine(make_url(shop[0]).set(drivername="mariadb+pymysql"), pool_size=1, max_overflow=0)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', sql_select_limit = 77")
    database = open_it(engine)
    assert database.run('SELECT "name" FROM customer LIMIT 1').rows == (("name",),)
    assert database.run("SELECT 'a\\'b'").rows == (("a'b",),)
    database.close()
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT @@sql_mode, @@sql_select_limit").one() == (
            "ANSI_QUOTES,NO_BACKSLASH_ESCAPES",
            77,
        )
        connection.exec_driver_sql("UPDATE customer SET name = name")
    engine.dispose()


def test_privileges_that_could_write_are_named_and_a_reader_has_none(shop: tuple[str, str], open_it: Open) -> None:
    url = make_url(shop[0])
    writes, files = (one for one in open_it(shop[0]).enforcement() if one.what in ("no writes", "no files"))
    assert not writes.holds
    assert "ALL PRIVILEGES" in writes.by
    assert not files.holds
    user = f"'{url.database}'@'127.0.0.1'"
    execute(shop[0], f"CREATE USER {user} IDENTIFIED BY 'a secret'", f"GRANT SELECT ON {url.database}.* TO {user}")
    try:
        reader = open_it(url.set(username=url.database, password="a secret").render_as_string(hide_password=False))
        assert all(one.holds for one in reader.enforcement())
        assert reader.run("SELECT count(*) FROM customer").rows == ((2,),)
        hidden = reader.run(f"SELECT * FROM {shop[1]}.orders")
        assert hidden.error is not None and hidden.error.kind == "refused"
    finally:
        execute(shop[0], f"DROP USER {user}")


@pytest.mark.parametrize(
    "change",
    ["ALTER TABLE moving ADD COLUMN b int", "ALTER TABLE moving COMMENT = 'now'", "CREATE TABLE moving_b (x int)"],
)
def test_the_schema_follows_every_change(change: str, shop: tuple[str, str], open_it: Open) -> None:
    execute(shop[0], "DROP TABLE IF EXISTS moving, moving_b", "CREATE TABLE moving (a int)")
    database = open_it(shop[0])
    before = database.schema()
    assert database.schema() is before
    execute(shop[0], change)
    assert database.schema() != before
    execute(shop[0], "DROP TABLE IF EXISTS moving, moving_b")


def test_a_server_that_ends_the_connection_in_mid_query_gives_a_clear_failure(
    shop: tuple[str, str], both: ServerDatabase
) -> None:
    result = _while_running(shop[0], both, 300, lambda number: f"KILL CONNECTION {number}")
    assert "was lost" in result.error.message
    assert both.run("SELECT 1").rows == ((1,),)


def test_connections_that_went_stale_in_the_pool_are_replaced_unnoticed(
    shop: tuple[str, str], both: ServerDatabase
) -> None:
    names = f"'{make_url(shop[0]).database}', '{shop[1]}'"
    for (number,) in rows(shop[0], f"SELECT id FROM information_schema.processlist WHERE db IN ({names}) "
                                   "AND command = 'Sleep'"):  # fmt: skip
        execute(shop[0], f"KILL CONNECTION {number}")
    assert both.run("SELECT count(*) FROM customer").rows == ((2,),)


def test_a_user_who_is_refused_is_told_without_the_password(shop: tuple[str, str]) -> None:
    url = make_url(shop[0]).set(password="hunter2").render_as_string(hide_password=False)
    with pytest.raises(DatabaseError, match=r"cannot be opened: .*Access denied") as caught:
        open_database(url)
    assert "hunter2" not in str(caught.value)


def test_it_keeps_the_contract_of_a_database_plugin(shop: tuple[str, str]) -> None:
    check_database(open_mysql, shop[0])


def test_foreign_keys_to_databases_that_are_not_read_are_left_out(shop: tuple[str, str], open_it: Open) -> None:
    url = make_url(shop[0]).set(database=shop[1]).render_as_string(hide_password=False)
    assert [(table.name, table.foreign_keys) for table in open_it(url).schema()] == [("orders", ())]
