"""Identifiers against the schema, without a database."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from agentsql.db.guard import read_only_query
from agentsql.db.introspect import read_structure
from agentsql.db.names import check_names
from agentsql.db.schema import Column, Schema, Table


def _table(name: str, *columns: str) -> Table:
    return Table(name, tuple(Column(column, "TEXT") for column in columns))


SCHEMA = Schema(
    "sqlite",
    (
        _table("Album", "AlbumId", "Title", "ArtistId"),
        _table("Artist", "ArtistId", "Name"),
        _table("order details", "order id", "select"),
        _table("Track", "TrackId", "Name", "AlbumId"),
    ),
)

KNOWN = [
    "SELECT 1",
    "SELECT title FROM ALBUM",
    "SELECT T1.Title FROM Album AS T1 JOIN Artist AS T2 ON T1.ArtistId = T2.ArtistId WHERE T2.Name = 'x'",
    "SELECT * FROM Album JOIN Artist USING (ArtistId) WHERE ArtistId = 1",
    "SELECT ArtistId FROM Album NATURAL JOIN Artist",
    "SELECT rowid, oid, _rowid_, Album.rowid FROM Album",
    'SELECT "order id", [select], `order id` FROM "order details"',
    'SELECT Title FROM Album WHERE Title = "France"',
    "SELECT main.Album.Title FROM main.Album",
    "SELECT count(*) AS n FROM Track GROUP BY AlbumId HAVING n > 3 ORDER BY n",
    "SELECT Title AS t FROM Album WHERE t = 'x' GROUP BY t ORDER BY t",
    "SELECT a.Name AS Name, t.Name AS other FROM Artist a, Track t ORDER BY Name",
    "SELECT Title FROM Album a WHERE EXISTS (SELECT 1 FROM Artist b WHERE b.ArtistId = a.ArtistId AND Title = Name)",
    "SELECT (SELECT max(Name) FROM Track WHERE AlbumId = a.AlbumId) FROM Album AS a",
    "SELECT s.n FROM (SELECT count(*) AS n, ArtistId FROM Album GROUP BY ArtistId) AS s WHERE s.ArtistId > 1",
    "SELECT q.* FROM (SELECT * FROM Album) AS q WHERE q.Title = 'x'",
    'SELECT "max(Title)" FROM (SELECT max(Title) FROM Album)',
    "WITH c AS (SELECT Title AS t FROM Album) SELECT c.t FROM c",
    "WITH c(x, y) AS (SELECT Title, AlbumId FROM Album) SELECT x FROM c WHERE y = 1",
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT n FROM c",
    "WITH a AS (SELECT x FROM b), b AS (SELECT Title AS x FROM Album) SELECT x FROM a",
    "WITH Album AS (SELECT 1 AS other) SELECT other FROM Album",
    "SELECT Title FROM Album UNION SELECT Name FROM Artist ORDER BY Title",
    "SELECT Name FROM Artist WHERE ArtistId IN (SELECT ArtistId FROM Album EXCEPT SELECT TrackId FROM Track)",
    "SELECT Name FROM Artist WHERE ArtistId IN Album",
    "SELECT value, key FROM json_each('[1]'), Album WHERE atom = Title",
    "SELECT x.a FROM (SELECT Title a FROM Album) x LEFT JOIN (SELECT Name b FROM Artist) y ON x.a = y.b",
    "SELECT * FROM (Album JOIN Artist ON Album.ArtistId = Artist.ArtistId) JOIN Track USING (AlbumId)",
    "SELECT row_number() OVER (PARTITION BY ArtistId ORDER BY Title) AS r FROM Album",
    "SELECT sum(AlbumId) OVER w FROM Album WINDOW w AS (ORDER BY Title)",
    "SELECT CASE WHEN Title IS NULL THEN AlbumId ELSE 0 END FROM Album",
    "SELECT cast(AlbumId AS REAL), strftime('%Y', Title), CURRENT_DATE FROM Album",
    "VALUES (1, 2)",
    "SELECT 1" + " UNION SELECT AlbumId FROM Album" * 300,
]

UNKNOWN = [
    ("SELECT * FROM Albums", "unknown_table", "there is no table `Albums`", "nearest tables: Album"),
    ("SELECT * FROM zzz", "unknown_table", "there is no table `zzz`", 'Album, Artist, "order details", Track'),
    ("SELECT Titel FROM Album", "unknown_column", "`Titel` is not a column of Album", "nearest columns: Title"),
    ("SELECT Name FROM Album", "unknown_column", "`Name`", "`Name` is a column of Artist, Track, not of Album"),
    ("SELECT a.Name FROM Album a", "unknown_column", "`a.Name` is not a column of Album", "column of Artist"),
    ("SELECT xyzzy FROM Artist", "unknown_column", "`xyzzy`", "columns: ArtistId, Name"),
    ("SELECT xyzzy", "unknown_column", "the query has no FROM", ""),
    ('SELECT a."Nope" FROM Album a', "unknown_column", "`a.Nope`", "columns:"),
    ("SELECT T3.Title FROM Album AS T1", "unknown_table", "`T3` is no table or alias", "this FROM has T1"),
    ("SELECT Album.Title FROM Album AS T1", "unknown_table", "`Album`", "alias of Album"),
    ("SELECT T9.* FROM Album AS T1", "unknown_table", "`T9`", "T1"),
    ("SELECT Name FROM Artist JOIN Track ON 1", "ambiguous", "`Name`", "Artist.Name, Track.Name"),
    ("SELECT Title FROM Album JOIN Artist USING (Foo)", "unknown_column", "`Foo`", ""),
    ("SELECT Title FROM Album JOIN Artist a ON a.Idd = 1", "unknown_column", "`a.Idd`", ""),
    ("SELECT 1 FROM Album WHERE Foo = 1", "unknown_column", "`Foo`", ""),
    ("SELECT 1 FROM Album GROUP BY Foo", "unknown_column", "`Foo`", ""),
    ("SELECT 1 FROM Album ORDER BY Foo", "unknown_column", "`Foo`", ""),
    ("WITH c AS (SELECT Title FROM Album) SELECT Name FROM c", "unknown_column", "`Name`", "Artist"),
    ("WITH c AS (SELECT Nope FROM Album) SELECT 1 FROM c", "unknown_column", "`Nope`", ""),
    ("SELECT q.b FROM (SELECT Title AS a FROM Album) q", "unknown_column", "`q.b`", "columns: a"),
    ("SELECT 1 FROM Album WHERE EXISTS (SELECT 1 FROM Artist WHERE Foo = 1)", "unknown_column", "`Foo`", ""),
    ("SELECT 1 UNION SELECT Foo FROM Album", "unknown_column", "`Foo`", ""),
]


@pytest.mark.parametrize("sql", KNOWN, ids=lambda sql: sql[:60])
def test_names_that_exist_are_found(sql: str) -> None:
    assert check_names(read_only_query(sql, "sqlite"), SCHEMA) is None


@pytest.mark.parametrize(("sql", "kind", "message", "hint"), UNKNOWN, ids=[case[0][:60] for case in UNKNOWN])
def test_names_that_do_not_exist_get_the_nearest_real_ones(sql: str, kind: str, message: str, hint: str) -> None:
    failure = check_names(read_only_query(sql, "sqlite"), SCHEMA)
    assert failure is not None
    assert failure.kind == kind
    assert message in failure.message
    assert hint in failure.hint


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT Title.part FROM Album",
        "SELECT ctid FROM Album",
        "SELECT a FROM Album a",
        "SELECT x.count FROM (SELECT count(*) FROM Album) x",
    ],
)
def test_what_postgresql_adds_counts_as_known(sql: str) -> None:
    assert check_names(read_only_query(sql, "postgres"), Schema("postgres", SCHEMA.tables)) is None


def test_no_gold_query_of_spider_is_refused(spider: Path) -> None:
    questions = (
        json.loads((spider / "train_spider.json").read_text())[::14]
        + json.loads((spider / "dev.json").read_text())[::4]
    )
    schemas: dict[str, Schema] = {}
    refused = []
    for question in questions:
        name, sql = question["db_id"], question["query"]
        if name not in schemas:
            connection = sqlite3.connect(f"file:{spider}/database/{name}/{name}.sqlite?mode=ro", uri=True)
            schemas[name] = read_structure(connection)
            connection.close()
        if failure := check_names(read_only_query(sql, "sqlite"), schemas[name]):
            refused.append((sql, failure))
    assert len(questions) > 600
    assert refused == []
