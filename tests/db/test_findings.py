"""What runs but is hardly meant: each kind found where it is, and nowhere else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlglot

from agentsql import SQLAgent
from agentsql.db.findings.finding import PRECISION, Finding
from agentsql.db.findings.registry import FINDERS, examine, find_all
from agentsql.db.value_match import find_values
from agentsql.db.words import index_words
from agentsql.testing import ScriptedModel
from agentsql.types import Links

SCRIPT = """
    CREATE TABLE city (city_id INTEGER PRIMARY KEY, name TEXT, country TEXT, founded INTEGER, capital INTEGER);
    CREATE TABLE "match" (match_id INTEGER PRIMARY KEY, title TEXT, host_city INTEGER REFERENCES city, kind TEXT);
    CREATE TABLE visit (
        visit_id INTEGER PRIMARY KEY, match_id INTEGER REFERENCES "match", fan_id INTEGER REFERENCES fan
    );
    CREATE TABLE fan (fan_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, city_id INTEGER REFERENCES city);
    INSERT INTO city VALUES
        (1, 'Nanjing', 'China', 1368, 0), (2, 'Wuhan', 'China', 223, 0), (3, 'Bern', 'Swiss', 1191, 1);
    INSERT INTO "match" VALUES (1, 'Final', 1, 'Cup'), (2, 'Opening', 1, 'Cup'), (3, 'Derby', 2, 'Friendly');
    INSERT INTO fan VALUES (1, 'Ann', 'Lee', 1), (2, 'Bob', 'Ray', 2);
    INSERT INTO visit VALUES (1, 1, 1), (2, 2, 1), (3, 3, 2);
