"""One small database with awkward names, made alike on SQLite, DuckDB, PostgreSQL and MariaDB."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import make_url

from tests.services import execute

KINDS = ("sqlite", "duckdb", "postgres", "mysql")

_MOOD = {"postgres": "mood", "duckdb": "mood", "mysql": "ENUM('calm', 'loud')", "sqlite": "TEXT"}
_TAGS = {"postgres": "TEXT[]", "duckdb": "VARCHAR[]", "mysql": "JSON", "sqlite": "TEXT"}
_JSON = {"postgres": "JSONB", "duckdb": "JSON", "mysql": "JSON", "sqlite": "TEXT"}
_LIST = {"postgres": "ARRAY['rock']", "duckdb": "['rock']", "mysql": "'[\"rock\"]'", "sqlite": "'[\"rock\"]'"}


def statements(kind: str) -> tuple[str, ...]:
    """Give what makes the database: capitals, a reserved word, a blank, an umlaut, one name in two schemas."""
    made = (
        'CREATE TABLE "Singer" ("Singer ID" INTEGER PRIMARY KEY, "Name" VARCHAR(40) NOT NULL, "country" VARCHAR(40), '
        f'"Active" BOOLEAN, "born" DATE, "rating" DOUBLE PRECISION, "mood" {_MOOD[kind]}, "tags" {_TAGS[kind]}, '
        f'"extra" {_JSON[kind]})',
        'CREATE TABLE "order" ("id" INTEGER PRIMARY KEY, "singer_id" INTEGER, "Größe" INTEGER, "placed" TIMESTAMP, '
        'FOREIGN KEY ("singer_id") REFERENCES "Singer" ("Singer ID"))',
        *(_rows(kind)),
        'CREATE VIEW "french" AS SELECT "Name" FROM "Singer" WHERE "country" = \'France\'',
    )
    types = ("CREATE TYPE mood AS ENUM ('calm', 'loud')",) if kind in ("postgres", "duckdb") else ()
    if kind == "mysql":
        made = tuple(one.replace('"rock"', "~").replace('"', "`").replace("~", '"rock"') for one in made)
    return (*types, *made, *(_ARCHIVE if kind in ("postgres", "duckdb") else ()))


_ARCHIVE = (
    "CREATE SCHEMA archive",
    'CREATE TABLE archive."order" (id INTEGER PRIMARY KEY, "reason for it" VARCHAR(40))',
    "INSERT INTO archive.\"order\" VALUES (9, 'too late')",
)


def _rows(kind: str) -> Iterable[str]:
    singers = (
        (1, "Ada Lovelace", "France", True, "1990-05-01", 4.25, "calm"),
        (2, "Bo Diddley", "Spain", False, "1985-01-15", 3.5, "loud"),
        (3, "Céline", "France", True, "1990-11-30", 4.0, "calm"),
    )
    for number, name, country, active, born, rating, mood in singers:
        yield (
            f"INSERT INTO \"Singer\" VALUES ({number}, '{name}', '{country}', {active}, '{born}', {rating}, '{mood}', "
            f"{_LIST[kind]}, '{{}}')"
        )
    yield "INSERT INTO \"order\" VALUES (1, 1, 10, '2024-01-05 10:00:00'), (2, 1, 20, '2024-02-05 10:00:00')"
    yield "INSERT INTO \"order\" VALUES (3, 2, 30, '2023-03-05 10:00:00')"


def make(kind: str, folder: Path, server: str = "") -> str:
    """Make the database, and give its path or URL."""
    if kind == "sqlite":
        path = folder / "singers.sqlite"
        with sqlite3.connect(path) as connection:
            for statement in statements(kind):
                connection.execute(statement)
        connection.close()
        return str(path)
    if kind == "duckdb":
        import duckdb

        path = folder / "singers.duckdb"
        with duckdb.connect(str(path)) as database:
            for statement in statements(kind):
                database.execute(statement)
        return str(path)
    percent = "%%" if kind == "mysql" else "%"
    execute(server, *(one.replace("%", percent) for one in statements(kind)))
    return make_url(server).render_as_string(hide_password=False)
