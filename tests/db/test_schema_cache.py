"""The schema cache: fast when it can be, out of the way when it cannot."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from agentsql.db.cache import FORMAT, SchemaCache
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.db.sqlite import SQLiteDatabase

STAMP = {"schema_version": 3, ".sqlite.mtime_ns": 17}
SCHEMA = Schema(
    "sqlite",
    (
        Table(
            "t",
            (Column("a", "INT", values=(1, 2.5, "x"), values_complete=True, comment="ü", nullable=False),),
            ("a",),
            (ForeignKey(("a",), "t", ("a",)),),
            "a table",
            7,
            "view",
        ),
    ),
    "abc",
)

OpenFile = Callable[..., SQLiteDatabase]


@pytest.fixture
def cache(tmp_path: Path) -> SchemaCache:
    return SchemaCache(tmp_path / "a" / "schemas")


def test_a_stored_schema_comes_back_whole(cache: SchemaCache) -> None:
    cache.store("x", STAMP, SCHEMA)
    assert cache.load("x", STAMP) == SCHEMA


@pytest.mark.parametrize(
    ("identity", "stamp"), [("y", STAMP), ("x", {**STAMP, "schema_version": 4}), ("x", {"schema_version": 3})]
)
def test_another_database_or_another_state_of_it_is_not_found(
    identity: str, stamp: dict[str, int], cache: SchemaCache
) -> None:
    cache.store("x", STAMP, SCHEMA)
    assert cache.load(identity, stamp) is None


def test_only_the_owner_can_read_the_file(cache: SchemaCache) -> None:
    cache.store("x", STAMP, SCHEMA)
    cache.store("x", STAMP, SCHEMA)
    assert stat.S_IMODE(cache.file_of("x").stat().st_mode) == 0o600
    assert [entry.name for entry in cache.file_of("x").parent.iterdir()] == [cache.file_of("x").name]


THIS_FORMAT_ONLY = f'{{"format": {FORMAT}}}'.encode()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", THIS_FORMAT_ONLY, b"\xff\xfe", b"[" * 100_000])
def test_a_broken_file_is_passed_over_with_one_warning(
    content: bytes, cache: SchemaCache, caplog: pytest.LogCaptureFixture
) -> None:
    cache.store("x", STAMP, SCHEMA)
    cache.file_of("x").write_bytes(content)
    assert cache.load("x", STAMP) is None
    assert cache.load("x", STAMP) is None
    assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1
    cache.store("x", STAMP, SCHEMA)
    assert cache.load("x", STAMP) == SCHEMA


def test_a_full_disk_costs_a_warning_and_leaves_no_file(
    cache: SchemaCache, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agentsql.db.cache.json.dumps", full)
    cache.store("x", STAMP, SCHEMA)
    cache.store("x", STAMP, SCHEMA)
    assert [record.levelname for record in caplog.records if record.levelno >= logging.WARNING] == ["WARNING"]
    assert "No space left" in caplog.text
    assert list(cache.file_of("x").parent.iterdir()) == []


def test_a_cache_folder_that_is_a_file_does_not_stop_the_work(
    make_file: Callable[..., Path], open_file: OpenFile, tmp_path: Path
) -> None:
    path = make_file()
    (tmp_path / "cache").write_text("in the way")
    assert len(open_file(path).schema().tables) == 4


def test_a_second_opening_reads_the_cache_and_not_the_database(
    make_file: Callable[..., Path], open_file: OpenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_file()
    first = open_file(path).schema()

    def fail(_connection: sqlite3.Connection) -> Schema:
        raise AssertionError("the structure was read again")

    monkeypatch.setattr("agentsql.db.sqlite.read_structure", fail)
    assert open_file(path).schema() == first


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (
            "ALTER TABLE singer ADD COLUMN Height REAL",
            lambda schema: schema.table("singer").column("Height") is not None,
        ),
        ("INSERT INTO stadium VALUES (2, 'Balmoor', 4000)", lambda schema: schema.table("stadium").rows == 2),
    ],
)
def test_a_change_of_structure_or_data_is_seen_by_an_open_database(
    change: str, seen: Callable[[Schema], bool], make_file: Callable[..., Path], open_file: OpenFile
) -> None:
    path = make_file()
    database = open_file(path)
    assert not seen(database.schema())
    writer = sqlite3.connect(path)
    writer.execute(change)
    writer.commit()
    writer.close()
    os.utime(path)
    assert seen(database.schema())
    assert seen(open_file(path).schema())


def test_an_unchanged_schema_is_the_same_object(concerts: SQLiteDatabase) -> None:
    assert concerts.schema() is concerts.schema()
