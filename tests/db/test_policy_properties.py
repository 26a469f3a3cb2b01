"""Random queries under a policy give what they give on a database that holds only what the policy lets one see."""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentsql.db.connect import open_database
from agentsql.db.database import Database
from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.db.names import check_names
from agentsql.db.policed import PolicedDatabase
from agentsql.db.policy import Policy, Rules
from agentsql.types import ExecutionResult, Principal
from tests.db.policy.queries import Drawn

_KEY = "a key of many letters"
_TABLES = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, email TEXT, region TEXT, card TEXT)",
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, total INTEGER, day TEXT)",
    'CREATE TABLE "order lines" (id INTEGER PRIMARY KEY, "order" INTEGER, "what is it" TEXT, secret TEXT)',
    "CREATE TABLE salaries (id INTEGER PRIMARY KEY, who TEXT, amount INTEGER)",
    "INSERT INTO customers VALUES (1, 'ann', 'a@x.org', 'EU', '4111-1111-2222'), (2, 'bob', 'b@x.org', 'US', '555'),"
    " (3, 'cem', NULL, 'EU', NULL), (4, NULL, 'd@x.org', NULL, '7777-0000-2222'), (5, 'eve', 'e@x.org', 'US', '')",
    "INSERT INTO orders VALUES (1, 1, 10, '2024-01-01'), (2, 2, 20, '2024-01-02'), (3, 3, 30, '2024-02-01'),"
    " (4, 1, NULL, '2024-01-02'), (5, 9, 5, NULL), (6, NULL, 20, '2024-03-01')",
    """INSERT INTO "order lines" VALUES (1, 1, 'nail', 's'), (2, 1, 'saw', 't'), (3, 2, 'nail', 'u'), (4, 6, NULL, 'v'),
        (5, 4, 'ann', 'w')""",
    "INSERT INTO salaries VALUES (1, 'ann', 100), (2, 'bob', 200)",
)
_VIEWS = (
    "CREATE VIEW per_customer (customer, total) AS SELECT c.name, SUM(o.total) FROM customers c"
    " LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.name",
    "CREATE VIEW lately AS SELECT id, day FROM orders WHERE day > '2024-01-01' UNION SELECT 0, MAX(day) FROM orders",
    "CREATE VIEW named AS SELECT id, name, card FROM customers WHERE NOT name IS NULL",
    'CREATE VIEW parts AS WITH customers AS (SELECT * FROM named) SELECT l.id, "what is it", x.name'
    ' FROM "order lines" AS l LEFT JOIN orders ON orders.id = l."order" LEFT JOIN customers x ON x.id = customer_id',
    "CREATE VIEW rich AS SELECT who FROM salaries",
)


@dataclass(frozen=True)
class Case:
    """A policy, and the statements that make of the whole database one that holds only what it lets be seen."""

    rules: Rules
    physical: tuple[str, ...]
    views: tuple[str, ...] = _VIEWS


