"""DuckDB files, and data files read by DuckDB: both locks, the limits, the schema and the errors."""

from __future__ import annotations

import datetime
import os
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from agentsql.db.connect import open_database
from agentsql.db.duckdb import DuckDBDatabase
from agentsql.db.schema import ForeignKey
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings

OpenDuckDB = Callable[..., DuckDBDatabase]

SHOP = """
    CREATE TYPE mood AS ENUM ('calm', 'loud');
    CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, mood mood, tags VARCHAR[],
        address STRUCT(street VARCHAR, zip INTEGER), extra JSON, balance DECIMAL(10, 2), token UUID, photo BLOB,
        born DATE, seen TIMESTAMP WITH TIME ZONE, wait INTERVAL, big HUGEINT, label VARCHAR AS (upper(name)));
    COMMENT ON TABLE customer IS 'who buys';
    COMMENT ON COLUMN customer.balance IS 'in euros';
    CREATE TABLE purchase (customer_id INTEGER REFERENCES customer (id), line INTEGER, amount DOUBLE,
        PRIMARY KEY (customer_id, line));
    CREATE VIEW buyers AS SELECT name FROM customer;
    CREATE SCHEMA archive;
    CREATE TABLE archive.old_purchase (customer_id INTEGER, amount DOUBLE);
    CREATE TABLE archive.customer (hidden INTEGER);
    INSERT INTO customer VALUES (1, 'Ada', 'calm', ['a', 'b'], {'street': 'Elm', 'zip': 7}, '{"x": 1}', 12.50,
        '00000000-0000-0000-0000-000000000001', '\\xAB'::BLOB, DATE '2020-01-31', '2020-01-31 10:00:00+00',
        INTERVAL 3 DAY, 170141183460469231731687303715884105727), (2, 'Bo', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL);
    INSERT INTO purchase VALUES (1, 1, 2.5), (1, 2, 4.0);
    INSERT INTO archive.old_purchase VALUES (2, 9.0);
"""


@pytest.fixture(scope="module")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("duckdb") / "shop.duckdb"
    make(path, SHOP)
    return path


