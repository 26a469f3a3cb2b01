"""Queries that try to see what the policy hides, on each database: none of them may, and without a policy most do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql.db.connect import open_database
from agentsql.db.database import Database
from agentsql.db.policed import PolicedDatabase
from agentsql.types import QueryFailure
from tests.db.policed_shop import EU, POLICY, STATEMENTS, shop, tells
from tests.services import execute

TARGETS = (("customers", "email"), ("customers", "name"), ("salaries", "who"))
OTHERS = (("customers", "card"), ("orders", "total"), ("rich", "amount"), ("mailing", "email"))
"""What is hidden in other ways; each with a fifth of the shapes, another one each, because they all take time."""
_SHAPES = Path(__file__).parent / "policy" / "shapes.sql"


def _shapes(dialect: str) -> list[str]:
    """Give the shapes of all dialects and those of this one."""
    section, found = "", []
    for line in _SHAPES.read_text().splitlines():
        if line.startswith("--"):
            section = line.removeprefix("--").strip()
        elif section.startswith("One query a line") or section == dialect:
            found.append(line)
    return found


def _written(shape: str, table: str, column: str, namespace: str) -> str:
    filled = {"t": table, "c": column, "T": table.upper(), "C": column.upper(), "s": namespace}
    return re.sub(r"\{([tcTCs])\}", lambda slot: filled[slot[1]], shape)


@pytest.fixture
def sqlite_shop(tmp_path: Path) -> Iterator[Database]:
    yield from _opened(shop(tmp_path / "shop.sqlite"), tmp_path)


@pytest.fixture
def duckdb_shop(tmp_path: Path) -> Iterator[Database]:
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb: pip install 'agentsql-framework[duckdb]'")
    connection = duckdb.connect(str(tmp_path / "shop.duckdb"))
    for statement in STATEMENTS:
        connection.execute(statement)
    connection.close()
    yield from _opened(f"duckdb:///{tmp_path / 'shop.duckdb'}", tmp_path)


@pytest.fixture
def postgres_shop(postgres_url: str, tmp_path: Path) -> Iterator[Database]:
    told = "SELECT max(email)::text FROM customers"
    function = f"CREATE FUNCTION secrets() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS '{told}'"
    execute(postgres_url, *STATEMENTS, function)
    yield from _opened(postgres_url, tmp_path)


@pytest.fixture
def mariadb_shop(mariadb_url: str, tmp_path: Path) -> Iterator[Database]:
    function = "CREATE FUNCTION secrets() RETURNS TEXT READS SQL DATA RETURN (SELECT MAX(email) FROM customers)"
    execute(mariadb_url, *STATEMENTS, function)
    yield from _opened(mariadb_url, tmp_path)


def _opened(target: str | Path, tmp_path: Path) -> Iterator[Database]:
    database = open_database(target, cache_dir=tmp_path / "cache")
    yield database
    database.close()


def _namespace(database: Database) -> str:
    return {"postgres": "public", "mysql": database.name}.get(database.dialect, "main")


def _queries(database: Database, *, step: int) -> Iterator[str]:
    """Give each shape with each target; of the shapes that all dialects share, `step` skips some."""
    own = _shapes(database.dialect)
    shared = [shape for shape in _shapes("") if shape in own]
    for number, (table, column) in enumerate((*TARGETS, *OTHERS)):
        chosen = own if number < len(TARGETS) else own[number % 5 :: 5]
        for place, shape in enumerate(chosen):
            if step == 1 or shape not in shared or place % step == number % step:
                yield _written(shape, table, column, _namespace(database))


def _told(database: Database, *, step: int = 1) -> tuple[list[str], int]:
    """Give the queries that tell a secret under the policy, and how many do without one."""
    policed = PolicedDatabase(database, POLICY, EU)
    telling, without = [], 0
    for sql in _queries(database, step=step):
        result = policed.run(sql)
        if tells(replace(result, executed="", sql="")):
            telling.append(sql)
        without += tells(database.run(sql))
    return telling, without


def test_no_query_on_sqlite_tells_a_secret(sqlite_shop):
    telling, without = _told(sqlite_shop)
    assert telling == []
    assert without > 100


def test_no_query_on_duckdb_tells_a_secret(duckdb_shop):
    telling, without = _told(duckdb_shop, step=3)
    assert telling == []
    assert without > 100


def test_no_query_on_postgres_tells_a_secret(postgres_shop):
    telling, without = _told(postgres_shop, step=3)
    assert telling == []
    assert without > 100


def test_no_query_on_mariadb_tells_a_secret(mariadb_shop):
    telling, without = _told(mariadb_shop, step=3)
    assert telling == []
    assert without > 100


def _comparable(failure: QueryFailure | None, name: str) -> tuple[object, ...]:
    """Give what a failure says but for the name asked for; hints name what is near, which is what is visible."""
    if failure is None:
        return ()
    message = re.sub(rf"(?i){name}", "NAME", failure.message)
    return failure.kind, message


@pytest.mark.parametrize("target", [("customers", "email"), ("salaries", "who")])
def test_what_is_hidden_fails_like_what_does_not_exist(sqlite_shop, target):
    assert _unlike(sqlite_shop, *target, _shapes("sqlite")) == []


def test_what_is_hidden_fails_on_postgres_like_what_does_not_exist(postgres_shop):
    own = [shape for shape in _shapes("postgres") if shape not in _shapes("")]
    assert _unlike(postgres_shop, "salaries", "who", own) == []


def _unlike(database: Database, table: str, column: str, shapes: list[str]) -> list[tuple[object, ...]]:
    """Give the queries whose failure tells a hidden name from one that does not exist."""
    policed = PolicedDatabase(database, POLICY, EU)
    hidden = column if table == "customers" else table
    missing, unlike = "qqzqq", []
    for shape in shapes:
        real = _written(shape, table, column, _namespace(database))
        none = re.sub(
            rf"(?i)(?<![a-z]){hidden}(?![a-z])",
            lambda found: missing.upper() if found[0].isupper() else missing,
            real,
        )
        real_failure, no_failure = policed.run(real).error, policed.run(none).error
        if _comparable(real_failure, hidden) != _comparable(no_failure, missing):
            unlike.append((real, real_failure, no_failure))
    return unlike
