"""A real PostgreSQL: what is read of its catalogue, what the connection refuses by itself, limits, lost connections."""

from __future__ import annotations

import datetime
import logging
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
from agentsql.db.server_openers import open_postgresql
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings, SchemaSettings
from agentsql.testing.database import check_database
from tests.services import execute, fresh_database, rows

SHOP = (
    "CREATE SCHEMA sales",
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    "CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, mood mood, tags text[], extra jsonb, born date, "
    'twice int GENERATED ALWAYS AS (id * 2) STORED, "Home Town" text)',
    "COMMENT ON TABLE customer IS 'who buys'",
    "COMMENT ON COLUMN customer.born IS 'day of birth'",
    "CREATE TABLE sales.orders (id int, day date, customer int REFERENCES customer, total numeric(10, 2), "
    "PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
    "CREATE TABLE sales.orders_2024 PARTITION OF sales.orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "CREATE TABLE sales.orders_2025 PARTITION OF sales.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
    "CREATE VIEW young AS SELECT name FROM customer WHERE born > '2000-01-01'",
    "CREATE MATERIALIZED VIEW sales.totals AS SELECT customer, sum(total) AS total FROM sales.orders GROUP BY customer",
    'INSERT INTO customer (id, name, mood, tags, extra, born, "Home Town") VALUES '
    "(1, 'Ann', 'ok', '{a,b}', '{\"vip\": true}', '1990-05-01', 'Oslo'), "
    "(2, 'Bo', 'sad', NULL, NULL, 'infinity', NULL)",
    "INSERT INTO sales.orders VALUES (1, '2024-03-01', 1, 9.50), (2, '2025-03-01', 1, 1.25)",
    "CREATE FUNCTION sneaky() RETURNS int LANGUAGE plpgsql AS "
    "$$ BEGIN INSERT INTO customer (id, name) VALUES (99, 'x'); RETURN 1; END $$",
    "CREATE SEQUENCE counter",
)
READER = "shop_reader"
WRITES = (
    "INSERT INTO customer (id, name) VALUES (9, 'x')",
    "UPDATE customer SET name = 'x'",
    "DELETE FROM customer",
    "WITH gone AS (DELETE FROM sales.orders RETURNING *) SELECT * FROM gone",
    "SELECT 1; DELETE FROM sales.orders",
    "SELECT 1; COMMIT; DROP TABLE sales.orders",
    "SELECT * INTO copied FROM customer",
    "CREATE TABLE t (a int)",
    "DROP TABLE sales.orders",
    "TRUNCATE sales.orders",
    "COMMIT",
    "SET default_transaction_read_only = off",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "COPY customer TO PROGRAM 'id'",
    "COPY customer TO '/tmp/agentsql-copy'",
    "SELECT sneaky()",
    "SELECT nextval('counter')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_reload_conf()",
    "SELECT * FROM customer FOR UPDATE",
    "DO $$ BEGIN DELETE FROM customer; END $$",
    "VACUUM",
    "LISTEN x",
    "LOCK TABLE customer",
    "PREPARE p AS SELECT 1",
    "CALL sneaky()",
)
ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000000000) AS s(n)"
KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'agentsql'
"""
Open = Callable[..., ServerDatabase]


@pytest.fixture(scope="module")
def shop(postgres_server: str) -> Iterator[str]:
    for url in fresh_database(postgres_server):
        execute(url, *SHOP)
        yield url


@pytest.fixture
def open_it(tmp_path: Path) -> Iterator[Open]:
    opened: list[ServerDatabase] = []

    def open_url(target: Any, **settings: Any) -> ServerDatabase:
        database = open_database(
            target,
            settings=DatabaseSettings(**settings),
            schema_settings=SchemaSettings(),
            cache_dir=tmp_path / "cache",
        )
        assert isinstance(database, ServerDatabase)
        opened.append(database)
        return database

    yield open_url
    for database in opened:
        database.close()


@pytest.fixture(scope="module")
def both(shop: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerDatabase]:
    """One database for all tests that leave it as it is."""
    database = open_database(f"{shop}?schema=public,sales", cache_dir=tmp_path_factory.mktemp("cache"))
    assert isinstance(database, ServerDatabase)
    yield database
    database.close()


_WORKING = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'agentsql' AND state = 'active'
"""