def make(path: Path, script: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(script)
    return path


@pytest.fixture(scope="module")
def shop(shop_file: Path) -> Iterator[DuckDBDatabase]:
    database = open_database(shop_file, settings=DatabaseSettings(timeout_s=60), cache_dir=shop_file.parent / "cache")
    assert isinstance(database, DuckDBDatabase)
    yield database
    database.close()


@pytest.fixture
def open_duckdb(tmp_path: Path) -> Iterator[OpenDuckDB]:
    opened: list[DuckDBDatabase] = []

    def open_it(target: str | Path, **limits: float) -> DuckDBDatabase:
        settings = DatabaseSettings(**limits)  # type: ignore[arg-type]  # whole numbers and fractions alike
        database = open_database(target, settings=settings, cache_dir=tmp_path / "cache")
        assert isinstance(database, DuckDBDatabase)
        opened.append(database)
        return database

    yield open_it
    for database in opened:
        database.close()


def test_the_schema_has_types_keys_comments_views_and_other_schemas(shop: DuckDBDatabase) -> None:
    schema = shop.schema()
    assert [(table.name, table.kind, table.rows) for table in schema] == [
        ("archive.customer", "table", 0),
        ("archive.old_purchase", "table", 1),
        ("buyers", "view", 2),
        ("customer", "table", 2),
        ("purchase", "table", 2),
    ]
    assert schema.namespaces == ("main", "archive")
    customer, purchase = schema.tables[3], schema.tables[4]
    assert customer.comment == "who buys"
    assert {column.name: column.type for column in customer.columns}["mood"] == "ENUM('calm', 'loud')"
    balance = customer.column("balance")
    assert balance is not None
    assert (balance.comment, balance.values, balance.nullable) == ("in euros", (12.5,), True)
    name = customer.column("name")
    assert name is not None
    assert (name.values, name.values_complete, name.nullable) == (("Ada", "Bo"), True, False)
    assert customer.column("label") is not None, "a generated column is one of the table's"
    assert purchase.primary_key == ("customer_id", "line")
    assert purchase.foreign_keys == (ForeignKey(("customer_id",), "customer", ("id",)),)


def test_cells_become_plain_values(shop: DuckDBDatabase) -> None:
    result = shop.run("SELECT * FROM customer WHERE id = 1")
    assert result.error is None
    assert dict(zip(result.columns, result.rows[0], strict=True)) == {
        "id": 1,
        "name": "Ada",
        "mood": "calm",
        "tags": '["a", "b"]',
        "address": '{"street": "Elm", "zip": 7}',
        "extra": '{"x": 1}',
        "balance": Decimal("12.50"),
        "token": "00000000-0000-0000-0000-000000000001",
        "photo": b"\xab",
        "born": datetime.date(2020, 1, 31),
        "seen": datetime.datetime(2020, 1, 31, 10, tzinfo=datetime.UTC),
        "wait": datetime.timedelta(days=3),
        "big": 170141183460469231731687303715884105727,
        "label": "ADA",
    }


@pytest.mark.parametrize("table", ["old_purchase", "archive.old_purchase"])
def test_a_table_of_another_schema_is_found_by_either_name(table: str, shop: DuckDBDatabase) -> None:
    assert shop.check(f"SELECT amount FROM {table}") is None
    assert shop.run(f"SELECT amount FROM {table}").rows == ((9.0,),)
    wrong = shop.check(f"SELECT amuont FROM {table}")
    assert wrong is not None
    assert "amount" in wrong.hint


def test_of_two_tables_of_one_name_the_one_in_main_is_meant(shop: DuckDBDatabase) -> None:
    assert shop.run("SELECT count(*) FROM customer").rows == ((2,),)
    assert shop.run("SELECT count(*) FROM archive.customer").rows == ((0,),)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO purchase VALUES (2, 1, 1.0)",
        "UPDATE customer SET name = 'x'",
        "DELETE FROM customer",
        "DROP TABLE customer",
        "CREATE TABLE made (a INTEGER)",
        "CREATE TEMP TABLE made (a INTEGER)",
        "CREATE MACRO plus(a) AS a + 1",
        "COPY customer TO '{folder}/out.csv'",
        "COPY (SELECT 1) TO '{folder}/out.parquet'",
        "EXPORT DATABASE '{folder}/out'",
        "ATTACH '{folder}/out.duckdb'",
        "ATTACH ':memory:' AS other",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '{folder}/other.csv'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
        "SET memory_limit = '9GB'",
        "SET enable_external_access = true",
        "RESET memory_limit",
        "PRAGMA memory_limit = '9GB'",
        "USE archive",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CALL pragma_version()",
        "CHECKPOINT",
        "BEGIN",
        "PREPARE q AS SELECT 1",
        "SET VARIABLE a = 1",
        "CREATE SECRET (TYPE s3)",
        "SELECT 1; SELECT 2",
    ],
)
def test_the_connection_alone_refuses_what_writes_or_reaches_out(
    sql: str, shop: DuckDBDatabase, shop_file: Path
) -> None:
    before = shop_file.read_bytes()
    folder = shop_file.parent
    (folder / "other.csv").write_text("a\n1\n")
    result = shop.run_behind_second_lock(sql.format(folder=folder, file=folder / "other.csv"))
    assert result.error is not None
    assert result.rows == ()
    assert shop_file.read_bytes() == before
    assert sorted(one.name for one in folder.iterdir()) == ["cache", "other.csv", "shop.duckdb"]


@pytest.mark.parametrize(
    ("sql", "kind", "says"),
    [
        ("SELECT nmae FROM customer", "unknown_column", "name"),
        ("SELECT c.nmae FROM customer AS c", "unknown_column", "name"),
        ("SELECT * FROM custmer", "unknown_table", "customer"),
        ("SELECT customer.name FROM customer AS c", "unknown_table", "c"),
        ("SELECT id FROM customer AS a, customer AS b", "ambiguous", "a.id"),
        ("SELECT name, count(*) FROM customer", "syntax", "group by"),
        ("SELECT no_such(name) FROM customer", "other", "functions"),
        ("SELECT sum(name) FROM customer", "type", "cast"),
        ("SELECT FROM WHERE", "syntax", ""),
        ("DELETE FROM customer", "refused", "select"),
    ],
)
def test_what_cannot_run_is_told_by_kind_with_a_hint(sql: str, kind: str, says: str, shop: DuckDBDatabase) -> None:
    failure = shop.check(sql)
    assert failure is not None
    assert failure.kind == kind
    assert says in failure.hint.casefold()
    ran = shop.run(sql).error
    assert ran is not None
    assert ran.kind == kind


