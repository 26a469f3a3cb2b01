"""Throw-away databases of each kind with the small shop of the sheets in them, and a hash of all that could change.

A database is opened by agentsql as a reader would; the hash is taken by its owner, over a connection of its own: every
row, the structure, roles, settings, sequences, large objects and the files beside it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentsql.db.connect import open_database
from agentsql.db.database import Database
from agentsql.settings import DatabaseSettings

ROOT = Path(__file__).resolve().parent.parent
SHOP = ROOT / "tests" / "db" / "adversarial" / "shop.sql"
LEFT_BEHIND = "agentsql_hostile*"
"""What hostile statements of the sheets call the files they would like to write."""
KINDS = ("sqlite", "duckdb", "postgres", "mysql")
_TABLES = ("customer", "product", "orders", "item", "employee", "event")
_POSTGRES_STATE = (
    "SELECT count(*), md5(string_agg(c.oid::text || c.relname, ',' ORDER BY c.oid)) FROM pg_class c "
    "WHERE relnamespace = 'public'::regnamespace",
    "SELECT count(*) FROM pg_proc",
    "SELECT string_agg(rolname || rolsuper, ',' ORDER BY rolname) FROM pg_roles WHERE rolname NOT LIKE 'r%'",
    "SELECT count(*) FROM pg_largeobject_metadata",
    "SELECT last_value, is_called FROM tickets",
    "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase "
    "WHERE datname = current_database()",
    "SELECT md5(string_agg(name || setting, ',' ORDER BY name)) FROM pg_settings WHERE name <> 'transaction_isolation'",
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE "
    "datname = current_database())",
    "SELECT count(*) FROM pg_extension",
    "SELECT count(*) FROM pg_replication_slots",
)
_MARIADB_STATE = (
    "SELECT table_name, table_type, engine, create_time FROM information_schema.tables WHERE table_schema = database() "
    "ORDER BY 1",
    "SELECT count(*) FROM information_schema.routines WHERE routine_schema = database()",
    "SELECT count(*) FROM information_schema.plugins",
    "SELECT variable_name, variable_value FROM information_schema.global_variables WHERE "
    "variable_name NOT LIKE '%gtid%' AND variable_name NOT IN ('TIMESTAMP', 'IN_TRANSACTION', "
    "'WARNING_COUNT') ORDER BY 1",
)


@dataclass(frozen=True, slots=True)
class Throwaway:
    """A database that may be broken."""

    dialect: str
    database: Database
    state: Callable[[], str]
    """Gives a hash of everything in it; it is the same as long as nothing has changed."""


@contextmanager
def throwaway(kind: str, folder: Path, *, server: str = "", timeout_s: float = 5.0) -> Iterator[Throwaway]:
    """Make one, open it as a reader of one connection, and remove it in the end.

    Args:
        server: URL of a server whose user may make databases and users; for `postgres` and `mysql`.
    """
    make = {"sqlite": _sqlite, "duckdb": _duckdb, "postgres": _postgres, "mysql": _mysql}[kind]
    settings = DatabaseSettings(timeout_s=timeout_s, max_rows=200, connections=1)
    with make(folder, server) as (target, state):
        database = open_database(target, settings=settings, cache_dir=folder / "cache")
        try:
            yield Throwaway(kind, database, state)
        finally:
            database.close()


def server_url(kind: str) -> str:
    """Give the URL of the server that `scripts/services.sh` has started; empty for files, or if it does not run."""
    schemes = {"postgres": "postgresql://", "mysql": "mariadb://"}
    done = subprocess.run(
        [ROOT / "scripts" / "services.sh", "status"],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return next((line for line in done.stdout.splitlines() if line.startswith(schemes.get(kind, "-"))), "")


def left_behind(*folders: Path) -> list[str]:
    """Give the files that a hostile statement has managed to write."""
    return sorted(str(path) for folder in (Path("/tmp"), *folders) for path in folder.glob(LEFT_BEHIND))


def shop_statements() -> list[str]:
    lines = SHOP.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("--")]


Made = Iterator[tuple[str | Path, Callable[[], str]]]


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _folder_hash(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "cache" not in path.parts)
    return _hash([(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files])


@contextmanager
def _sqlite(folder: Path, _server: str) -> Made:
    path = folder / "sqlite" / "shop.sqlite"
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    for statement in shop_statements():
        connection.execute(statement)
    connection.commit()
    connection.close()
    yield path, lambda: _folder_hash(path.parent)


@contextmanager
def _duckdb(folder: Path, _server: str) -> Made:
    import duckdb

    path = folder / "duckdb" / "shop.duckdb"
    path.parent.mkdir()
    connection = duckdb.connect(str(path))
    for statement in shop_statements():
        connection.execute(statement)
    connection.close()
    yield f"duckdb:///{path}", lambda: _folder_hash(path.parent)


@contextmanager
def _postgres(_folder: Path, server: str) -> Made:
    """A database with a reader's role, which may do no more than the GRANTs that `agentsql doctor` prints say."""
    name, role, secret = (f"{letter}{uuid.uuid4().hex[:16]}" for letter in "trs")
    with _owner(server) as run:
        run(f"CREATE DATABASE {name}")
        run(f"CREATE ROLE {role} LOGIN PASSWORD '{secret}'")
    own = _at(server, name)
    with _owner(own) as run:
        for statement in (*shop_statements(), "CREATE SEQUENCE tickets"):
            run(statement)
        run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")

    def state() -> str:
        with _owner(own) as run:
            rows = "md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
            data = [run(f"SELECT {rows} FROM {table} t") for table in _TABLES]
            return _hash(data, [run(query) for query in _POSTGRES_STATE])

    try:
        yield _at(server, name, role, secret), state
    finally:
        with _owner(server) as run:
            run(f"DROP DATABASE {name} WITH (FORCE)")
            run(f"DROP ROLE {role}")


@contextmanager
def _mysql(_folder: Path, server: str) -> Made:
    name, user, secret = (f"{letter}{uuid.uuid4().hex[:16]}" for letter in "tus")
    with _owner(server) as run:
        run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        run(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{secret}'")
        run(f"GRANT SELECT, SHOW VIEW ON {name}.* TO '{user}'@'%'")
    own = _at(server, name)
    with _owner(own) as run:
        for statement in shop_statements():
            run(statement)

    def state() -> str:
        with _owner(own) as run:
            return _hash([run(f"SELECT * FROM {t} ORDER BY 1, 2") for t in _TABLES], [run(q) for q in _MARIADB_STATE])

    try:
        yield _at(server, name, user, secret), state
    finally:
        with _owner(server) as run:
            run(f"DROP DATABASE {name}")
            run(f"DROP USER '{user}'@'%'")


@contextmanager
def _owner(url: str) -> Iterator[Callable[[str], list[Any]]]:
    """Give a function that runs one statement as the owner and gives its rows."""
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.pool import NullPool

    drivers = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
    parsed = make_url(url)
    engine = create_engine(
        parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername)),
        isolation_level="AUTOCOMMIT", poolclass=NullPool,
    )  # fmt: skip
    with engine.connect() as connection:

        def run(statement: str) -> list[Any]:
            done = connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
            return [tuple(row) for row in done] if done.returns_rows else []

        yield run
    engine.dispose()


def _at(url: str, database: str, user: str = "", password: str = "") -> str:
    from sqlalchemy import make_url

    parsed = make_url(url).set(database=database)
    if user:
        parsed = parsed.set(username=user, password=password)
    return parsed.render_as_string(hide_password=False)
