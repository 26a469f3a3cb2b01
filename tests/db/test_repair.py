"""Wrong names put right by the schema alone."""

from __future__ import annotations

import pytest
import sqlglot

from agentsql.db.repair import qualify_ambiguous, repair_columns
from agentsql.db.schema import Column, ForeignKey, Schema, Table


def table(name: str, columns: str, *keys: ForeignKey) -> Table:
    return Table(name, tuple(Column(one, "TEXT") for one in columns.split()), foreign_keys=keys)


SCHEMA = Schema(
    "sqlite",
    (
        table("artist", "artist_name country gender"),
        table("city", "city_id city mayor_id", ForeignKey(("mayor_id",), "people", ("people_id",))),
        table("files", "f_id artist_name size", ForeignKey(("artist_name",), "artist", ("artist_name",))),
        table("gymnast", "gymnast_id points", ForeignKey(("gymnast_id",), "people", ("people_id",))),
        table("people", "people_id name height"),
        table(
            "song",
            "song_name f_id artist_name rating",
            ForeignKey(("f_id",), "files", ("f_id",)),
            ForeignKey(("artist_name",), "artist", ("artist_name",)),
        ),
    ),
)


@pytest.mark.parametrize(
    ("sql", "mended"),
    [
        pytest.param(
            "SELECT name FROM gymnast ORDER BY points",
            "SELECT people.name FROM gymnast JOIN people ON gymnast.gymnast_id = people.people_id "
            "ORDER BY gymnast.points",
            id="joined in",
        ),
        pytest.param(
            "SELECT T1.name FROM gymnast AS T1 JOIN people AS T2 ON T1.gymnast_id = T2.people_id",
            "SELECT T2.name FROM gymnast AS T1 JOIN people AS T2 ON T1.gymnast_id = T2.people_id",
            id="requalified",
        ),
        pytest.param(
            "SELECT points, people_name FROM gymnast",
            "SELECT gymnast.points, people.name FROM gymnast JOIN people ON gymnast.gymnast_id = people.people_id",
            id="joined in by its name",
        ),
        pytest.param("SELECT id, points FROM gymnast", "SELECT gymnast.gymnast_id, points FROM gymnast", id="its end"),
        pytest.param("SELECT heigh FROM people", "SELECT people.height FROM people", id="misspelt"),
        pytest.param("SELECT PeopleName FROM people", "SELECT people.name FROM people", id="table name in front"),
        pytest.param("SELECT song.name FROM song", "SELECT song.song_name FROM song", id="table name left out"),
        pytest.param(
            "SELECT T1.gender FROM song AS T1 JOIN files AS T2 ON T1.f_id = T2.f_id",
            "SELECT artist.gender FROM song AS T1 JOIN artist ON T1.artist_name = artist.artist_name "
            "JOIN files AS T2 ON T1.f_id = T2.f_id",
            id="the qualifier says which of two ways",
        ),
        pytest.param(
            "SELECT count(*) FROM city WHERE mayor_id IN (SELECT people_id FROM gymnast WHERE height > 2)",
            "SELECT COUNT(*) FROM city WHERE mayor_id IN (SELECT people.people_id FROM gymnast JOIN people "
            "ON gymnast.gymnast_id = people.people_id WHERE people.height > 2)",
            id="inside a subquery",
        ),
        pytest.param(
            "SELECT T2.name FROM gymnast AS T1 JOIN people AS T2 ON T1.people_id = T2.people_id",
            "SELECT T2.name FROM gymnast AS T1 JOIN people AS T2 ON T1.gymnast_id = T2.people_id",
            id="join condition",
        ),
        pytest.param(
            "SELECT T1.city FROM city AS T1 JOIN gymnast AS T2 ON T1.gymnast_id = T2.person",
            "SELECT T1.city FROM city AS T1 JOIN people ON T1.mayor_id = people.people_id "
            "JOIN gymnast AS T2 ON people.people_id = T2.gymnast_id",
            id="join condition over a table between",
        ),
        pytest.param("SELECT points FROM people", "SELECT gymnast.points FROM people JOIN gymnast ON "
                     "people.people_id = gymnast.gymnast_id", id="joined against the key"),
    ],
)  # fmt: skip
def test_one_way_to_mean_it_is_taken(sql: str, mended: str) -> None:
    found = repair_columns(sqlglot.parse_one(sql, read="sqlite"), SCHEMA)
    assert found is not None
    assert found.sql(dialect="sqlite") == mended


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT colour FROM people", id="no such column anywhere"),
        pytest.param("SELECT mayor FROM city", id="the beginning of a name"),
        pytest.param("SELECT id FROM gymnast, city", id="the end of two names"),
        pytest.param("SELECT gender FROM song JOIN files ON song.f_id = files.f_id", id="two ways"),
        pytest.param("SELECT *, name FROM gymnast", id="a star would widen"),
        pytest.param("SELECT name FROM people", id="nothing is wrong"),
        pytest.param(
            "SELECT a.people_id FROM people AS a JOIN song AS b ON a.people_id = b.people_id", id="no such join"
        ),
        pytest.param(
            "SELECT name FROM people WHERE people_id IN (SELECT gymnast_id FROM gymnast WHERE points > 1)",
            id="a subquery's own columns",
        ),
        pytest.param("SELECT people_id FROM gymnast, city, people AS a, people AS b", id="several owners"),
        pytest.param('SELECT name FROM people WHERE name = "Ann"', id="text in double quotes"),
        pytest.param("SELECT x FROM (SELECT name AS x FROM people)", id="derived table"),
        pytest.param("WITH p AS (SELECT name AS n FROM people) SELECT n FROM p", id="CTE"),
        pytest.param("SELECT name AS n FROM people ORDER BY n", id="alias"),
    ],
)
def test_what_is_right_or_open_is_left_alone(sql: str) -> None:
    assert repair_columns(sqlglot.parse_one(sql, read="sqlite"), SCHEMA) is None


@pytest.mark.parametrize(
    ("sql", "qualified"),
    [
        pytest.param(
            "SELECT count(f_id) FROM song AS s JOIN files AS f ON s.f_id = f.f_id WHERE rating > 1",
            "SELECT COUNT(s.f_id) FROM song AS s JOIN files AS f ON s.f_id = f.f_id WHERE rating > 1",
            id="equal by the join",
        ),
        pytest.param("SELECT f_id FROM song AS s LEFT JOIN files AS f ON s.f_id = f.f_id", None, id="outer join"),
        pytest.param("SELECT artist_name FROM song AS s JOIN files AS f ON s.f_id = f.f_id", None, id="not equated"),
    ],
)
def test_an_ambiguous_column_is_qualified_where_it_makes_no_difference(sql: str, qualified: str | None) -> None:
    query = sqlglot.parse_one(sql, read="sqlite")
    assert isinstance(query, sqlglot.exp.Query)
    assert qualify_ambiguous(query, SCHEMA) is (qualified is not None)
    if qualified:
        assert query.sql(dialect="sqlite") == qualified
