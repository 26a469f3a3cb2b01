"""Views under a policy give what their definitions would give on what the principal sees, or are hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from agentsql.db.connect import open_database
from agentsql.db.database import Database
from agentsql.db.policed import PolicedDatabase
from agentsql.db.policy import Rules
from agentsql.db.policy_access import access_for
from agentsql.settings import DatabaseSettings
from tests.db.policed_shop import EU, POLICY, RULES, STATEMENTS, shop, tells
from tests.services import execute

VIEWS = {
    "plain": "SELECT id, name, region FROM customers",
    "spent (customer, total)": "SELECT c.name, SUM(o.total) FROM customers c LEFT JOIN orders o"
    " ON o.customer_id = c.id GROUP BY c.name ORDER BY c.name",
    "nested": "SELECT s.customer FROM spent s WHERE s.total > 5",
    "counted": "SELECT region, COUNT(*) AS many FROM customers GROUP BY region HAVING COUNT(*) > 0",
    "days": "WITH d AS (SELECT day FROM orders UNION SELECT day FROM events) SELECT day FROM d",
    "twice": "SELECT a.name AS one, b.name AS other FROM plain a JOIN plain b ON a.id < b.id",
    "cards": "SELECT id, card FROM customers",
    "every_order": "SELECT * FROM orders",
    "top": "SELECT name, (SELECT MAX(amount) FROM salaries) AS amount FROM customers",
    "over_rich": "SELECT who FROM rich",
    "by_mail": "SELECT id FROM customers WHERE email LIKE 'a%'",
    "all_of_them": "SELECT * FROM customers",
}
ROWS = {
    "plain": {(1, "Ann", "EU"), (3, "Cem", "EU")},
    "spent": {("Ann", 10), ("Cem", 30)},
    "nested": {("Ann",), ("Cem",)},
    "counted": {("EU", 2)},
    "days": {("2024-01-01",), ("2024-02-01",), ("2024-01-02",)},
    "twice": {("Ann", "Cem")},
    "cards": {(1, "****2222"), (3, "****4444")},
    "every_order": {(1, 1, 10, "2024-01-01"), (3, 3, 30, "2024-02-01")},
}
"""What the principal of the policy sees; the other views read what is hidden from them."""
CREATED = tuple(f"CREATE VIEW {name} AS {query}" for name, query in VIEWS.items())


def _opened(target: str | Path, tmp_path: Path, settings: DatabaseSettings | None = None) -> Iterator[Database]:
    database = open_database(target, settings=settings, cache_dir=tmp_path / "cache")
    yield database
    database.close()


@pytest.fixture
def sqlite_shop(tmp_path: Path) -> Iterator[Database]:
    shop(tmp_path / "shop.sqlite", *CREATED)
    yield from _opened(tmp_path / "shop.sqlite", tmp_path)


@pytest.fixture
def duckdb_shop(tmp_path: Path) -> Iterator[Database]:
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb: pip install 'agentsql-framework[duckdb]'")
    connection = duckdb.connect(str(tmp_path / "shop.duckdb"))
    for statement in (*STATEMENTS, *CREATED):
        connection.execute(statement)
    connection.close()
    yield from _opened(f"duckdb:///{tmp_path / 'shop.duckdb'}", tmp_path)


@pytest.fixture
def postgres_shop(postgres_url: str, tmp_path: Path) -> Iterator[Database]:
    stored = "CREATE MATERIALIZED VIEW {} AS SELECT id, {} FROM {}"
    others = (stored.format("kept", "name", "customers"), stored.format("happened", "kind", "events"))
    namespace = ("CREATE SCHEMA other", "CREATE TABLE other.salaries (id INT)", "CREATE VIEW other.v AS TABLE orders")
    execute(postgres_url, *STATEMENTS, *CREATED, *others, *namespace)
    yield from _opened(postgres_url, tmp_path)


@pytest.fixture
def mariadb_shop(mariadb_url: str, tmp_path: Path) -> Iterator[Database]:
    execute(mariadb_url, *STATEMENTS, *CREATED)
    yield from _opened(mariadb_url, tmp_path)


def _seen(database: Database, rules: Rules = RULES) -> dict[str, set[tuple[object, ...]]]:
    """Give the rows of each view that is visible."""
    policed = PolicedDatabase(database, replace(POLICY, rules=rules), EU)
    found = {}
    for table in policed.schema():
        if table.kind == "view":
            result = policed.run(f"SELECT * FROM {table.name}")
            assert (result.error, len(result.columns)) == (None, len(table.columns))
            found[table.name] = {tuple(map(_plain, row)) for row in result.rows}
    return found


def _plain(cell: object) -> object:
    """Give a whole number as such, whatever type the database sums in."""
    return int(cell) if isinstance(cell, str) and cell.isdigit() else cell


def test_views_on_sqlite_give_what_is_seen_of_their_tables(sqlite_shop):
    assert _seen(sqlite_shop) == ROWS


def test_views_on_duckdb_give_what_is_seen_of_their_tables(duckdb_shop):
    assert _seen(duckdb_shop) == ROWS


def test_views_on_postgres_give_what_is_seen_of_their_tables(postgres_shop):
    assert _seen(postgres_shop) == ROWS


def test_views_on_mariadb_give_what_is_seen_of_their_tables(mariadb_shop):
    assert _seen(mariadb_shop) == ROWS


@pytest.mark.parametrize(
    ("rules", "rows"),
    [
        pytest.param(Rules(denied_tables=("plain", "salaries")), None, id="denied"),
        pytest.param(Rules(denied_columns=("plain.region",)), {(1, "Ann"), (2, "CANARY Bob")}, id="a column"),
        pytest.param(Rules(rows={"plain": "name < 'B'"}), {(1, "Ann", "EU")}, id="a filter of its own"),
        pytest.param(Rules(masks={"plain.name": "null"}), {(1, None, "EU"), (2, None, "US")}, id="a mask of its own"),
        pytest.param(Rules(rows={"customers": "id < 3"}, tables=("customers",)), None, id="not allowed"),
        pytest.param(Rules(rows={"customers": "id < 2"}, tables=("customers", "plain")), {(1, "Ann", "EU")}, id="both"),
        pytest.param(Rules(denied_tables=("customers",)), None, id="its table is denied"),
        pytest.param(Rules(denied_tables=("customers",), views=("plain",)), 4, id="as it is, by the policy's word"),
        pytest.param(Rules(joins=0), 4, id="no joins"),
        pytest.param(Rules(required={"customers": ("region",)}), None, id="without the condition its table needs"),
        pytest.param(Rules(required={"plain": ("region",)}), "other", id="asked without the condition it needs"),
    ],
)
def test_rules_that_name_a_view_work_on_it(sqlite_shop, rules, rows):
    result = PolicedDatabase(sqlite_shop, replace(POLICY, rules=rules), EU).run("SELECT * FROM plain")
    if rows is None:
        assert result.error is not None
        assert result.error.kind == "unknown_table"
    elif isinstance(rows, str):
        assert result.error is not None
        assert result.error.kind == rows
    elif isinstance(rows, int):
        assert len(result.rows) == rows
    else:
        assert rows <= set(result.rows)
        assert len({len(row) for row in result.rows} | {len(row) for row in rows}) == 1


def test_a_hidden_column_of_a_view_that_its_rows_do_not_need_is_left_out(sqlite_shop):
    rules = replace(RULES, denied_columns=("*.email",))
    assert _seen(sqlite_shop, rules)["all_of_them"] == {(1, "Ann", "EU", "****2222"), (3, "Cem", "EU", "****4444")}
    assert _seen(sqlite_shop, rules)["mailing"] == {(1, "Ann"), (3, "Cem")}
    assert "by_mail" not in _seen(sqlite_shop, rules)


def test_joins_and_functions_of_a_view_count(sqlite_shop):
    seen = PolicedDatabase(sqlite_shop, replace(POLICY, rules=Rules(joins=1, denied_functions=("sum",))), EU)
    assert seen.check("SELECT * FROM twice") is None
    failure = seen.check("SELECT * FROM twice, plain")
    assert failure is not None
    assert "has 2 joins" in failure.message
    assert seen.schema().table("spent") is None


def test_no_view_tells_of_the_rows_beneath_it(sqlite_shop):
    policed = PolicedDatabase(sqlite_shop, POLICY, EU)
    assert not tells(policed.schema())
    assert not any(table.definition for table in policed.schema())
    oracle = "SELECT abs(CASE WHEN name = '{}' THEN -9223372036854775808 END) FROM plain"
    there, not_there = (policed.run(oracle.format(name)) for name in ("CANARY Bob", "Nobody"))
    assert (there.rows, there.error) == (not_there.rows, not_there.error)


def test_materialised_views_are_shown_if_named_and_nothing_beneath_them_is_restricted(postgres_shop):
    assert not {"kept", "happened"} & _seen(postgres_shop).keys()
    assert not {"kept", "happened"} & _seen(postgres_shop, replace(RULES, tables=("*", "kept"))).keys()
    assert _seen(postgres_shop, replace(RULES, tables=("*", "happened")))["happened"] == {(1, "visit"), (2, "sale")}
    assert len(_seen(postgres_shop, replace(RULES, views=("kept",)))["kept"]) == 4


def test_a_view_of_another_schema_is_shown(postgres_shop, tmp_path):
    url = postgres_shop._engine.url.render_as_string(hide_password=False)
    for database in _opened(url, tmp_path, DatabaseSettings(schemas="public,other")):
        assert _seen(database)["other.v"] == ROWS["every_order"]


@pytest.mark.parametrize("server", ["postgres", "mariadb"])
def test_a_view_made_anew_on_a_server_is_read_anew(request, server):
    database = request.getfixturevalue(f"{server}_shop")
    policed = PolicedDatabase(database, POLICY, EU)
    assert {row[0] for row in policed.run("SELECT day FROM days").rows} == {row[0] for row in ROWS["days"]}
    execute(request.getfixturevalue(f"{server}_url"), "CREATE OR REPLACE VIEW days AS SELECT day FROM events")
    assert {row[0] for row in policed.run("SELECT day FROM days").rows} == {"2024-01-01", "2024-01-02"}


def test_a_view_whose_definition_may_not_be_read_stays_hidden(mariadb_shop, mariadb_url, tmp_path):
    url = make_url(mariadb_url).set(username="blind", password="pw")
    execute(
        mariadb_url, "CREATE USER 'blind'@'%' IDENTIFIED BY 'pw'", f"GRANT SELECT ON {url.database}.* TO 'blind'@'%'"
    )
    try:
        for database in _opened(url.render_as_string(hide_password=False), tmp_path):
            assert database.schema().table("plain") is not None
            assert _seen(database) == {}
            assert access_for(POLICY, EU, database.schema()).unproven["plain"] == "its definition cannot be read"
    finally:
        execute(mariadb_url, "DROP USER 'blind'@'%'")


def test_why_a_view_is_hidden_is_known_to_administrators(sqlite_shop):
    assert access_for(POLICY, EU, sqlite_shop.schema()).unproven == {
        "all_of_them": "`customers.email` is not a column of customers",
        "by_mail": "`email` is not a column of customers",
        "mailing": "`email` is not a column of customers",
        "over_rich": "it reads rich",
        "rich": "it reads salaries",
        "top": "it reads salaries",
    }