CASES = {
    "nothing hidden": Case(Rules(joins=1000), ()),
    "rows and a table": Case(
        Rules(
            denied_tables=("salaries",),
            denied_columns=("customers.email", "*.secret"),
            rows={
                "customers": "region = {principal.region}",
                "orders": "customer_id IN (SELECT c.id FROM customers c WHERE c.region = {principal.region})",
            },
            masks={"customers.card": "last4"},
        ),
        (
            "DELETE FROM orders WHERE NOT coalesce(customer_id IN (1, 3), 0)",
            "DELETE FROM customers WHERE NOT id IN (1, 3)",
            "ALTER TABLE customers DROP COLUMN email",
            'ALTER TABLE "order lines" DROP COLUMN secret',
            "UPDATE customers SET card = CASE WHEN length(card) > 7 THEN '****' || substr(card, -4)"
            " WHEN card IS NOT NULL THEN '****' END",
            "DROP TABLE salaries",
        ),
        _VIEWS[:-1],
    ),
    "masks, and rules for views": Case(
        Rules(
            denied_tables=("rich", "salaries"),
            denied_columns=("customers.email",),
            rows={"order lines": "\"what is it\" <> 'saw'", "lately": "id IN {principal.ids}"},
            masks={"customers.card": "hash", "orders.day": "null", "per_customer.customer": "null"},
        ),
        (
            'DELETE FROM "order lines" WHERE NOT coalesce("what is it" <> \'saw\', 0)',
            "ALTER TABLE customers DROP COLUMN email",
            "UPDATE customers SET card = hashed(card)",
            "UPDATE orders SET day = NULL",
            "DROP TABLE salaries",
        ),
        (
            _VIEWS[0].replace("c.name,", "CASE WHEN 0 THEN c.name END,"),
            f"CREATE VIEW lately AS SELECT * FROM ({_VIEWS[1].partition(' AS ')[2]}) WHERE id IN (0, 2, 4)",
            *_VIEWS[2:4],
        ),
    ),
}
ASKER = Principal("anna", {"region": "EU", "ids": (0, 2, 4)})
Pair = tuple[PolicedDatabase, Database]


def _made(path: Path, *statements: str) -> Database:
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("hashed", 1, _hashed)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return open_database(path)


def _hashed(cell: str | None) -> str | None:
    return None if cell is None else hmac.new(_KEY.encode(), cell.encode(), hashlib.sha256).hexdigest()[:16]


@pytest.fixture(scope="module", params=CASES)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Give the whole shop behind a policy, and the shop with nothing in it but what the policy lets be seen."""
    folder, case = tmp_path_factory.mktemp("shops"), CASES[request.param]
    whole = _made(folder / "shop.sqlite", *_TABLES, *_VIEWS)
    part = _made(folder / "part.sqlite", *_TABLES, *case.physical, *case.views)
    yield PolicedDatabase(whole, Policy(case.rules, hash_key=_KEY), ASKER), part
    whole.close()
    part.close()


@st.composite
def _queries(draw: st.DrawFn) -> str:
    return Drawn(draw).query().sql


def _outcome(result: ExecutionResult) -> object:
    """Give the rows as a bag; of a failure just that it is one, for each database says it in its own words."""
    return None if result.error is not None else Counter(map(repr, result.rows))


def _holds(pair: Pair, sql: str) -> bool:
    """Give whether the query runs at all, and fail unless it gives the same on both."""
    policed, part = pair
    seen, expected = policed.run(sql), part.run(sql)
    assert _outcome(seen) == _expected(expected, part), (seen.error, expected.error, seen.executed)
    return expected.error is None


def _expected(result: ExecutionResult, part: Database) -> object:
    """Give the outcome; a wrong name in a CTE that nothing reads is a failure too, though SQLite overlooks it."""
    with suppress(StatementRefused):
        if check_names(read_only_query(result.sql, "sqlite"), part.schema()) is not None:
            return None
    return _outcome(result)


def _all_hold(pair: Pair, examples: int) -> None:
    ran: list[bool] = []

    @settings(
        max_examples=int(os.environ.get("AGENTSQL_EXAMPLES", examples)), deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck), database=None,
    )  # fmt: skip
    @given(sql=_queries())
    def hold(sql: str) -> None:
        ran.append(_holds(pair, sql))

    hold()
    assert sum(ran) > len(ran) // 2, "most of the queries drawn have to run, or they show little"


def test_tables_and_views_hold_what_the_policy_lets_be_seen(pair):
    policed, part = pair
    assert [(one.name, [column.name for column in one.columns]) for one in policed.schema()] == [
        (one.name, [column.name for column in one.columns]) for one in part.schema()
    ]
    for table in part.schema():
        assert _holds(pair, f'SELECT * FROM "{table.name}"')


def test_queries_give_what_they_give_where_nothing_else_is(pair):
    _all_hold(pair, 20)


@pytest.mark.slow
def test_many_queries_give_what_they_give_where_nothing_else_is(pair):
    _all_hold(pair, 1000)