def test_an_error_quotes_no_cell(shop: DuckDBDatabase) -> None:
    failure = shop.run("SELECT CAST(name AS INTEGER) FROM customer").error
    assert failure is not None
    assert failure.kind == "type"
    assert "Ada" not in failure.message


def test_rows_and_bytes_are_bounded(open_duckdb: OpenDuckDB, shop_file: Path) -> None:
    database = open_duckdb(shop_file, max_rows=7, max_bytes=10_000, timeout_s=60)
    many = database.run("SELECT i FROM range(1000000000) AS t (i)")
    assert (len(many.rows), many.truncated, many.error) == (7, True, None)
    wide = database.run("SELECT repeat('x', 2000) FROM range(1000000000)")
    assert (len(wide.rows), wide.truncated) == (4, True)
    huge = database.run("SELECT repeat('x', 20000)")
    assert huge.error is not None
    assert "too big" in huge.error.message


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT count(*) FROM range(1000000000) AS a, range(1000000) AS b", id="between batches"),
        pytest.param("SELECT sleep_ms(60000)", id="within one call"),
    ],
)
def test_a_query_ends_at_its_deadline_and_the_next_one_runs(sql: str, shop: DuckDBDatabase) -> None:
    result = shop.run_behind_second_lock(sql, timeout_s=0.3)
    assert result.error is not None
    assert result.error.kind == "timeout"
    assert shop.run("SELECT count(*) FROM customer").rows == ((2,),)


def test_a_query_that_wants_too_much_memory_fails_and_the_next_one_runs(
    open_duckdb: OpenDuckDB, shop_file: Path
) -> None:
    database = open_duckdb(shop_file, memory_megabytes=50, temp_megabytes=1, timeout_s=300)
    for sql in (
        "SELECT length(repeat('x', 3000000000))",  # memory that DuckDB's own limit does not count
        "SELECT list(i) FROM range(100000000) AS t (i)",  # memory that it counts
        "SELECT repeat('x', 500) || i AS text FROM range(500000) AS t (i) ORDER BY text DESC",  # temporary space
    ):
        failure = database.run_behind_second_lock(sql).error
        assert failure is not None
        assert (failure.kind, "read fewer rows" in failure.hint) == ("other", True), failure
    assert database.run("SELECT count(*) FROM customer").rows == ((2,),)


def test_threads_share_a_database(shop: DuckDBDatabase) -> None:
    found: list[object] = []

    def ask(number: int) -> None:
        found.append(shop.run(f"SELECT {number} + id FROM customer WHERE id = 1").rows)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [((number + 1,),) for number in range(8)]  # type: ignore[type-var]


def test_a_closed_database_says_so_and_leaves_nothing(open_duckdb: OpenDuckDB, shop_file: Path) -> None:
    database = open_duckdb(shop_file)
    database.run("SELECT 1")
    database.close()
    database.close()
    failure = database.run("SELECT 1").error
    assert failure is not None
    assert "closed" in failure.message
    assert not database._folder.exists()


def test_a_file_that_another_program_changed_is_read_again(open_duckdb: OpenDuckDB, tmp_path: Path) -> None:
    path = make(tmp_path / "small.duckdb", "CREATE TABLE one (a INTEGER)")
    database = open_duckdb(path)
    make(tmp_path / "next.duckdb", "CREATE TABLE two (b INTEGER); INSERT INTO two VALUES (5)").replace(path)
    assert [table.name for table in database.schema()] == ["two"]
    assert database.run("SELECT b FROM two").rows == ((5,),)