"""

Examine = Callable[[str, str], tuple[Finding, ...]]


@pytest.fixture(scope="module")
def found_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examine]:
    """Give `found_in(question, sql) -> findings`."""
    path = tmp_path_factory.mktemp("findings") / "matches.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(SCRIPT)
    connection.close()
    with SQLAgent(path, sql_model=ScriptedModel("")) as agent:
        agent.wait_for_values(600)
        yield lambda question, sql: _findings(agent, question, sql)


def _findings(agent: SQLAgent, question: str, sql: str) -> tuple[Finding, ...]:
    words = index_words(agent.schema)
    found = words.find(question)
    values = agent.resources().values
    links = Links(found.tables, found.columns, find_values(question, values, words))
    query = sqlglot.parse_one(sql, read="sqlite")
    assert isinstance(query, sqlglot.exp.Query)
    return find_all(examine(query, agent.schema, question, links, values, agent.run_sql))


@pytest.mark.parametrize(
    ("kind", "question", "sql", "mended"),
    [
        pytest.param(
            "constant_column",
            "What are the ids and kinds of the matches in city 1?",
            "SELECT host_city, kind FROM match WHERE host_city = 1",
            "SELECT kind FROM match WHERE host_city = 1",
            id="a column that the condition fixes",
        ),
        pytest.param(
            "constant_column",
            "Which city is Bern?",
            "SELECT name FROM city WHERE name = 'Bern'",
            "",
            id="only a column that the condition fixes",
        ),
        pytest.param(
            "contradiction",
            "Which country has a city founded before 300 and one founded after 1000?",
            "SELECT country FROM city WHERE founded < 300 AND founded > 1000",
            "SELECT country FROM city WHERE founded < 300 INTERSECT SELECT country FROM city WHERE founded > 1000",
            id="two bounds",
        ),
        pytest.param(
            "contradiction",
            "Which country has both Nanjing and Wuhan?",
            "SELECT country FROM city WHERE name = 'Nanjing' AND name = 'Wuhan' ORDER BY country",
            "",
            id="two texts, sorted",
        ),
        pytest.param(
            "either_for_both",
            "Which cities had both a Cup and a Friendly?",
            'SELECT DISTINCT c.name FROM city AS c JOIN "match" AS m ON m.host_city = c.city_id '
            "WHERE c.founded > 100 AND m.kind IN ('Cup', 'Friendly')",
            'SELECT c.name FROM city AS c JOIN "match" AS m ON m.host_city = c.city_id '
            "WHERE c.founded > 100 AND m.kind = 'Cup' INTERSECT "
            'SELECT c.name FROM city AS c JOIN "match" AS m ON m.host_city = c.city_id '
            "WHERE c.founded > 100 AND m.kind = 'Friendly'",
            id="one of two values",
        ),
        pytest.param(
            "either_for_both",
            "What are the names of the fans who saw both the Final and the Derby? Sort them.",
            "SELECT f.last_name FROM fan AS f JOIN visit AS v ON v.fan_id = f.fan_id "
            "JOIN \"match\" AS m ON m.match_id = v.match_id WHERE m.title = 'Final' OR m.title = 'Derby' "
            "ORDER BY f.last_name",
            "",
            id="one or the other, over a table between, sorted",
        ),
        pytest.param(
            "either_for_both",
            "Which matches were in both China and Swiss?",
            'SELECT m.title FROM "match" AS m JOIN city AS c ON m.host_city = c.city_id '
            "WHERE c.country IN ('China', 'Swiss')",
            None,
            id="a row has one of the values only",
        ),
        pytest.param(
            "either_for_both",
            "Which cities had both a Cup and a Friendly?",
            'SELECT c.name FROM city AS c JOIN "match" AS m ON m.host_city = c.city_id '
            "WHERE m.kind IN ('Cup', 'Friendly') GROUP BY c.name HAVING COUNT(DISTINCT m.kind) = 2",
            None,
            id="both by counting",
        ),
        pytest.param(
            "either_for_both",
            "Which cities had a Cup or a Friendly?",
            'SELECT c.name FROM city AS c JOIN "match" AS m ON m.host_city = c.city_id '
            "WHERE m.kind IN ('Cup', 'Friendly')",
            None,
            id="either is asked for",
        ),
        pytest.param(
            "count_of_one",
            "What is the name of the city with the most matches?",
            "SELECT name FROM city GROUP BY city_id ORDER BY COUNT(*) DESC LIMIT 1",
            'SELECT city.name FROM city JOIN "match" ON city.city_id = "match".host_city GROUP BY city.city_id '
            "ORDER BY COUNT(*) DESC LIMIT 1",
            id="grouped by the key",
        ),
        pytest.param(
            "count_of_one",
            "Which cities have more than one fan?",
            "SELECT name FROM city GROUP BY name HAVING COUNT(*) > 1",
            "SELECT city.name FROM city JOIN fan ON city.city_id = fan.city_id GROUP BY city.name HAVING COUNT(*) > 1",
            id="grouped by the name",
        ),
        pytest.param(
            "counted_rows",
            "How many different countries are there?",
            "SELECT COUNT(*) FROM city",
            "SELECT COUNT(DISTINCT city.country) FROM city",
            id="the number of a column's values",
        ),
        pytest.param(
            "cross_join",
            "What are the titles of the matches, with their cities?",
            'SELECT title, name FROM "match" AS m JOIN city AS c ON c.city_id = c.city_id',
            'SELECT title, name FROM "match" AS m JOIN city AS c ON m.host_city = c.city_id',
            id="a column compared with itself",
        ),
        pytest.param(
            "cross_join",
            "What are the titles of the matches, with their cities?",
            'SELECT title, name FROM "match" AS m JOIN city AS c',
            'SELECT title, name FROM "match" AS m JOIN city AS c ON m.host_city = c.city_id',
            id="no condition",
        ),
        pytest.param(
            "id_for_name",
            "Which cities were founded after 1000?",
            "SELECT city_id FROM city WHERE founded > 1000",
            "SELECT city.name FROM city WHERE founded > 1000",
            id="the key of the table",
        ),
        pytest.param(
            "id_for_name",
            "What are the titles of the matches and their host cities?",
            'SELECT m.title, m.host_city_id FROM (SELECT 1) AS x, "match" AS m',
            None,
            id="a source that is no table",
        ),
        pytest.param(
            "id_for_name",
            "Who are the fans of each visit?",
            "SELECT fan_id FROM visit",
            "SELECT fan.first_name, fan.last_name FROM visit JOIN fan ON visit.fan_id = fan.fan_id",
            id="a key that points at a table of people",
        ),
        pytest.param(
            "id_for_name",
            "What are the ids of the cities founded after 1000?",
            "SELECT city_id FROM city WHERE founded > 1000",
            None,
            id="identifiers are asked for",
        ),
        pytest.param(
            "id_for_name",
            "How many fans are there for each city?",
            "SELECT city_id, COUNT(*) FROM fan GROUP BY city_id",
            None,
            id="an identifier that stands for a group",
        ),
        pytest.param(
            "join_off_keys",
            "What are the titles of the matches in Bern?",
            "SELECT m.title FROM \"match\" AS m JOIN city AS c ON m.match_id = c.city_id WHERE c.name = 'Bern'",
            "SELECT m.title FROM \"match\" AS m JOIN city AS c ON m.host_city = c.city_id WHERE c.name = 'Bern'",
            id="a join of two keys that do not meet",
        ),
        pytest.param(
            "join_off_keys",
            "What are the titles of the matches in Bern?",
            "SELECT title FROM match WHERE host_city IN (SELECT name FROM city WHERE name = 'Bern')",
            "SELECT title FROM match WHERE \"match\".host_city IN (SELECT city.city_id FROM city WHERE name = 'Bern')",
            id="a lookup among names",
        ),
        pytest.param(
            "join_off_keys",
            "Which fans and matches are of one city?",
            'SELECT first_name, title FROM fan JOIN "match" ON fan.city_id = "match".host_city',
            None,
            id="two keys that point at one column",
        ),
        pytest.param(
            "missing_distinct",
            "What are the different countries of the cities?",
            "SELECT country FROM city",
            "SELECT DISTINCT country FROM city",
            id="rows that may repeat",
        ),
        pytest.param(
            "needless_join",
            "What are the names of the cities?",
            'SELECT c.name FROM city AS c JOIN "match" AS m ON c.city_id = m.host_city',
            "SELECT c.name FROM city AS c",
            id="an unused join",
        ),
        pytest.param(
            "needless_join",
            "How many cities are there for each country?",
            'SELECT c.country, COUNT(*) FROM city AS c JOIN "match" AS m ON c.city_id = m.host_city GROUP BY c.country',
            "SELECT c.country, COUNT(*) FROM city AS c GROUP BY c.country",
            id="an unused join under a count of something else",
        ),
        pytest.param(
            "needless_join",
            "How many games has each country?",
            'SELECT c.country, COUNT(*) FROM city AS c JOIN "match" AS m ON c.city_id = m.host_city GROUP BY c.country',
            None,
            id="a count of what no table is called",
        ),
        pytest.param(
            "unasked_column",
            "What is the country with the most cities?",
            "SELECT country, AVG(founded) AS n FROM city GROUP BY country ORDER BY n DESC LIMIT 1",
            "SELECT country FROM city GROUP BY country ORDER BY AVG(founded) DESC LIMIT 1",
            id="an aggregate",
        ),
        pytest.param(
            "unasked_column",
            "What are the names of the cities?",
            "SELECT city_id, name FROM city",
            "SELECT name FROM city",
            id="an identifier",
        ),
        pytest.param(
            "unasked_column",
            "What are the cityid and the name of each city?",
            "SELECT city_id, name FROM city",
            None,
            id="an identifier in one word",
        ),
        pytest.param(
            "unasked_column",
            "How many cities has each country?",
            "SELECT country, COUNT(*) FROM city GROUP BY country",
            None,
            id="an aggregate that is asked for",
        ),
        pytest.param(
            "unasked_condition",
            "What are the names of the cities in China?",
            "SELECT name FROM city WHERE country = 'China' AND founded = 2005",
            "",
            id="a number that is not in the question",
        ),
        pytest.param(
            "unasked_condition",
            "Which matches were friendlies?",
            "SELECT title FROM match WHERE kind = 'Friendly'",
            None,
            id="another form of the word",
        ),
        pytest.param(
            "unasked_condition",
            "Which French cities are there?",
            "SELECT name FROM city WHERE country = 'France'",
            None,
            id="the people of the country",
        ),
        pytest.param(
            "unasked_condition",
            "What are the seats of government?",
            "SELECT name FROM city WHERE capital = 1",
            None,
            id="yes or no in other words",
        ),
        pytest.param(
            "ungrouped",
            "How many cities are there for each country?",
            "SELECT country, COUNT(*) FROM city",
            "SELECT country, COUNT(*) FROM city GROUP BY country",
            id="a column beside a count",
        ),
        pytest.param(
            "ungrouped",
            "Which city was founded last?",
            "SELECT name, MAX(founded) FROM city",
            None,
            id="the row of a maximum",
        ),
        pytest.param(
            "unnamed_table",
            "What are the countries of the cities with id over 1?",
            'SELECT m.match_id FROM "match" AS m JOIN visit AS v ON m.match_id = v.match_id WHERE v.match_id > 1',
            None,
            id="both tables are unnamed",
        ),
        pytest.param(
            "unnamed_table",
            "Which matches have a number over 1?",
            "SELECT v.match_id FROM \"match\" AS m JOIN visit AS v ON m.match_id = v.match_id WHERE m.kind = 'Cup'",
            "SELECT m.match_id FROM \"match\" AS m WHERE m.kind = 'Cup'",
            id="a table for a column that the other has too",
        ),
        pytest.param(
            "value_case",
            "Which cities are in China?",
            "SELECT name FROM city WHERE country = 'china'",
            "SELECT name FROM city WHERE country = 'China'",
            id="another letter case",
        ),
        pytest.param(
            "value_elsewhere",
            "Which matches are hosted by Nanjing?",
            "SELECT title FROM match WHERE host_city = 'Nanjing'",
            'SELECT "match".title FROM match JOIN city ON "match".host_city = city.city_id '
            "WHERE city.name = 'Nanjing'",
            id="the table that the key points at",
        ),
        pytest.param(
            "value_elsewhere",
            "Which cities are in China?",
            'SELECT name FROM city WHERE name = "China"',
            "SELECT name FROM city WHERE city.country = 'China'",
            id="another column of the table, text in double quotes",
        ),
    ],
)
def test_a_finding_tells_what_would_be_meant(
    found_in: Examine, kind: str, question: str, sql: str, mended: str | None
) -> None:
    found = {one.kind: one for one in found_in(question, sql)}
    assert (found[kind].mended if kind in found else None) == mended


def test_of_a_question_in_another_language_nothing_is_said_to_be_unasked(found_in: Examine) -> None:
    sql = "SELECT city_id, name FROM city WHERE country = 'China'"
    assert "unasked_column" in {one.kind for one in found_in("What are the names of the cities in China?", sql)}
    assert found_in("Welche Orte liegen in Fernost?", sql) == ()


def test_the_query_itself_is_not_changed(found_in: Examine) -> None:
    sql = "SELECT city_id, COUNT(*) FROM city WHERE country = 'china' AND founded = 7"
    query = sqlglot.parse_one(sql, read="sqlite")
    found = found_in("Which cities are in China?", sql)
    assert len(found) > 2
    assert query.sql(dialect="sqlite") == sql


def test_every_kind_has_a_finder_and_a_precision() -> None:
    assert list(FINDERS) == list(PRECISION) == sorted(FINDERS)
    assert all(precision > 0.5 for precision in PRECISION.values())


def test_next_to_nothing_is_found_in_gold_queries(spider: Path) -> None:
    rows = json.loads((spider / "dev.json").read_text(encoding="utf-8"))
    rows = [row for row in rows if row["db_id"] == "flight_2"]
    with SQLAgent(spider / "database" / "flight_2" / "flight_2.sqlite", sql_model=ScriptedModel("")) as agent:
        agent.wait_for_values(600)
        found = [row["query"] for row in rows if _findings(agent, row["question"], row["query"])]
    assert len(found) <= len(rows) / 20
