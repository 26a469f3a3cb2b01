"""From a path, URL or engine to an open database, by the opener of its kind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from agentsql.db.database import Database
from agentsql.db.duckdb_files import is_for_duckdb
from agentsql.db.generic import open_generic
from agentsql.errors import DatabaseError, PluginError
from agentsql.folders import cache_folder
from agentsql.plugins import load_plugin, plugin_names
from agentsql.settings import DatabaseSettings, SchemaSettings


class Opener(Protocol):
    """What an entry point of the group `agentsql.databases` holds; its name is SQLAlchemy's name of the backend."""

    def __call__(
        self,
        target: URL | Engine,
        *,
        settings: DatabaseSettings,
        schema_settings: SchemaSettings,
        cache_dir: Path | None,
    ) -> Database:
        """Open the database read-only.

        Raises:
            DatabaseError: it cannot be opened; the message holds no password.
        """


def open_database(
    target: str | Path | Engine,
    *,
    settings: DatabaseSettings | None = None,
    schema_settings: SchemaSettings | None = None,
    cache_dir: Path | None = None,
    find_opener: Callable[[str], Opener] | None = None,
) -> Database:
    """Open a database so that nothing can be written through it.

    Args:
        target: the path of a SQLite or DuckDB file, of a CSV, Parquet or JSON file or a folder of them, an SQLAlchemy
            URL, or an engine, which stays the caller's to close.
        cache_dir: folder that keeps schemas between runs; None takes `agentsql/schemas` in the user's cache folder.
        find_opener: gives the opener of a backend or raises PluginError; None looks among the installed plugins.

    Raises:
        DatabaseError: there is no such database, no opener for it, or it cannot be read.
    """
    found = target if isinstance(target, Engine) else _url(target)
    backend = found.dialect.name if isinstance(found, Engine) else found.get_backend_name()
    try:
        opener = (find_opener or _installed_opener)(backend)
    except PluginError as problem:
        raise DatabaseError(
            f"nothing installed opens {backend!r} databases ({problem}); install a plugin for them, "
            "or give the path of a SQLite file"
        ) from problem
    return opener(
        found,
        settings=settings or DatabaseSettings(),
        schema_settings=schema_settings or SchemaSettings(),
        cache_dir=cache_dir or cache_folder() / "schemas",
    )


def _url(target: str | Path) -> URL:
    """Read a target with `://` as a URL and any other as a path; the target may hold a password and is not repeated."""
    text = str(target)
    if not text.strip():
        raise DatabaseError("no database was named; give the path of a SQLite file or an SQLAlchemy URL")
    if isinstance(target, Path) or "://" not in text:
        path = Path(text).expanduser()
        return URL.create("duckdb" if is_for_duckdb(path) else "sqlite", database=text)
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        scheme = text.partition("://")[0]
        raise DatabaseError(
            f"the {scheme!r} URL of the database cannot be understood; write it as "
            "dialect://user:password@host:port/name, with special characters percent-encoded"
        ) from None


def _installed_opener(backend: str) -> Opener:
    """Give the plugin of that name, or the generic opener where SQLAlchemy alone has a dialect for it."""
    if backend not in plugin_names("agentsql.databases"):
        with suppress(NoSuchModuleError):
            registry.load(backend)
            return open_generic
    opener: Opener = load_plugin("agentsql.databases", backend)
    return opener
