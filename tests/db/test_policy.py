"""What a policy file may say, and what its rules do to a query on SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql.db.connect import open_database
from agentsql.db.database import Database
from agentsql.db.policed import PolicedDatabase
from agentsql.db.policy import Policy, Rules, load_policy
from agentsql.db.policy_access import access_for, check_policy
from agentsql.db.policy_rewrite import verify
from agentsql.db.refusal import StatementRefused
from agentsql.errors import PolicyError
from agentsql.types import Principal
from tests.db.policed_shop import EU, POLICY, RULES, shop, tells

View = Callable[..., PolicedDatabase]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(shop(tmp_path / "shop.sqlite"), cache_dir=tmp_path / "cache")
    yield opened
    opened.close()


@pytest.fixture
def view(database: Database) -> View:
    """Give a function that opens the shop under rules, for a principal."""
    return lambda rules=RULES, principal=EU: PolicedDatabase(database, replace(POLICY, rules=rules), principal)


def _policy(tmp_path: Path, text: str) -> Policy:
    file = tmp_path / "policy.toml"
    file.write_text(text)
    return load_policy(file)


def test_a_file_gives_the_policy_it_says(tmp_path):
    policy = _policy(
        tmp_path,
        """
        hash_key = "0123456789abcdef"
        [tables]
        deny = ["salaries"]
        [rows]
        customers = "region = 'EU'"
        [required]
        events = "day"
        [limits]
        joins = 3
        [roles.boss]
        tables = {}
        rows = {}
        [principals.bo]
        roles = ["boss"]
        attributes = {teams = ["a", "b"], level = 3}
        """,
    )
    base = Rules(
        denied_tables=("salaries",), rows={"customers": "region = 'EU'"}, required={"events": ("day",)}, joins=3
    )
    assert policy.rules == base
    assert policy.roles == {"boss": replace(base, denied_tables=(), rows={})}
    assert policy.principal("bo") == Principal("bo", {"teams": ("a", "b"), "level": 3}, ("boss",))
    assert policy.rules_for(policy.principal("bo")) == policy.roles["boss"]
    assert policy.rules_for(Principal("x", roles=("clerk",))) == base


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[table]\ndeny = ['a']", "unknown key 'table'; did you mean 'tables'?"),
        ("[tables]\ndenied = ['a']", "unknown key 'denied' in [tables]; did you mean 'deny'?"),
        ("[tables]\ndeny = 'a'", "tables.deny must be a list of texts, not 'a'"),
        ("tables = 3", "tables must be a section, not 3"),
        ("[masks]\n'a.b' = 'hsh'", "masks.a.b must be one of hash, null, last4, not 'hsh'; did you mean 'hash'?"),
        ("[limits]\njoins = true", "limits.joins must be a whole number, 0 or more, not True"),
        ("[rows]\na = 1", "rows.a must be a text, not 1"),
        ("[roles.a.table]\nx = 1", "unknown key 'table' in [roles.a]; did you mean 'tables'?"),
        ("[principals.a]\nrole = ['x']", "unknown key 'role' in [principals.a]; did you mean 'roles'?"),
        ("[principals.a.attributes]\nx = {y = 1}", "principals.a.attributes.x must be a text, a number"),
        ("hash_key = 'short'", "hash_key must have 16 characters or more, not 5"),
        ("[tables", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_told_what_is_wrong(tmp_path, text, told):
    with pytest.raises(PolicyError) as raised:
        _policy(tmp_path, text)
    assert told in str(raised.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(PolicyError, match="cannot read the policy"):
        load_policy(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (Rules(denied_tables=("salary",)), "names the table 'salary', which is not in the database; did you mean"),
        (Rules(denied_columns=("customers.mail",)), "names the column 'customers.mail'"),
        (Rules(denied_columns=("email",)), "a column is written table.column"),
        (Rules(required={"events": ("dey",)}), "did you mean 'events.day'?"),
        (Rules(rows={"customers": "regon = 1"}), "which is no column of that table; did you mean 'region'?"),
        (Rules(rows={"customers": "region = '{principal.region}'"}), "a placeholder inside quotes"),
        (Rules(rows={"customers": "region ="}), "is no condition in sqlite"),
        (Rules(rows={"customers": "1 = 1; DROP TABLE customers"}), "is no condition in sqlite"),
        (Rules(rows={"customers": "agentsql_principal_x = 1"}), "may not hold the word"),
    ],
)
def test_a_policy_that_does_not_fit_the_database_is_told(database, rules, told):
    with pytest.raises(PolicyError) as raised:
        check_policy(Policy(rules), database.schema())
    assert told in str(raised.value)


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "tsql", "oracle", ""])
def test_a_mask_that_a_database_lacks_is_told_when_the_policy_is_checked(database, dialect):
    elsewhere = replace(database.schema(), dialect=dialect)
    check_policy(Policy(Rules(masks={"customers.card": "last4"})), elsewhere)
    with pytest.raises(PolicyError, match=r"only on duckdb, mysql, postgres, sqlite; take null or last4"):
        check_policy(Policy(roles={"clerk": Rules(masks={"customers.c*": "hash"})}), elsewhere)


def test_globs_may_fit_nothing(database):
    check_policy(Policy(Rules(denied_columns=("*.password*",), denied_tables=("tmp_*",))), database.schema())


@pytest.mark.parametrize(
    ("attributes", "rows"),
    [
        ({"region": "EU"}, 2),
        ({"region": "x' OR '1' = '1"}, 0),
        ({"region": "EU' --"}, 0),
        ({"region": "\\' OR 1=1 --"}, 0),
        ({"region": 3}, 0),
        ({"region": None}, 0),
    ],
)
def test_an_attribute_is_a_value_whatever_it_holds(view, attributes, rows):
    rules = Rules(rows={"customers": "region = {principal.region}"})
    assert len(view(rules, Principal("x", attributes)).run("SELECT * FROM customers").rows) == rows


@pytest.mark.parametrize(
    ("condition", "regions", "rows"),
    [
        ("region IN {principal.regions}", ("EU", "US"), 4),
        ("region IN ({principal.regions}, 'US')", ["EU"], 4),
        ("region IN {principal.regions}", (), 0),
        ("NOT region IN {principal.regions}", ("EU",), 2),
    ],
)
def test_a_list_stands_after_in(view, condition, regions, rows):
    seen = view(Rules(rows={"customers": condition}), Principal("x", {"regions": regions}))
    assert len(seen.run("SELECT * FROM customers").rows) == rows


def test_an_attribute_that_is_missing_or_no_value_is_told(view):
    with pytest.raises(PolicyError, match="needs the attribute 'region', which an unnamed caller has not"):
        view(RULES, Principal()).run("SELECT 1")
    with pytest.raises(PolicyError, match="is a dict"):
        view(RULES, Principal("x", {"region": {}})).run("SELECT 1")
    with pytest.raises(PolicyError, match="it is a list"):
        view(RULES, Principal("x", {"region": ("EU",)})).run("SELECT 1")


def test_an_outer_join_keeps_the_rows_whose_partners_are_hidden(view):
    seen = view(Rules(rows={"orders": "total > 20"}))
    joined = "SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id ORDER BY 1"
    assert seen.run(joined).rows == ((1, None), (2, 2), (3, 3), (4, None))


def test_masks_hold_in_comparisons_order_groups_and_joins(view):
    rules = Rules(masks={"customers.card": "hash", "customers.region": "null", "customers.email": "last4"})
    seen = view(rules)
    assert seen.run("SELECT count(*) FROM customers WHERE card LIKE '4111%'").rows == ((0,),)
    assert seen.run("SELECT count(*) FROM customers WHERE region = 'EU' OR region IS NOT NULL").rows == ((0,),)
    assert seen.run("SELECT count(*) FROM customers a JOIN customers b ON a.card = b.card").rows == ((4,),)
    assert seen.run("SELECT count(*) FROM customers WHERE email LIKE 'a%'").rows == ((0,),)
    ((card, region, email),) = seen.run("SELECT card, region, email FROM customers WHERE id = 1").rows
    assert (len(str(card)), region, email) == (16, None, "****.org")
    assert not tells(seen.run("SELECT * FROM customers ORDER BY card").rows[0][3])


def test_the_hash_of_a_guess_cannot_be_made(view):
    seen = view(Rules(masks={"customers.card": "hash"}))
    guess = "SELECT count(*) FROM customers WHERE card = agentsql_hash('', '4111-CANARY-2222')"
    assert seen.run(guess).rows == ((0,),)
    assert "a key of many letters" not in seen.run("SELECT card FROM customers").executed


@pytest.mark.parametrize(
    "oracle",
    [
        "SELECT abs(CASE WHEN name = '{}' THEN -9223372036854775808 END) FROM customers WHERE id >= 0",
        "SELECT 1 FROM customers WHERE json(CASE WHEN name = '{}' THEN '{{' ELSE '1' END) IS NOT NULL",
        "SELECT sum(CASE WHEN name = '{}' THEN 9223372036854775807 ELSE 1 END) + 1 FROM customers",
        "SELECT count(*) FROM customers c JOIN events e ON abs(CASE WHEN c.name = '{}' THEN -9223372036854775808 END)",
    ],
)
def test_a_query_that_fails_on_a_hidden_row_tells_nothing_of_it(database, view, oracle):
    there, not_there = oracle.format("CANARY Bob"), oracle.format("Nobody At All")
    seen = view()
    assert _outcome(seen, there) == _outcome(seen, not_there)
    assert _outcome(database, there) != _outcome(database, not_there)


def _outcome(database: Database, sql: str) -> tuple[object, ...]:
    result = database.run(sql)
    return result.rows, result.error


def test_views_of_hidden_tables_are_hidden_and_can_be_allowed(view):
    assert view(Rules()).schema().table("rich") is not None
    assert view().schema().table("rich") is None
    assert view(replace(RULES, views=("mailing",))).schema().table("mailing") is not None


@pytest.mark.parametrize(
    ("sql", "runs"),
    [
        ("SELECT * FROM events WHERE day = '2024-01-01'", True),
        ("SELECT * FROM events e WHERE e.day BETWEEN '2024-01-01' AND '2024-02-01' AND kind = 'sale'", True),
        ("SELECT * FROM events WHERE substr(day, 1, 4) IN ('2024')", True),
        ("SELECT * FROM orders o LEFT JOIN events e ON e.id = o.id AND e.day > '2024'", True),
        ("WITH e AS (SELECT * FROM events WHERE day > '2024') SELECT * FROM e", True),
        ("WITH events AS (SELECT 1 AS day) SELECT * FROM events", True),
        ("SELECT * FROM events", False),
        ("SELECT * FROM events WHERE day = day", False),
        ("SELECT * FROM events WHERE day > '2024' OR 1 = 1", False),
        ("SELECT * FROM events WHERE kind = 'sale'", False),
        ("SELECT * FROM events e JOIN orders o ON o.id = e.id WHERE o.day > '2024'", False),
        ("SELECT * FROM events e LEFT JOIN orders o ON e.day > '2024'", False),
        ("WITH e AS (SELECT * FROM events) SELECT * FROM e WHERE day > '2024'", False),
    ],
)
def test_a_big_table_needs_its_condition(view, sql, runs):
    failure = view(Rules(required={"events": ("day",)})).check(sql)
    assert (failure is None) is runs
    if failure:
        assert (failure.kind, failure.message) == ("other", "a query on `events` needs a condition on day")


def test_joins_and_functions_can_be_limited(view):
    seen = view(Rules(joins=1, denied_functions=("random*", "upper")))
    assert seen.check("SELECT 1 FROM orders JOIN customers") is None
    assert "has 2 joins" in seen.run("SELECT 1 FROM orders, customers, events").error.message
    assert "the function upper" in seen.run("SELECT UPPER(name) FROM customers").error.message
    assert seen.run("SELECT random()").error.kind == "refused"


def test_star_gives_the_visible_columns_and_count_all_rows(view):
    seen = view()
    assert seen.run("SELECT * FROM customers").columns == ("id", "name", "region", "card")
    assert seen.run("SELECT count(*) FROM customers").rows == ((2,),)


def test_a_query_is_told_as_it_was_written_and_what_ran_is_kept_for_logs(view):
    result = view().run("SELECT id FROM customers;")
    assert result.sql == "SELECT id FROM customers;"
    assert 'WHERE "customers"."region" = \'EU\'' in result.executed


def test_the_schema_shows_nothing_hidden(view):
    schema = view().schema()
    assert not tells(schema)
    assert [table.name for table in schema] == ["customers", "events", "orders"]
    customers = schema.table("customers")
    assert customers is not None and customers.rows is None
    assert customers.column("name").values == ("Ann", "Cem")
    assert customers.column("card").values == ()


def test_comments_that_name_what_is_hidden_are_not_shown(database):
    schema = database.schema()
    tables = tuple(replace(one, comment=f"see {other}") for one, other in zip(schema, "abcdef", strict=False))
    noted = replace(schema, tables=(*tables[:-1], replace(tables[-1], comment="goes with Salaries")))
    access = access_for(POLICY, EU, noted)
    assert not any("alaries" in table.comment for table in access.schema)
    assert any(table.comment for table in access.schema)


def test_a_principal_who_sees_nothing_is_told_so(view):
    with pytest.raises(PolicyError, match="see no table"):
        view(Rules(tables=("salaries",), denied_tables=("*",))).schema()


def test_the_first_role_with_rules_decides(database):
    policy = Policy(RULES, {"audit": Rules(tables=("events",))})
    seen = PolicedDatabase(database, policy, Principal("x", roles=("guest", "audit")))
    assert [table.name for table in seen.schema()] == ["events"]


def test_values_are_kept_apart_by_what_is_seen(database, view):
    one, same, other = (view(RULES, Principal(name, {"region": region})) for name, region in _REGIONS)
    assert one.data_stamp() == same.data_stamp() != other.data_stamp()
    assert one.data_stamp()["identity"] != database.data_stamp()["identity"]


_REGIONS = (("a", "EU"), ("b", "EU"), ("c", "US"))


def test_a_new_schema_is_seen_through_the_policy(tmp_path, database, view):
    seen = view()
    seen.schema()
    connection = sqlite3.connect(tmp_path / "shop.sqlite")
    connection.execute("ALTER TABLE customers RENAME COLUMN email TO mail")
    connection.commit()
    connection.close()
    with pytest.raises(PolicyError, match=r"names the column 'customers.email'"):
        seen.run("SELECT mail FROM customers")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM customers",
        "SELECT * FROM (SELECT * FROM customers) AS customers",
        'SELECT * FROM (SELECT "customers"."id" AS "id" FROM "customers" LIMIT -1) AS customers',
        'SELECT * FROM (SELECT "customers"."email" AS "email" FROM "customers"'
        ' WHERE "customers"."region" = \'EU\' LIMIT -1) AS customers',
        'SELECT * FROM (SELECT "customers"."id" AS "id" FROM "customers"'
        ' WHERE "customers"."region" = \'EU\' OR 1 = 1 LIMIT -1) AS customers',
        'SELECT * FROM (SELECT "customers"."id" AS "id" FROM "customers", "salaries"'
        ' WHERE "customers"."region" = \'EU\' LIMIT -1) AS customers',
        "WITH salaries AS (SELECT 1) SELECT * FROM salaries",
        "WITH cte_1 AS (SELECT 1) SELECT * FROM main.cte_1",
    ],
)
def test_the_proof_refuses_what_the_rewriting_would_not_have_made(database, sql):
    with pytest.raises(StatementRefused, match="cannot be proven"):
        verify(sql, access_for(POLICY, EU, database.schema()))


def test_the_proof_takes_a_gate_as_it_is(database):
    gate = '(SELECT "customers"."id" AS "id" FROM "customers" WHERE "customers"."region" = \'EU\' LIMIT -1)'
    verify(f"SELECT * FROM {gate} AS x", access_for(POLICY, EU, database.schema()))
