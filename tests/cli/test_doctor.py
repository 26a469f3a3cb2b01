"""`agentsql doctor` on real databases: what it says holds, and the statements that it prints work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from agentsql.cli.doctor import NOT_ENFORCED
from agentsql.cli.main import main
from agentsql.db.safe_role import ROLE, safe_role
from tests.services import execute, rows

SHOP = (
    "CREATE TABLE orders (id INT PRIMARY KEY, total INT)",
    "INSERT INTO orders VALUES (1, 5)",
)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `doctor --json` and give its exit code and what it writes."""

    def run(db: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = main(["doctor", "--db", db, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_a_sqlite_file_is_read_only_and_advice_on_its_mode_is_given(tiny: Path, capsys, told) -> None:
    code, found = told(str(tiny))
    assert (code, found["product"], found["holds"]) == (0, "SQLite", True)
    assert "no writes" in [one["what"] for one in found["enforced"]]
    assert found["safe_role"][0] == f"chmod a-w '{tiny}'"
    assert main(["doctor", "--db", str(tiny)]) == 0
    assert "ok  no writes" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    assert main(["doctor", "--db", str(tmp_path / "none.sqlite")]) == 3


def test_on_postgresql_the_printed_statements_make_a_role_that_is_safe(postgres_url: str, told) -> None:
    execute(postgres_url, *SHOP, 'CREATE SCHEMA "Old Sales"', 'CREATE TABLE "Old Sales".orders (id INT)')
    code, found = told(postgres_url)
    assert (code, found["holds"]) == (NOT_ENFORCED, False)
    wrong = {one["what"] for one in found["enforced"] if not one["holds"]}
    assert "no writes" in wrong
    role, reader = _made(postgres_url, found["safe_role"], "postgres")
    try:
        code, found = told(reader)
        assert {one["what"]: one["by"] for one in found["enforced"] if not one["holds"]} == {}
        assert code == 0
        assert rows(reader, "SELECT total FROM orders") == [(5,)]
        # A table that comes later is readable too, by the default privileges.
        execute(postgres_url, "CREATE TABLE later (id INT)")
        assert rows(reader, "SELECT count(*) FROM later") == [(0,)]
        for write in (
            "INSERT INTO orders VALUES (2, 6)",
            "CREATE TABLE mine (id INT)",
            "SET default_transaction_read_only = off; DELETE FROM orders",
            "SET default_transaction_read_only = off; CREATE TABLE mine (id INT)",
            "COPY orders TO PROGRAM 'cat'",
        ):
            with pytest.raises(SQLAlchemyError):
                execute(reader, write)
    finally:
        execute(postgres_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_on_mariadb_the_printed_statements_make_a_user_that_is_safe(mariadb_url: str, told) -> None:
    execute(mariadb_url, *SHOP)
    code, found = told(mariadb_url)
    assert (code, found["holds"]) == (NOT_ENFORCED, False)
    user, reader = _made(mariadb_url, found["safe_role"], "mysql")
    try:
        code, found = told(reader)
        assert {one["what"]: one["by"] for one in found["enforced"] if not one["holds"]} == {}
        assert code == 0
        assert rows(reader, "SELECT total FROM orders") == [(5,)]
        for write in (
            "INSERT INTO orders VALUES (2, 6)",
            "CREATE TABLE mine (id INT)",
            "SELECT 1 INTO OUTFILE '/tmp/x'",
        ):
            with pytest.raises(SQLAlchemyError):
                execute(reader, write)
    finally:
        execute(mariadb_url, f"DROP USER '{user}'@'%%'")


@pytest.mark.parametrize(
    "dialect", ["postgres", "mysql", "sqlite", "duckdb", "tsql", "snowflake", "bigquery", "oracle"]
)
def test_a_name_with_quotes_stays_one_name_in_the_statements(dialect: str) -> None:
    name = "a\"b`c]d'e"
    statements = safe_role(dialect, name, (name,))
    assert statements
    assert not any(f" {name} " in f" {statement} " for statement in statements)


def test_an_unknown_dialect_has_no_statements() -> None:
    assert safe_role("prql", "x") == ()


def _made(admin: str, statements: list[str], dialect: str) -> tuple[str, str]:
    """Run the printed statements, with a name of this test's own, and give the name and the URL of the new role."""
    url = make_url(admin)
    name = f"{ROLE}_{url.database}"[:30]
    percent = "%%" if dialect == "mysql" else "%"  # PyMySQL fills in parameters even where there are none
    execute(admin, *(one.replace(ROLE, name).replace("'...'", "'told'").replace("%", percent) for one in statements))
    return name, url.set(username=name, password="told").render_as_string(hide_password=False)
