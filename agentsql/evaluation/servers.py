"""Queries of benchmarks on databases that a URL names; they are opened once and only read."""

from __future__ import annotations

import atexit
from functools import lru_cache
from threading import Lock
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from agentsql.db.connect import open_database
from agentsql.db.database import Database
from agentsql.db.schema import Schema
from agentsql.errors import DatabaseError, UsageError
from agentsql.settings import DatabaseSettings

QUERY_TIMEOUT_S = 30.0
_MOST_BYTES = 1_000_000_000
_MOST_ROWS = 1_000_000

_opened: dict[str, Database] = {}
_opening = Lock()


class ServerQueryError(Exception):
    """A query of a benchmark does not run on its server; judges make a verdict of it."""


def server_result(
    url: str, sql: str, *, max_rows: int = _MOST_ROWS, timeout_s: float = QUERY_TIMEOUT_S
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Give the column labels and rows of a query, read under both locks.

    Raises:
        ServerQueryError: it fails, is refused, or has not ended after `timeout_s` seconds; or the server is not there.
    """
    try:
        result = _database(url).run(sql, max_rows=max_rows, timeout_s=timeout_s)
    except DatabaseError as problem:
        raise ServerQueryError(str(problem)) from problem
    if result.error:
        raise ServerQueryError(f"{result.error.kind}: {result.error.message}")
    return result.columns, list(result.rows)


@lru_cache(maxsize=1024)
def server_gold_rows(url: str, gold: str) -> tuple[tuple[Any, ...], ...]:
    """Give the rows of a gold query, kept for the next predictions of the same question."""
    return tuple(server_result(url, gold)[1])


def server_schema(url: str) -> Schema:
    """Give the schema of a database on a server.

    Raises:
        DatabaseError: it cannot be read.
    """
    return _database(url).schema()


def database_url(pattern: str, db_id: str) -> str:
    """Give the URL of a benchmark's database: `*` stands for its `db_id`; a URL without a database has it added.

    >>> database_url("postgresql://reader@localhost/defog_*", "yelp")
    'postgresql://reader@localhost/defog_yelp'
    >>> database_url("postgresql://reader@localhost:5432", "yelp")
    'postgresql://reader@localhost:5432/yelp'

    Raises:
        UsageError: the URL names one database for all.
    """
    name = quote(db_id, safe="")
    parts = urlsplit(pattern)
    if "*" in parts.path:
        return urlunsplit(parts._replace(path=parts.path.replace("*", name)))
    if parts.path in ("", "/"):
        return urlunsplit(parts._replace(path=f"/{name}"))
    raise UsageError(
        f"the URL of the databases names one database, {parts.path[1:]!r}, for all; write * where the name of each goes"
    )


def with_schemas(databases: str, schemas: str | None) -> str:
    """Give the URL of a benchmark's databases with the schemas to read, which then go wherever it goes.

    >>> with_schemas("postgresql://reader@localhost/shop_*?sslmode=require", "sales,public")
    'postgresql://reader@localhost/shop_*?sslmode=require&schema=sales,public'

    Raises:
        UsageError: schemas are named, and the databases are not on a server.
    """
    if not schemas:
        return databases
    if "://" not in databases:
        raise UsageError(f"--schema {schemas!r} is of databases on a server; name their URL by --databases")
    parts = urlsplit(databases)
    query = [part for part in parts.query.split("&") if part and not part.startswith("schema=")]
    return urlunsplit(parts._replace(query="&".join([*query, f"schema={quote(schemas, safe=',')}"])))


def without_password(url: str) -> str:
    """Give the URL without its password, as it may be kept in a file; servers then take it from the environment.

    >>> without_password("postgresql://reader:secret@localhost/defog_*")
    'postgresql://reader@localhost/defog_*'
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}"))


def close_servers() -> None:
    """Close the databases that were opened for judging."""
    with _opening:
        while _opened:
            _opened.popitem()[1].close()


def _database(url: str) -> Database:
    with _opening:
        if url not in _opened:
            settings = DatabaseSettings(max_rows=_MOST_ROWS, max_bytes=_MOST_BYTES, timeout_s=QUERY_TIMEOUT_S)
            _opened[url] = open_database(url, settings=settings)
        return _opened[url]


atexit.register(close_servers)
