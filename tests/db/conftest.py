"""Small real SQLite files for the tests of the database side."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agentsql.db.connect import open_database
from agentsql.db.sqlite import SQLiteDatabase
from agentsql.settings import DatabaseSettings, SchemaSettings

CONCERTS = """
    CREATE TABLE singer (Singer_ID INT PRIMARY KEY, Name TEXT NOT NULL, Country TEXT, Age INT);
    CREATE TABLE concert (concert_ID INTEGER PRIMARY KEY, Title TEXT, Year INT, singer INT REFERENCES singer);
    CREATE TABLE stadium (Stadium_ID INTEGER PRIMARY KEY, Location TEXT, Capacity INT);
    CREATE VIEW french AS SELECT Name, Age FROM singer WHERE Country = 'France';
    INSERT INTO singer VALUES (1, 'Joe Sharp', 'Netherlands', 52), (2, 'Timbaland', 'United States', 32),
        (3, 'Justin Brown', 'France', 29), (4, 'Rose White', 'France', 41),
        (5, 'Tribal King', 'France', 25), (6, 'John Nizinik', 'Netherlands', 43);
    INSERT INTO concert VALUES (1, 'Auditions', 2014, 1), (2, 'Super bootcamp', 2014, 3), (3, 'Week 1', 2015, 3);
    INSERT INTO stadium VALUES (1, 'Raith Rovers', 10104);
"""


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes a SQLite file from a script."""

    def make(script: str = CONCERTS, name: str = "concerts.sqlite") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path)
        connection.executescript(script)
        connection.close()
        return path

    return make


@pytest.fixture
def open_file(tmp_path: Path) -> Iterator[Callable[..., SQLiteDatabase]]:
    """Give a function that opens a path, URL or engine; all are closed after the test."""
    opened: list[SQLiteDatabase] = []

    def open_it(target: object, **limits: float) -> SQLiteDatabase:
        schema_settings = SchemaSettings(notes=str(limits.pop("notes", "")))
        database = open_database(
            target,  # type: ignore[arg-type]  # tests pass whatever a caller may pass
            settings=DatabaseSettings(**limits),  # type: ignore[arg-type]  # whole numbers and fractions alike
            schema_settings=schema_settings,
            cache_dir=tmp_path / "cache",
        )
        assert isinstance(database, SQLiteDatabase)
        opened.append(database)
        return database

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def concerts(make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]) -> SQLiteDatabase:
    return open_file(make_file())


@pytest.fixture
def state_of() -> Callable[[Path], tuple[str, int, list[str]]]:
    """Give a function that tells what a write would change: the file's hash and time, and the files beside it."""

    def state(path: Path) -> tuple[str, int, list[str]]:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
        return hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns, names

    return state
