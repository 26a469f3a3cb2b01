"""Why an answer is wrong, and where it was lost, on a real database of four tables."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from agentsql.db.introspect import read_structure
from agentsql.evaluation.canonical import canonical
from agentsql.evaluation.categories import CATEGORIES, MEANING, Category
from agentsql.evaluation.lost import lost_at
from agentsql.evaluation.reasons import Failed, why_wrong
from agentsql.evaluation.records import CandidateRecord, Record, StepRecord
from agentsql.evaluation.suite import rows_of, suite_match

SCRIPT = """
    CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT, country TEXT, born INTEGER);
    CREATE TABLE album (id INTEGER PRIMARY KEY, artist_id INTEGER REFERENCES artist(id), title TEXT, year INTEGER);
    CREATE TABLE track (id INTEGER PRIMARY KEY, album_id INTEGER REFERENCES album(id), name TEXT, seconds INTEGER);
    CREATE TABLE prize (artist_id INTEGER REFERENCES artist(id), name TEXT, year INTEGER);
    INSERT INTO artist VALUES (1, 'Ada', 'France', 1970), (2, 'Bo', 'Spain', 1980), (3, 'Cy', 'France', 1990),
        (4, 'Di', 'Spain', 1990), (5, 'Ada', 'Italy', 1960);
    INSERT INTO album VALUES (1, 1, 'Red', 2000), (2, 1, 'Blue', 2005), (3, 2, 'Green', 2005), (4, 3, 'Grey', 2010),
        (5, 5, 'Black', 1990);
    INSERT INTO track VALUES (1, 1, 'One', 100), (2, 1, 'Two', 200), (3, 2, 'Three', 300), (4, 3, 'Four', 50),
        (5, 4, 'Five', 400), (6, 4, 'Six', 60);
    INSERT INTO prize VALUES (1, 'Gold', 2001), (1, 'Silver', 2006), (2, 'Gold', 2006);
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("reasons") / "music.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCRIPT)
    return path


@pytest.fixture(scope="module")
def schema(database):
    with closing(sqlite3.connect(database)) as connection:
        return read_structure(connection)


