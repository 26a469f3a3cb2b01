"""From a URL or an engine to a `ServerDatabase`: which schemas, which pool, and what is said where that fails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from agentsql.db.cache import SchemaCache
from agentsql.db.server import ServerDatabase
from agentsql.db.server_backend import Backend
from agentsql.db.server_failures import said_by_driver
from agentsql.errors import DatabaseError
from agentsql.settings import DatabaseSettings, SchemaSettings


def open_server(
    target: URL | Engine,
    backend: Backend,
    connect: Mapping[str, Any],
    settings: DatabaseSettings,
    schema_settings: SchemaSettings,
    cache_dir: Path | None,
) -> ServerDatabase:
    """Open a database on a server, and warn where the role could write if nothing else stopped it.

    Args:
        target: an engine stays its owner's, with its pool and its sessions as they were; of a URL `schema=a,b` is taken
            as the schemas to read, before those of the settings.
        connect: arguments of the driver's for connections made here.

    Raises:
        DatabaseError: it cannot be reached or read, or it holds no table. The message holds no password.
    """
    wanted = settings.schemas
    url = target.url if isinstance(target, Engine) else target
    if isinstance(target, URL):
        asked = target.query.get("schema", ())
        wanted = ",".join((asked,) if isinstance(asked, str) else asked) or wanted
        url = target = target.difference_update_query(["schema"])
    names = tuple(dict.fromkeys(part.strip() for part in wanted.split(",") if part.strip()))
    try:
        engine = target if isinstance(target, Engine) else _engine(target, connect, settings)
    except (SQLAlchemyError, ImportError, TypeError) as problem:
        raise DatabaseError(
            f"the {url.get_backend_name()!r} driver cannot be used: {said_by_driver(problem, url)}"
        ) from None
    cache = SchemaCache(cache_dir) if cache_dir else None
    database = ServerDatabase(engine, backend, settings, schema_settings, cache, owned=not isinstance(target, Engine))
    try:
        database.prepare(names)
        database.schema()
    except BaseException:
        database.close()
        raise
    return database


def _engine(url: URL, connect: Mapping[str, Any], settings: DatabaseSettings) -> Engine:
    return create_engine(
        url,
        connect_args=dict(connect),
        pool_size=settings.connections,
        max_overflow=0,
        pool_timeout=settings.timeout_s,
        pool_use_lifo=True,
        pool_reset_on_return=None,  # every use ends with a rollback of its own
    )
