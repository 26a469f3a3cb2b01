"""What the entry points of servers name: it says which extra is missing before a driver is imported."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from sqlalchemy import URL, Engine

from agentsql.db.database import Database
from agentsql.errors import MissingExtraError
from agentsql.settings import DatabaseSettings, SchemaSettings


def open_postgresql(
    target: URL | Engine, *, settings: DatabaseSettings, schema_settings: SchemaSettings, cache_dir: Path | None
) -> Database:
    """Open a PostgreSQL database; see `postgres.open_postgres`."""
    if importlib.util.find_spec("psycopg") is None:
        raise MissingExtraError("a PostgreSQL database", "psycopg", "postgres")
    from agentsql.db.postgres import open_postgres

    return open_postgres(target, settings=settings, schema_settings=schema_settings, cache_dir=cache_dir)


def open_mysql(
    target: URL | Engine, *, settings: DatabaseSettings, schema_settings: SchemaSettings, cache_dir: Path | None
) -> Database:
    """Open a MySQL or MariaDB database; see `mysql.open_mysql`."""
    if importlib.util.find_spec("pymysql") is None:
        raise MissingExtraError("a MySQL or MariaDB database", "PyMySQL", "mysql")
    from agentsql.db.mysql import open_mysql as open_it

    return open_it(target, settings=settings, schema_settings=schema_settings, cache_dir=cache_dir)
