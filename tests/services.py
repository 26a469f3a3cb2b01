"""A fresh database on a real PostgreSQL or MariaDB for a test that wants one; it is skipped where none answers.

`scripts/services.sh start` starts both servers. Others are used if TEST_POSTGRES_URL or TEST_MARIADB_URL
names them; the user in such a URL has to be allowed to create databases.
"""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

_SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "services.sh"
_HOW = "start one with `scripts/services.sh start`, or name one in"
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}


def admin_engine(url: str | URL) -> Engine:
    """Give an engine that commits each statement by itself and keeps no connection; for making what a test needs."""
    parsed = make_url(url)
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    return create_engine(
        parsed, isolation_level="AUTOCOMMIT", poolclass=NullPool, execution_options={"no_parameters": True}
    )


def execute(url: str | URL, *statements: str) -> None:
    """Run statements as the owner of the database, each in a transaction of its own."""
    engine = admin_engine(url)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def rows(url: str | URL, query: str) -> list[tuple[Any, ...]]:
    """Give what a query of the owner's gives."""
    engine = admin_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(query)]
    engine.dispose()
    return found


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of a PostgreSQL where databases and roles may be made."""
    return _server("postgres", "TEST_POSTGRES_URL")


@pytest.fixture(scope="session")
def mariadb_server() -> str:
    """The URL of a MariaDB (or MySQL) where databases and users may be made."""
    return _server("mariadb", "TEST_MARIADB_URL")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database; the user in the URL is a superuser, who could do anything."""
    yield from fresh_database(postgres_server)


@pytest.fixture
def mariadb_url(mariadb_server: str) -> Iterator[str]:
    """An empty database; the user in the URL has every privilege."""
    yield from fresh_database(mariadb_server)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests had no server, and how to get it: a line of dots does not."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", ())]
    missing = sum(_HOW in reason for reason in reasons)
    if missing:
        terminalreporter.write_line(
            f"{missing} tests were skipped: no PostgreSQL or MariaDB answers; get both by: scripts/services.sh start"
        )


def _server(name: str, variable: str) -> str:
    url = os.environ.get(variable) or _started(name)
    if not url:
        pytest.skip(f"no {name} server answers; {_HOW} {variable}")
    try:
        execute(url, "SELECT 1")
    except SQLAlchemyError:
        pytest.skip(f"the {name} server at {make_url(url).host} does not answer; {_HOW} {variable}")
    return url


def _started(name: str) -> str:
    """Give the URL of the server that the script has started; empty if it has not."""
    done = subprocess.run([_SCRIPT, "status"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    scheme = {"postgres": "postgresql://", "mariadb": "mariadb://"}[name]
    return next((line for line in done.stdout.splitlines() if line.startswith(scheme)), "")


def fresh_database(server: str) -> Iterator[str]:
    """Yield the URL of an empty database, and drop it at the end; for a fixture of a scope of its own."""
    drop = (
        "DROP DATABASE {} WITH (FORCE)" if make_url(server).get_backend_name() == "postgresql" else "DROP DATABASE {}"
    )
    name = f"t{uuid.uuid4().hex[:16]}"
    engine = admin_engine(server)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(drop.format(name)))
        engine.dispose()