def _while_running(url: str, database: ServerDatabase, sql: str, timeout_s: float, then: str = "SELECT 1") -> Any:
    """Give the result of a slow query, with `then` run once the server is seen to work on it."""
    results: list[Any] = []
    work = threading.Thread(
        target=lambda: results.append(database.run_behind_second_lock(sql, timeout_s=timeout_s)), daemon=True
    )
    work.start()
    _until(lambda: rows(url, _WORKING), "the query")
    execute(url, then)
    work.join(120)
    assert not work.is_alive()
    return results[0]


def _until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within a minute"
        time.sleep(0.05)


def test_the_schema_has_every_kind_of_table_once_with_keys_across_schemas(both: ServerDatabase) -> None:
    schema = both.schema()
    assert [(table.name, table.kind) for table in schema] == [
        ("customer", "table"),
        ("sales.orders", "table"),
        ("sales.totals", "view"),
        ("young", "view"),
    ]
    assert schema.namespaces == ("public", "sales")
    assert schema.dialect == "postgres"
    assert both.product == f"PostgreSQL {both.product.split()[-1]}"
    orders = schema.table("sales.orders")
    assert orders is not None
    assert orders.primary_key == ("id", "day")
    assert orders.foreign_keys == (ForeignKey(("customer",), "customer", ("id",)),)


def test_columns_come_with_types_comments_and_the_values_of_enums(both: ServerDatabase) -> None:
    customer = both.schema().table("customer")
    assert customer is not None
    assert customer.comment == "who buys"
    bare = [replace(one, values=(), values_complete=False) if one.name != "mood" else one for one in customer.columns]
    assert tuple(bare) == (
        Column("id", "integer", False),
        Column("name", "text", False),
        Column("mood", "mood", True, "", ("happy", "ok", "sad"), True),
        Column("tags", "text[]"),
        Column("extra", "jsonb"),
        Column("born", "date", True, "day of birth"),
        Column("twice", "integer GENERATED"),
        Column("Home Town", "text"),
    )


def test_one_schema_is_read_unless_others_are_named(shop: str, open_it: Open) -> None:
    assert [table.name for table in open_it(shop).schema()] == ["customer", "young"]
    assert [table.name for table in open_it(shop, schemas="sales").schema()] == ["orders", "totals"]


def test_a_schema_that_is_not_there_is_said_with_those_that_are(shop: str, open_it: Open) -> None:
    with pytest.raises(DatabaseError, match="there is no schema 'sale'; there are: public, sales"):
        open_it(shop, schemas="sale")


def test_an_empty_schema_names_those_that_hold_tables(shop: str, open_it: Open) -> None:
    execute(shop, "CREATE SCHEMA IF NOT EXISTS bare")
    with pytest.raises(DatabaseError, match=r"may read in bare; name schemas with --schema; .* in .*public, sales"):
        open_it(shop, schemas="bare")


def test_names_in_the_prompt_run_as_they_stand(both: ServerDatabase) -> None:
    text = render_schema(both.schema(), prompt_tokens=2000, sample_values=2).text
    assert "CREATE TABLE sales.orders (" in text
    assert '"Home Town" text' in text
    for sql in ('SELECT "Home Town" FROM customer', "SELECT total FROM sales.orders", "SELECT total FROM orders"):
        assert both.check(sql) is None
        assert both.run(sql).error is None


def test_cells_keep_their_types_and_what_python_has_none_for_becomes_text(both: ServerDatabase) -> None:
    result = both.run(
        "SELECT name, tags, extra, born, 1.5::numeric, true, '10.0.0.1'::inet, '\\x00ff'::bytea, time '10:00', "
        "interval '1 day', '-infinity'::timestamp FROM customer ORDER BY id"
    )
    assert result.error is None
    assert result.rows[0] == (
        *("Ann", '["a", "b"]', '{"vip": true}', datetime.date(1990, 5, 1), Decimal("1.5"), True, "10.0.0.1"),
        *(b"\x00\xff", datetime.time(10), datetime.timedelta(days=1), "-infinity"),
    )
    assert result.rows[1][:4] == ("Bo", None, None, "infinity")


@pytest.mark.parametrize("sql", WRITES)
def test_the_connection_alone_lets_a_superuser_change_nothing(sql: str, shop: str, both: ServerDatabase) -> None:
    state = (
        "SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM sales.orders), (SELECT is_called FROM counter)"
    )
    before = rows(shop, state)
    result = both.run_behind_second_lock(sql, timeout_s=20)
    assert result.error is not None
    assert rows(shop, state) == before
    assert both.run_behind_second_lock("SELECT count(*) FROM customer").rows == ((2,),)
    assert rows(shop, "SELECT 1 FROM pg_class WHERE relname IN ('t', 'copied')") == []