def categories(gold: str, predicted: str, database: Path, schema) -> tuple[str, ...]:
    wanted = rows_of(database, gold)
    error, rows = "", []
    try:
        rows = rows_of(database, predicted)
    except sqlite3.Error as exc:
        error = str(exc)
    is_empty = bool(wanted) and not rows and not error
    failed = Failed(gold, predicted, schema, error=error, is_empty=is_empty)

    def is_right(sql: str) -> bool:
        return suite_match(gold, sql, [database], keep_distinct=True)

    assert not is_right(predicted), "the case is right, and so shows nothing"
    return why_wrong(failed, is_right)


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        pytest.param(
            "SELECT name FROM artist", "SELECT name FROM track", "wrong table,wrong column", id="another table"
        ),
        pytest.param(
            "SELECT a.name, t.title FROM artist a JOIN album t ON t.artist_id = a.id",
            "SELECT artist_id, title FROM album",
            "missing join,wrong column",
            id="a key in place of the name behind it",
        ),
        pytest.param(
            "SELECT name FROM artist",
            "SELECT a.name FROM artist a JOIN prize p ON p.artist_id = a.id",
            "extra join",
            id="a join that drops rows",
        ),
        pytest.param(
            "SELECT a.name FROM artist a JOIN album b ON a.id = b.artist_id",
            "SELECT a.name FROM artist a JOIN album b ON a.id = b.id",
            "join condition",
            id="joined on the wrong column",
        ),
        pytest.param(
            "SELECT country FROM artist WHERE born = 1990 INTERSECT SELECT country FROM artist WHERE born = 1980",
            "SELECT country FROM artist WHERE born = 1990 OR born = 1980",
            "set operation",
            id="OR in place of INTERSECT",
        ),
        pytest.param(
            "SELECT name FROM artist WHERE born = 1990 UNION SELECT name FROM artist WHERE country = 'Italy'",
            "SELECT name FROM artist WHERE born = 1990 UNION SELECT name FROM artist WHERE country = 'Greece'",
            "wrong value",
            id="inside one side of a UNION",
        ),
        pytest.param(
            "SELECT name FROM artist WHERE id NOT IN (SELECT artist_id FROM album)",
            "SELECT name FROM artist WHERE id IS NULL",
            "nesting,empty",
            id="no subquery",
        ),
        pytest.param(
            "SELECT name FROM artist WHERE id IN (SELECT artist_id FROM prize WHERE year = 2001)",
            "SELECT name FROM artist WHERE id IN (SELECT artist_id FROM prize WHERE year = 2006)",
            "wrong value",
            id="inside a subquery",
        ),
        pytest.param(
            "SELECT max(born) FROM artist", "SELECT min(born) FROM artist", "wrong aggregate", id="MIN for MAX"
        ),
        pytest.param(
            "SELECT country, count(*) FROM artist GROUP BY country",
            "SELECT country, count(*) FROM artist GROUP BY name",
            "grouping",
            id="grouped by another column",
        ),
        pytest.param(
            "SELECT country FROM artist GROUP BY country HAVING count(*) > 1",
            "SELECT country FROM artist GROUP BY country",
            "grouping",
            id="no HAVING",
        ),
        pytest.param("SELECT name FROM artist", "SELECT country FROM artist", "wrong column", id="another column"),
        pytest.param(
            "SELECT name FROM artist", "SELECT nam FROM artist", "wrong column", id="a column that is not there"
        ),
        pytest.param(
            "SELECT name FROM artist", "SELECT name FROM artists", "wrong table", id="a table that is not there"
        ),
        pytest.param("SELECT name FROM artist", "SELECT name, id FROM artist", "projection", id="a column too many"),
        pytest.param("SELECT name, id FROM artist", "SELECT name FROM artist", "projection", id="a column too few"),
        pytest.param(
            "SELECT name FROM artist WHERE country = 'France' AND born > 1980",
            "SELECT name FROM artist WHERE country = 'France'",
            "condition",
            id="a condition missing",
        ),
        pytest.param(
            "SELECT name FROM artist WHERE born > 1980",
            "SELECT name FROM artist WHERE born >= 1980",
            "condition",
            id="compared in another way",
        ),
        pytest.param(
            "SELECT name FROM artist WHERE country = 'France'",
            "SELECT name FROM artist WHERE country = 'france'",
            "wrong value,empty",
            id="a value in another case",
        ),
        pytest.param(
            "SELECT name FROM artist WHERE country = 'France' AND born = 1990",
            "SELECT name FROM artist WHERE country = 'France' AND id = 1990",
            "wrong column,empty",
            id="one of two conditions on another column",
        ),
        pytest.param(
            "SELECT name FROM artist ORDER BY born, id LIMIT 1",
            "SELECT name FROM artist ORDER BY born DESC, id LIMIT 1",
            "order or limit",
            id="the other end",
        ),
        pytest.param("SELECT DISTINCT name FROM artist", "SELECT name FROM artist", "distinct", id="repeats"),
        pytest.param(
            "SELECT count(DISTINCT name) FROM artist", "SELECT count(name) FROM artist", "distinct", id="counted"
        ),
        pytest.param("SELECT name FROM artist", "SELECT name FORM artist WHERE", "syntax", id="no SQL anywhere"),
        pytest.param(
            "SELECT name FROM artist WHERE born > 1980",
            "SELECT name FROM artist WHERE born::int > 1980",
            "dialect",
            id="PostgreSQL",
        ),
        pytest.param(
            "SELECT born FROM artist", "SELECT year(born) FROM artist", "dialect", id="a function of another database"
        ),
        pytest.param(
            "SELECT count(*) FROM artist",
            "SELECT count(*) FROM (SELECT name FROM artist GROUP BY name)",
            "nesting",
            id="a needless derived table",
        ),
    ],
)
def test_a_failure_has_the_category_of_what_would_put_it_right(gold, predicted, expected, database, schema):
    assert ",".join(categories(gold, predicted, database, schema)) == expected


def test_harmless_differences_are_no_reason(database, schema):
    """Aliases, order of tables, JOIN or comma, and count(*) or count(1) change nothing; the value does."""
    gold = 'SELECT count(*) FROM artist AS T1 JOIN album AS T2 ON T1.id = T2.artist_id WHERE T1.country = "France"'
    predicted = "SELECT count(1) FROM album x, artist y WHERE y.id = x.artist_id AND y.country = 'FRANCE'"
    assert categories(gold, predicted, database, schema) == ("wrong value",)


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (Failed("SELECT 1", "SELECT 2", gold_error="no such table: x"), "gold broken"),
        (Failed("SELECT 1", "", status="error"), "not asked"),
        (Failed("SELECT 1", "", status="refused"), "refused"),
        (Failed("SELECT 1", "", status="clarify"), "no SQL"),
        (Failed("SELECT 1", "SELECT 2", error="interrupted"), "timeout"),
        (Failed("SELECT 1", "SELECT load_extension('x')", error="not authorized"), "refused"),
        (Failed("SELECT 1", "SELECT 2"), "other"),
        (Failed("SELECT 1", "SELECT 2 WHERE 0", is_empty=True), "empty"),
    ],
)
def test_what_the_queries_need_not_be_compared_for(failed, expected):
    assert why_wrong(failed, lambda _sql: pytest.fail("nothing has to be judged")) == (expected,)


