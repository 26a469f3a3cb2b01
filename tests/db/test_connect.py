"""What can be opened, and what a person is told when it cannot."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from agentsql.db.connect import Opener, open_database
from agentsql.db.sqlite import SQLiteDatabase
from agentsql.errors import DatabaseError, PluginError

OpenFile = Callable[..., SQLiteDatabase]

NAMES = [
    "plain.sqlite",
    "with space.db",
    "100%25 sure.db",
    "what?.db",
    "a#b.db",
    "ünïcode 東京.db",
    "quo'te\".db",
    "a&mode=rw.db",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_file_name_opens(name: str, make_file: Callable[..., Path], open_file: OpenFile) -> None:
    path = make_file(name=name)
    database = open_file(path)
    assert database.run("SELECT count(*) FROM singer").rows == ((6,),)
    assert database.name == path.stem


def test_a_path_a_text_a_url_and_an_engine_open_the_same_file(
    make_file: Callable[..., Path], open_file: OpenFile
) -> None:
    path = make_file()
    engine = create_engine(f"sqlite:///{path}")
    targets = [path, str(path), f"sqlite:///{path}", f"sqlite:///file:{path}?mode=rw&uri=true", engine]
    assert [open_file(target).run("SELECT count(*) FROM singer").rows for target in targets] == [((6,),)] * 5
    engine.dispose()


def test_a_relative_path_opens(
    make_file: Callable[..., Path], open_file: OpenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(make_file().parent)
    assert open_file("concerts.sqlite").run("SELECT 1").error is None
    assert open_file("sqlite:///concerts.sqlite").run("SELECT 1").error is None


def test_an_in_memory_engine_is_read_from_several_threads(open_file: OpenFile) -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
        connection.exec_driver_sql("INSERT INTO t VALUES (7)")
    database = open_file(engine)
    assert database.name == "memory"
    assert database.run("SELECT a FROM t").rows == ((7,),)
    assert [table.name for table in database.schema()] == ["t"]
    engine.dispose()


def test_a_missing_file_is_not_created_and_the_nearest_is_named(
    make_file: Callable[..., Path], open_file: OpenFile
) -> None:
    path = make_file()
    missing = path.with_name("concert.sqlite")
    with pytest.raises(DatabaseError, match=r"there is no file .*did you mean 'concerts.sqlite'\?"):
        open_file(missing)
    assert not missing.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty \\(0 bytes\\)"),
        (b"a,b,c\n1,2,3\n", "is not a SQLite database"),
        (b"SQLite format 3\x00" + b"\xff" * 200, "cannot be read: file is not a database; see that"),
        (b"SQLite format 3\x00", "cannot be read: file is not a database; see that"),
    ],
)
def test_a_file_that_is_no_database_is_told_apart(
    content: bytes, message: str, tmp_path: Path, open_file: OpenFile
) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(content)
    with pytest.raises(DatabaseError, match=message):
        open_file(path)


def test_a_database_without_tables_is_called_empty(make_file: Callable[..., Path], open_file: OpenFile) -> None:
    with pytest.raises(DatabaseError, match="holds no table"):
        open_file(make_file("PRAGMA user_version = 3"))


def test_a_directory_names_a_database_in_it(make_file: Callable[..., Path], open_file: OpenFile) -> None:
    with pytest.raises(DatabaseError, match=r"is a directory, not a database; did you mean 'concerts.sqlite'"):
        open_file(make_file().parent)


def test_a_missing_folder_is_said(tmp_path: Path, open_file: OpenFile) -> None:
    with pytest.raises(DatabaseError, match=r"its folder .* is not there either"):
        open_file(tmp_path / "no" / "x.db")


def test_a_file_without_permission_is_said(
    make_file: Callable[..., Path], open_file: OpenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_file()
    path.chmod(0)
    if os.access(path, os.R_OK):  # root reads everything

        def refuse(*_arguments: object, **_options: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DatabaseError, match="no permission to read"):
        open_file(path)


@pytest.mark.parametrize("target", ["sqlite://", "sqlite:///:memory:"])
def test_a_new_database_in_memory_is_refused(target: str, open_file: OpenFile) -> None:
    with pytest.raises(DatabaseError, match="pass the Engine"):
        open_file(target)


def test_an_unknown_scheme_lists_what_is_installed(open_file: OpenFile) -> None:
    with pytest.raises(
        DatabaseError, match=r"nothing installed opens 'sqlit' databases .*mean 'sqlite'.*installed are .*sqlite"
    ):
        open_file("sqlit:///x.db")


@pytest.mark.parametrize(
    "target",
    [
        "nosuch://ann:hunter2@host/x",
        "postgresql://ann:hunter2@host:port/x",
        "post gres://ann:hunter2@host/x",
        "://hunter2",
    ],
)
def test_a_password_is_never_in_a_message(target: str, open_file: OpenFile) -> None:
    with pytest.raises(DatabaseError) as error:
        open_file(target)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("target", ["", "  "])
def test_no_name_at_all_is_said(target: str, open_file: OpenFile) -> None:
    with pytest.raises(DatabaseError, match="no database was named"):
        open_file(target)


def test_the_opener_of_another_backend_is_found_by_its_name(tmp_path: Path) -> None:
    calls = []

    def find(name: str) -> Opener:
        calls.append(name)
        raise PluginError("there is no database 'duckdb'; installed are sqlite")

    with pytest.raises(DatabaseError, match="installed are sqlite"):
        open_database("duckdb:///x.duckdb", find_opener=find, cache_dir=tmp_path)
    assert calls == ["duckdb"]