def test_the_guard_comes_first(both: ServerDatabase) -> None:
    assert _kind(both.run("DELETE FROM customer")) == "refused"
    assert _kind(both.run("SELECT pg_sleep(1)")) == "refused"


def _kind(result: Any) -> str:
    return str(result.error and result.error.kind)


def test_the_server_stops_working_at_the_time_limit(shop: str, both: ServerDatabase) -> None:
    result = _while_running(shop, both, ENDLESS, timeout_s=2)
    assert _kind(result) == "timeout"
    assert "2 s limit" in result.error.message
    assert rows(shop, _WORKING) == []


def test_the_client_cancels_what_the_servers_own_limit_does_not(
    shop: str, both: ServerDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = both._backend._begin  # type: ignore[attr-defined]

    def without_timeout(connection: Any, *given: Any) -> None:
        begin(connection, *given)
        connection.execute("SET LOCAL statement_timeout = 0")

    monkeypatch.setattr(both._backend, "_begin", without_timeout)
    result = _while_running(shop, both, ENDLESS, timeout_s=2)
    assert _kind(result) == "timeout"
    assert rows(shop, _WORKING) == []
    assert both.run("SELECT 1").rows == ((1,),)


def test_rows_bytes_and_cells_are_bounded(shop: str, open_it: Open) -> None:
    database = open_it(shop, max_bytes=100_000)
    many = database.run("SELECT n FROM generate_series(1, 1000000) AS s(n)", max_rows=5)
    assert (many.rows, many.truncated) == (((1,), (2,), (3,), (4,), (5,)), True)
    wide = database.run("SELECT repeat('x', 1000) FROM generate_series(1, 100000)")
    assert wide.truncated
    assert 50 < len(wide.rows) < 100
    large = database.run("SELECT repeat('x', 30000)")
    assert large.error is not None and "a cell is longer than 25000 bytes" in large.error.message


@pytest.mark.parametrize(
    ("sql", "kind", "hint"),
    [
        ("SELECT nam FROM customer", "unknown_column", "name"),
        ("SELECT * FROM custommer", "unknown_table", "customer"),
        ("SELECT id FROM customer, sales.orders", "ambiguous", "customer.id"),
        ("SELECT name FROM customer WHERE born = 'soon'", "type", "YYYY"),
        ("SELECT name, count(*) FROM customer", "syntax", "GROUP BY"),
        ("SELECT name + 1 FROM customer", "type", "CAST"),
        ("SELECT no_such(name) FROM customer", "other", ""),
    ],
)
def test_a_wrong_query_is_told_why_and_what_would_be_right(
    sql: str, kind: str, hint: str, both: ServerDatabase
) -> None:
    failure = both.check(sql)
    assert failure is not None
    assert failure.kind == kind
    assert hint in failure.hint


def test_a_query_that_costs_too_much_is_refused_before_it_runs(shop: str, open_it: Open) -> None:
    database = open_it(shop, max_cost=1000)
    assert database.run("SELECT count(*) FROM customer").error is None
    result = database.run("SELECT count(*) FROM generate_series(1, 900000) AS a, generate_series(1, 900000) AS b")
    assert result.error is not None
    assert result.error.kind == "refused"
    assert "more than the 1,000 allowed" in result.error.message


def test_privileges_that_could_write_are_named_and_a_reader_has_none(
    shop: str, open_it: Open, caplog: pytest.LogCaptureFixture
) -> None:
    writes = open_it(shop).enforcement()[0]
    assert (writes.what, writes.holds) == ("no writes", False)
    assert "SUPERUSER" in writes.by
    assert any("SUPERUSER" in record.message for record in caplog.records if record.levelno == logging.WARNING)
    caplog.clear()
    execute(
        shop,
        f"DROP ROLE IF EXISTS {READER}",
        f"CREATE ROLE {READER} LOGIN PASSWORD 'a secret'",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}",
    )
    try:
        url = make_url(shop).set(username=READER, password="a secret")
        reader = open_it(url.render_as_string(hide_password=False))
        assert reader.enforcement()[0].holds
        assert caplog.records == []
        assert [table.name for table in reader.schema()] == ["customer", "young"]
        assert _kind(reader.run("SELECT * FROM sales.orders")) == "refused"
        execute(shop, f"GRANT UPDATE ON customer TO {READER}")
        assert "on public.customer" in reader.enforcement()[0].by
    finally:
        execute(shop, f"DROP OWNED BY {READER}", f"DROP ROLE {READER}")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE {} ADD COLUMN b int",
        "ALTER TABLE {} RENAME COLUMN a TO b",
        "COMMENT ON COLUMN {}.a IS 'first'",
        "DROP TABLE {}",
        "CREATE TABLE {}_b (x int)",
    ],
)
def test_the_schema_follows_every_change(change: str, shop: str, open_it: Open) -> None:
    execute(shop, "DROP SCHEMA IF EXISTS moving CASCADE", "CREATE SCHEMA moving", "CREATE TABLE moving.t (a int)",
            "CREATE TABLE moving.stays (a int)")  # fmt: skip
    database = open_it(shop, schemas="moving")
    before = database.schema()
    assert database.schema() is before
    execute(shop, change.format("moving.t"))
    assert database.schema() != before
    execute(shop, "DROP SCHEMA moving CASCADE")


