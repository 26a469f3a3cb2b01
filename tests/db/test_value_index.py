"""The index of cell values: what it finds, what it says is absent, and what becomes of its file."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agentsql.db.sqlite import SQLiteDatabase
from agentsql.db.value_build import build_values, text_columns
from agentsql.db.value_index import ValueIndex
from agentsql.db.value_store import ValueStore, without_values
from agentsql.settings import ValueSettings

SCHOOLS = """
    CREATE TABLE school (id INTEGER PRIMARY KEY, county TEXT, name TEXT, kind TEXT, code TEXT, opened DATE);
    CREATE TABLE office (county TEXT, manager TEXT);
    CREATE VIEW open_school AS SELECT * FROM school;
    INSERT INTO office VALUES ('Alameda', 'Zoë Müller'), ('alameda', 'Joe Sharp'), ('Fresno ', NULL);
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59)
    INSERT INTO school SELECT i, CASE WHEN i % 20 = 7 THEN 'Alameda' ELSE 'County ' || char(65 + i % 20) END,
        'School number ' || i || ' of the United States', CASE i % 3 WHEN 0 THEN 'Charter' ELSE 'Public' END,
        'id-' || i, '2020-01-01' FROM n;
"""

Stores = Callable[..., ValueStore]


@pytest.fixture
def schools(make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase]) -> SQLiteDatabase:
    return open_file(make_file(SCHOOLS, "schools.sqlite"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "schemas"


@pytest.fixture
def store_of(folder: Path) -> Iterator[Stores]:
    """Give a function that opens a store on a database, refreshed and at rest."""
    opened: list[ValueStore] = []

    def make(database: SQLiteDatabase, settings: ValueSettings | None = None) -> ValueStore:
        store = ValueStore(database, settings or ValueSettings(), folder)
        opened.append(store)
        store.refresh(database.schema())
        assert store.wait(10)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def index(schools: SQLiteDatabase, store_of: Stores) -> ValueIndex:
    return store_of(schools).index


@pytest.mark.parametrize(
    ("table", "column", "value", "holds"),
    [
        pytest.param("school", "county", "Alameda", True, id="there"),
        pytest.param("SCHOOL", "County", "Alameda", True, id="names in any case"),
        pytest.param("school", "county", "alameda", False, id="another case is another text"),
        pytest.param("office", "county", "Fresno", False, id="so is a blank"),
        pytest.param("school", "county", "Atlantis", False, id="not there"),
        pytest.param("school", "county", "", False, id="empty"),
        pytest.param("school", "id", "1", None, id="no text column"),
        pytest.param("school", "opened", "2020-01-01", None, id="a date"),
        pytest.param("open_school", "county", "Alameda", None, id="a view"),
        pytest.param("nothing", "county", "Alameda", None, id="no table"),
        pytest.param("school", "county", "x" * 101, None, id="too long to be kept"),
    ],
)
def test_a_text_is_there_or_absent_or_unknown(
    index: ValueIndex, table: str, column: str, value: str, holds: bool | None
) -> None:
    assert index.holds(table, column, value) is holds


def test_every_column_that_holds_a_text_is_given(index: ValueIndex) -> None:
    assert index.columns_holding("Alameda") == (("office", "county"), ("school", "county"))
    assert index.columns_holding("alameda") == (("office", "county"),)
    assert index.columns_holding("Atlantis") == ()


def test_spellings_differ_in_case_accents_and_what_stands_between_words(index: ValueIndex) -> None:
    assert index.spellings("office", "county", "ALAMEDA") == ("Alameda", "alameda")
    assert index.spellings("office", "manager", "zoe-muller") == ("Zoë Müller",)
    assert index.spellings("office", "manager", "Alameda") == ()


@pytest.mark.parametrize("typed", ["alamda", "alamedda", "almaeda", "alaneda", "allameda"])
def test_one_typing_error_is_forgiven(index: ValueIndex, typed: str) -> None:
    assert {place.text for _, place in index.near(typed, least=70)} == {"Alameda", "alameda"}


def test_a_near_text_may_be_sought_in_one_column(index: ValueIndex) -> None:
    found = index.near("alamda", least=70, table="school", column="county")
    assert [(place.table, place.text) for _, place in found] == [("school", "Alameda")]
    assert index.near("abc", least=0) == ()


def test_an_index_without_a_file_knows_nothing() -> None:
    index = ValueIndex()
    assert index.is_empty
    assert index.holds("school", "county", "Alameda") is None
    assert (index.columns_holding("Alameda"), index.places("alameda"), index.near("alameda", least=0)) == ((), (), ())


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        pytest.param(
            "", {"school.county", "school.name", "school.kind", "school.code", "office.county", "office.manager"}
        ),
        pytest.param("school", {"office.county", "office.manager"}, id="a table"),
        pytest.param(" *.County , SCHOOL.n*, school.kind", {"school.code", "office.manager"}, id="patterns"),
    ],
)
def test_excluded_columns_are_neither_read_nor_shown(schools: SQLiteDatabase, exclude: str, left: set[str]) -> None:
    schema = schools.schema()
    assert {f"{table.name}.{column.name}" for table, column in text_columns(schema, exclude)} == left
    shown = {
        f"{table.name}.{column.name}"
        for table in without_values(schema, exclude)
        for column in table.columns
        if table.kind == "table" and any(isinstance(value, str) for value in column.values)
    }
    assert shown == left | ({"school.opened"} if exclude != "school" else set())


def test_a_column_known_in_part_says_nothing_of_absence(schools: SQLiteDatabase, store_of: Stores) -> None:
    index = store_of(schools, ValueSettings(distinct=13)).index
    assert index.holds("school", "county", "Alameda") in (True, None)
    assert index.holds("school", "county", "Atlantis") is None
    assert index.holds("school", "kind", "Private") is False


def test_rows_beyond_the_bound_are_not_read(schools: SQLiteDatabase, store_of: Stores) -> None:
    index = store_of(schools, ValueSettings(rows=5)).index
    assert index.columns_holding("County A") == (("school", "county"),)
    assert index.holds("school", "county", "County Z") is None


def test_without_seconds_only_what_the_schema_knows_is_kept(
    schools: SQLiteDatabase, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    now = iter(range(10_000))
    monkeypatch.setattr("agentsql.db.value_build.time.monotonic", lambda: float(next(now)))
    assert build_values(folder / "x.part", schools.schema(), schools.run, ValueSettings(seconds=20.0))
    assert 0 < len(ValueIndex(folder / "x.part")._columns) < 6  # the clock moves a second at each look


def test_distinct_zero_keeps_nothing(schools: SQLiteDatabase, store_of: Stores, folder: Path) -> None:
    store = store_of(schools, ValueSettings(distinct=0))
    assert store.index.is_empty and store.index.is_current
    assert not folder.exists()


def test_only_the_owner_can_read_the_one_file(schools: SQLiteDatabase, store_of: Stores, folder: Path) -> None:
    store_of(schools)
    (file,) = folder.iterdir()
    assert file.suffix == ".values"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_store_reads_the_file_and_not_the_database(
    schools: SQLiteDatabase, store_of: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_of(schools)
    monkeypatch.setattr("agentsql.db.value_store.build_values", None)
    store = ValueStore(schools, ValueSettings(), store_of(schools)._directory)
    store.refresh(schools.schema())
    assert not store.is_building
    assert store.index.holds("school", "county", "Alameda")
    store.close()


def test_changed_data_are_read_anew_and_meanwhile_nothing_is_said_to_be_absent(
    schools: SQLiteDatabase, store_of: Stores, make_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(schools)
    _write(schools, "INSERT INTO office VALUES ('Atlantis', 'Nemo')")
    go = threading.Event()
    monkeypatch.setattr("agentsql.db.value_store.build_values", lambda *a, **o: go.wait(10) and build_values(*a, **o))
    store._rests_until = 0.0
    store.refresh(schools.schema())
    assert store.is_building and not store.index.is_current
    assert store.index.holds("office", "county", "Alameda") is True
    assert store.index.holds("office", "county", "Atlantis") is None
    go.set()
    assert store.wait(10)
    assert store.index.is_current and store.index.holds("office", "county", "Atlantis") is True
    assert len(list(store._directory.glob("*.values"))) == 1


def test_after_a_build_there_is_rest(schools: SQLiteDatabase, store_of: Stores) -> None:
    store = store_of(schools)
    store._rests_until += 1000
    _write(schools, "INSERT INTO office VALUES ('Atlantis', 'Nemo')")
    store.refresh(schools.schema())
    assert not store.is_building and not store.index.is_current


def test_files_made_with_other_settings_are_removed(schools: SQLiteDatabase, store_of: Stores, folder: Path) -> None:
    store_of(schools)
    before = set(folder.iterdir())
    index = store_of(schools, ValueSettings(exclude="office.manager")).index
    assert not before & set(folder.iterdir())
    assert index.columns_holding("Joe Sharp") == ()


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000])
def test_a_broken_file_is_made_anew(
    schools: SQLiteDatabase, store_of: Stores, folder: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    store_of(schools).close()
    (file,) = folder.iterdir()
    file.write_bytes(content)
    assert store_of(schools).index.holds("school", "county", "Alameda")
    assert "is broken and is made anew" in caplog.text


def test_what_was_read_before_a_stop_is_not_read_again(schools: SQLiteDatabase, folder: Path) -> None:
    folder.mkdir()
    asked: list[str] = []

    def run(sql: str, **options: float) -> object:
        asked.append(sql)
        return schools.run(sql, **options)  # type: ignore[arg-type]  # as the builder calls it

    part = folder / "x.part"
    stops = iter([False, False, False, False, True, True])
    assert not build_values(part, schools.schema(), run, ValueSettings(), stopped=lambda: next(stops))  # type: ignore[arg-type]
    first = len(asked)
    assert build_values(part, schools.schema(), run, ValueSettings())  # type: ignore[arg-type]
    assert ValueIndex(part).holds("school", "county", "Alameda")
    assert len(asked) == len(set(asked)) > first > 0


def test_a_folder_that_cannot_be_used_costs_a_warning(
    schools: SQLiteDatabase, store_of: Stores, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write_text("in the way")
    assert store_of(schools).index.is_empty
    assert "not indexed" in caplog.text


def test_a_database_in_memory_keeps_nothing_on_disk(open_file: Callable[..., SQLiteDatabase], folder: Path) -> None:
    from sqlalchemy import StaticPool, create_engine, text

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a TEXT)"))
    database = open_file(engine)
    store = ValueStore(database, ValueSettings(), folder)
    store.refresh(database.schema())
    assert store.wait(0) and store.index.is_empty and not folder.exists()
    engine.dispose()


def test_closing_while_building_does_not_wait_for_the_end(
    schools: SQLiteDatabase, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()

    def build(*_arguments: object, stopped: Callable[[], bool], **_options: object) -> bool:
        started.set()
        while not stopped():
            pass
        return False

    monkeypatch.setattr("agentsql.db.value_store.build_values", build)
    store = ValueStore(schools, ValueSettings(), folder)
    store.refresh(schools.schema())
    assert started.wait(10)
    store.close()
    assert store.wait(1) and store.index.is_empty


def _write(database: SQLiteDatabase, sql: str) -> None:
    path = database._connections.path
    assert path
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()
    os.utime(path)
