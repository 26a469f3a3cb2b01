"""Joins that compare a column with itself, put right along the foreign keys."""

from __future__ import annotations

import pytest
import sqlglot

from agentsql.db.join_paths import mend_joins, tables_joined_with_all
from agentsql.db.schema import Column, ForeignKey, Schema, Table


def table(name: str, columns: str, *keys: ForeignKey) -> Table:
    return Table(name, tuple(Column(one, "INT") for one in columns.split()), foreign_keys=keys)


SCHEMA = Schema(
    "sqlite",
    (
        table("album", "album_id artist_id", ForeignKey(("artist_id",), "artist", ("artist_id",))),
        table("artist", "artist_id name"),
        table("track", "track_id album_id", ForeignKey(("album_id",), "album", ("album_id",))),
        table("island", "island_id"),
        table(
            "game",
            "home away",
            ForeignKey(("home",), "team", ("team_id",)),
            ForeignKey(("away",), "team", ("team_id",)),
        ),
        table("team", "team_id"),
    ),
)


@pytest.mark.parametrize(
    ("sql", "mended"),
    [
        pytest.param(
            "SELECT r.name FROM artist AS r JOIN album AS a ON r.artist_id = r.artist_id",
            "SELECT r.name FROM artist AS r JOIN album AS a ON r.artist_id = a.artist_id",
            id="one key",
        ),
        pytest.param(
            "SELECT count(*) FROM artist JOIN track AS t ON artist.artist_id = artist.artist_id",
            "SELECT COUNT(*) FROM artist JOIN album ON artist.artist_id = album.artist_id "
            "JOIN track AS t ON album.album_id = t.album_id",
            id="over a table between",
        ),
    ],
)
def test_the_only_way_is_taken(sql: str, mended: str) -> None:
    query = sqlglot.parse_one(sql, read="sqlite")
    assert isinstance(query, sqlglot.exp.Query)
    assert tables_joined_with_all(query)
    assert mend_joins(query, SCHEMA)
    assert query.sql(dialect="sqlite") == mended


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT 1 FROM artist JOIN island ON artist.name = artist.name", id="no way"),
        pytest.param("SELECT 1 FROM team JOIN game ON team.team_id = team.team_id", id="two ways"),
        pytest.param("SELECT 1 FROM team JOIN (SELECT 1) AS x ON team.team_id = team.team_id", id="derived table"),
    ],
)
def test_what_is_open_is_left_to_the_model(sql: str) -> None:
    query = sqlglot.parse_one(sql, read="sqlite")
    assert isinstance(query, sqlglot.exp.Query)
    assert not mend_joins(query, SCHEMA)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM artist AS a JOIN album AS b ON a.artist_id = b.artist_id",
        "SELECT 1 FROM artist AS a JOIN artist AS b ON a.name = b.name",
        "SELECT 1 FROM artist AS a JOIN album AS b USING (artist_id)",
        "SELECT 1 FROM artist CROSS JOIN album",
        "SELECT 1 FROM artist, album",
    ],
)
def test_other_joins_are_not_suspected(sql: str) -> None:
    query = sqlglot.parse_one(sql, read="sqlite")
    assert isinstance(query, sqlglot.exp.Query)
    assert tables_joined_with_all(query) == ()