def test_a_second_start_takes_the_schema_from_the_cache_which_holds_no_password(
    shop: str, open_it: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="agentsql")
    first = open_it(shop).schema()
    assert any("read the schema" in record.message for record in caplog.records)
    caplog.clear()
    assert open_it(shop).schema() == first
    assert not any("read the schema" in record.message for record in caplog.records)
    (file,) = (tmp_path / "cache").glob("*.json")
    assert str(make_url(shop).password) not in file.read_text()


def test_a_server_that_ends_the_connection_in_mid_query_gives_a_clear_failure(shop: str, both: ServerDatabase) -> None:
    result = _while_running(shop, both, ENDLESS, timeout_s=300, then=KILL)
    assert "was lost" in result.error.message
    assert both.run("SELECT 1").rows == ((1,),)


def test_connections_that_went_stale_in_the_pool_are_replaced_unnoticed(shop: str, both: ServerDatabase) -> None:
    threads = [threading.Thread(target=both.run, args=("SELECT count(*) FROM customer",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    execute(shop, KILL)
    assert both.run("SELECT count(*) FROM customer").rows == ((2,),)
    assert both.schema().table("customer") is not None


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with pytest.raises(DatabaseError, match="cannot be opened") as caught:
        open_database("postgresql://me:hunter2@127.0.0.1:1/x")
    assert "hunter2" not in str(caught.value)


def test_many_threads_share_few_connections(shop: str, open_it: Open) -> None:
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'agentsql'"
    of_others = rows(shop, count)[0][0]
    database = open_it(shop, connections=3)
    results: list[Any] = []

    def ask() -> None:
        results.append(database.run("SELECT count(*) FROM customer").rows)
        database.schema()

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [((2,),)] * 30
    # A backend may outlive its connection for a moment.
    patience = time.monotonic() + 20
    while not 1 <= rows(shop, count)[0][0] - of_others <= 3:
        assert time.monotonic() < patience
        time.sleep(0.05)


def test_an_engine_stays_its_owners_with_its_settings(shop: str, open_it: Open) -> None:
    engine = create_engine(make_url(shop).set(drivername="postgresql+psycopg"), pool_size=1, max_overflow=0)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET statement_timeout = '12min'; SET search_path = sales")
    database = open_it(engine)
    assert [table.name for table in database.schema()] == ["orders", "totals"]
    assert database.run("SELECT count(*) FROM orders").rows == ((2,),)
    database.close()
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "12min"
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "off"
        connection.exec_driver_sql("INSERT INTO orders VALUES (3, '2025-01-01', NULL, 1)")
        connection.exec_driver_sql("DELETE FROM orders WHERE id = 3")
    engine.dispose()


def test_the_stamp_of_the_data_follows_large_writes(shop: str, open_it: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentsql.db.server._DATA_STAMP_S", 0.0)
    execute(shop, "DROP TABLE IF EXISTS grows", "CREATE TABLE grows (a int)")
    database = open_it(shop)
    before = database.data_stamp()
    execute(shop, "INSERT INTO grows SELECT generate_series(1, 5000)")
    _until(lambda: database.data_stamp() != before, "a new stamp")
    execute(shop, "DROP TABLE grows")


def test_it_keeps_the_contract_of_a_database_plugin(shop: str) -> None:
    check_database(open_postgresql, shop)
