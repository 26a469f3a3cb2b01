"""Comments from people: notes.toml and BIRD description files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from agentsql.db.notes import with_descriptions, with_notes
from agentsql.db.schema import Column, Schema, Table
from agentsql.db.sqlite import SQLiteDatabase
from agentsql.errors import SettingsError

SCHEMA = Schema(
    "sqlite",
    (
        Table("Album", (Column("AlbumId", "INT"), Column("Unit Price", "REAL", comment="was there"))),
        Table("t", (Column("a", ""),)),
    ),
)
NOTES = """
[tables.album]
comment = "one row a record"
[tables.album.columns]
"unit price" = "in euro"
[tables.t]
"""


def _comments(schema: Schema) -> list[str]:
    return [text for table in schema for text in (table.comment, *(column.comment for column in table.columns))]


def test_notes_become_comments_and_win(tmp_path: Path) -> None:
    path = tmp_path / "notes.toml"
    path.write_text(NOTES)
    assert _comments(with_notes(SCHEMA, path)) == ["one row a record", "", "in euro", "", ""]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[tables.Albun]\n", r"unknown table in .*: 'Albun'; did you mean 'Album'\?"),
        ("[tables.Album.columns]\nAlbumIdd = 'x'\n", r"unknown column of 'Album' in .*'AlbumId'\?"),
        ("[tables.Album]\ncoment = 'x'\n", r"unknown key of \[tables.Album\].*'comment'\?"),
        ("[table.Album]\n", r"unknown key in .*'tables'\?"),
        ("[tables.Album]\ncomment = 3\n", "must be a text, not int"),
        ("[tables]\nAlbum = 'x'\n", "must be a table of names"),
        ("tables = 3\n", "must be a table of names"),
        ("[tables", "is not valid TOML"),
    ],
)
def test_a_mistake_in_the_notes_is_named(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.toml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=message):
        with_notes(SCHEMA, path)


def test_missing_notes_are_an_error_of_the_settings(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase], tmp_path: Path
) -> None:
    database = open_file(make_file(), notes=tmp_path / "no.toml")
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        database.schema()


HEADER = "original_column_name,column_name,column_description,data_format,value_description\n"


@pytest.mark.parametrize(
    ("content", "comment"),
    [
        (HEADER + "AlbumId,,the id,integer,\n", "the id"),
        (HEADER + "AlbumId,album id,the id,integer,\n", "album id. the id"),
        (HEADER + 'albumid ,,the id.,integer,"1: one\n2: two"\n', "the id. 1: one 2: two"),
        ("\ufeff" + HEADER + "AlbumId,,the id,,\n", "the id"),
        (HEADER + "AlbumId,,the id,,,too,many\nother,,x,,\n\n", "the id"),
        (HEADER + "AlbumId\n", ""),
        ("", ""),
    ],
)
def test_description_files_become_comments(content: str, comment: str, tmp_path: Path) -> None:
    (tmp_path / "album.csv").write_text(content, encoding="utf-8")
    schema = with_descriptions(SCHEMA, tmp_path)
    assert _comments(schema) == ["", comment, "was there", "", ""]


def test_description_files_may_be_latin_1(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes((HEADER + "a,,prix en été,,\n").encode("latin-1"))
    assert _comments(with_descriptions(SCHEMA, tmp_path))[-1] == "prix en été"


def test_a_description_that_cannot_be_read_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "t.csv").mkdir()
    with caplog.at_level(logging.WARNING):
        assert _comments(with_descriptions(SCHEMA, tmp_path))[-1] == ""
    assert "t.csv cannot be read" in caplog.text


def test_a_database_takes_the_descriptions_beside_its_file_and_then_the_notes(
    make_file: Callable[..., Path], open_file: Callable[..., SQLiteDatabase], tmp_path: Path
) -> None:
    path = make_file()
    (tmp_path / "database_description").mkdir()
    (tmp_path / "database_description" / "singer.csv").write_text(HEADER + "Age,,years,,\nName,,stage name,,\n")
    notes = tmp_path / "notes.toml"
    notes.write_text("[tables.singer.columns]\nAge = 'age in years'\n")
    singer = open_file(path, notes=notes).schema().table("singer")
    assert singer is not None
    assert [column.comment for column in singer.columns] == ["", "stage name", "", "age in years"]