def test_each_category_is_explained_once():
    assert set(MEANING) == set(get_args(Category)) == set(CATEGORIES)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT name FROM artist ORDER BY 1",
        "SELECT country AS c, count(*) AS n FROM artist GROUP BY c HAVING n > 1 ORDER BY n DESC",
        "SELECT name FROM artist AS a WHERE EXISTS (SELECT 1 FROM album AS b WHERE b.artist_id = a.id)",
        "SELECT a.name, b.name FROM artist a JOIN artist b ON a.born = b.born AND a.id < b.id",
        'SELECT "name" FROM artist WHERE country = "France"',
        "WITH c AS (SELECT artist_id AS who FROM album) SELECT name FROM artist JOIN c ON c.who = artist.id",
        "SELECT x.n FROM (SELECT name AS n FROM artist) AS x ORDER BY n",
        "SELECT 2000 - born AS age FROM artist ORDER BY CASE WHEN age > 20 THEN 1 ELSE 0 END, name",
        "SELECT name FROM artist WHERE born = 1990 UNION SELECT title FROM album ORDER BY name",
    ],
)
def test_a_canonical_query_gives_the_same_rows(sql, database, schema):
    query = canonical(sql, schema)
    assert rows_of(database, query.sql(dialect="sqlite")) == rows_of(database, sql)


GOLD = "SELECT a.name FROM artist a JOIN prize p ON p.artist_id = a.id"
WRONG = "SELECT name FROM artist"


def run_of(*steps: StepRecord, path: str = "pruned-1", **given) -> Record:
    return Record("q", "music", "Who won?", WRONG, steps=steps, path=path, **given)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(run_of(), "", id="no steps"),
        pytest.param(
            run_of(StepRecord("prune", 0.1, tables=("artist", "album")), StepRecord("generate", 1)),
            "prune",
            id="pruned",
        ),
        pytest.param(
            run_of(StepRecord("prune", 0.1, tables=("artist", "prize")), StepRecord("generate", 1)),
            "generate",
            id="shown and not used",
        ),
        pytest.param(
            run_of(StepRecord("prune", 0.1, tables=()), StepRecord("generate", 1)), "generate", id="nothing pruned"
        ),
        pytest.param(
            run_of(StepRecord("prune", 0.1, tables=("artist",)), StepRecord("generate", 1), path="full-1"),
            "generate",
            id="the view of all tables",
        ),
        pytest.param(
            run_of(
                StepRecord("prune", 0.1, tables=("artist", "prize")),
                StepRecord("rank", 0.1, tables=("artist",)),
                StepRecord("generate", 1),
            ),
            "rank",
            id="lost by the second choice",
        ),
        pytest.param(
            run_of(
                StepRecord("link", 0.1, tables=("artist",), columns=(("artist", "name"),)),
                StepRecord("generate", 1),
                path="full-links-1",
            ),
            "link",
            id="hints without it",
        ),
        pytest.param(
            run_of(StepRecord("link", 0.1, tables=("artist",), columns=()), StepRecord("generate", 1)),
            "generate",
            id="hints that were not shown",
        ),
        pytest.param(
            run_of(
                StepRecord("generate", 1), candidates=(CandidateRecord("full-1", WRONG), CandidateRecord("b", GOLD))
            ),
            "select",
            id="the right candidate was not chosen",
        ),
        pytest.param(
            run_of(
                StepRecord("generate", 1),
                StepRecord("check", 0.1, notes=("b: suspicious: it joins too much",)),
                candidates=(CandidateRecord("b", GOLD, failure="suspicious: it joins too much"),),
            ),
            "check",
            id="the right candidate was forbidden",
        ),
        pytest.param(
            Record("q", "music", "Who?", "", status="chat", steps=(StepRecord("route", 0.1), StepRecord("reply", 1))),
            "route",
            id="taken for small talk",
        ),
    ],
)
def test_an_answer_is_lost_at_the_first_step_behind_which_it_cannot_come_right(record, expected, database, schema):
    assert lost_at(record, GOLD, schema, lambda sql: suite_match(GOLD, sql, [database])) == expected