def test_data_files_are_tables(open_duckdb: OpenDuckDB, tmp_path: Path) -> None:
    folder = tmp_path / "sales data"
    folder.mkdir()
    (folder / "2024 Orders.csv").write_text("id,city\n1,Köln\n2,Rome\n", encoding="utf-8")
    (folder / "people.tsv").write_text("id\tname\n1\tAda\n")
    (folder / "events.jsonl").write_text('{"kind": "open"}\n{"kind": "close"}\n')
    (folder / "notes.txt").write_text("not data")
    duckdb.sql(f"COPY (SELECT i, i * 2 AS double FROM range(5) AS t (i)) TO '{folder}/people.parquet'")
    database = open_duckdb(folder)
    assert {table.name: (table.kind, table.rows) for table in database.schema()} == {
        "events": ("table", 2),
        "people_parquet": ("table", 5),
        "people_tsv": ("table", 1),
        "t_2024_Orders": ("table", 2),
    }
    assert database.run("SELECT city FROM t_2024_Orders ORDER BY id").rows == (("Köln",), ("Rome",))
    assert database.run("SELECT sum(double) FROM people_parquet").rows == ((20,),)
    refused = database.run_behind_second_lock(f"COPY (SELECT 1 AS i) TO '{folder}/people.parquet'")
    assert refused.error is not None
    assert database.run_behind_second_lock(f"SELECT * FROM read_text('{folder}/notes.txt')").error is not None


def test_a_data_file_that_changed_is_read_again(open_duckdb: OpenDuckDB, tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("amount\n1\n2\n")
    database = open_duckdb(str(path))
    before = database.data_stamp()
    assert database.run("SELECT sum(amount) FROM sales").rows == ((3,),)
    path.write_text("amount,tax\n1,10\n2,20\n")
    assert database.run("SELECT sum(tax) FROM sales").rows == ((30,),)
    assert database.data_stamp() != before
    table = database.schema().table("sales")
    assert table is not None
    assert [column.name for column in table.columns] == ["amount", "tax"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.csv", None, "there is no file"),
        ("empty.csv", b"", "empty"),
        ("bad.parquet", b"PAR1" + bytes(50), "bad.parquet' cannot be read"),
        ("bad.json", b'{"a": 1}\n{"a":', "bad.json' cannot be read"),
        ("latin.csv", "id,city\n1,Köln\n".encode("latin-1"), "latin.csv' cannot be read"),
        ("book.xlsx", b"PK\x03\x04 and so on", "spreadsheet"),
        ("other.duckdb", b"no database at all, but long enough", "not a valid DuckDB"),
        ("cut.duckdb", bytes(8) + b"DUCK" + bytes(100), "cannot be read"),
    ],
)
def test_what_cannot_be_opened_is_said(
    name: str, content: bytes | None, says: str, open_duckdb: OpenDuckDB, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DatabaseError, match=says):
        open_duckdb(tmp_path / name)


def test_a_folder_without_data_names_what_it_may_hold(open_duckdb: OpenDuckDB, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatabaseError, match="holds no data file"):
        open_duckdb(tmp_path / "empty")


def test_a_duckdb_file_is_known_by_its_first_bytes_and_by_a_url(open_duckdb: OpenDuckDB, tmp_path: Path) -> None:
    path = make(tmp_path / "warehouse.db", "CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (1)")
    assert open_duckdb(path).run("SELECT a FROM one").rows == ((1,),)
    assert open_duckdb(f"duckdb:///{path}").name == "warehouse"


def test_a_database_that_is_written_to_is_said(open_duckdb: OpenDuckDB, tmp_path: Path) -> None:
    path = tmp_path / "busy.duckdb"
    with duckdb.connect(str(path)) as writer:
        writer.execute("CREATE TABLE one (a INTEGER)")
        with pytest.raises(DatabaseError, match="another program writes to it"):
            open_duckdb(path)


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_names_of_files_cannot_be_sql(open_duckdb: OpenDuckDB, tmp_path: Path) -> None:
    path = tmp_path / "a'; DROP TABLE x; --.csv"
    path.write_text("a\n1\n")
    database = open_duckdb(path)
    (table,) = database.schema().tables
    assert table.name == "a_DROP_TABLE_x"
    assert database.run(f"SELECT a FROM {table.name}").rows == ((1,),)
