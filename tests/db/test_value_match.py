"""Values found in questions: what is meant, and what only looks like it."""

from __future__ import annotations

import sqlite3
import time

import pytest

from agentsql.db.connect import open_database
from agentsql.db.value_index import ValueIndex
from agentsql.db.value_match import find_values
from agentsql.db.value_store import ValueStore
from agentsql.db.words import WordIndex, index_words
from agentsql.settings import ValueSettings

Known = tuple[ValueIndex, WordIndex]

COUNTIES = ("Alameda", "Contra Costa", "Los Angeles", "Lake", "More", "Name", "Zürich", "St. Mary's")
CODES = ("CA", "NY", "PER", "IN")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    folder = tmp_path_factory.mktemp("values")
    connection = sqlite3.connect(folder / "schools.sqlite")
    connection.executescript(
        """
        CREATE TABLE school (id INTEGER PRIMARY KEY, county TEXT, state TEXT, kind TEXT, package_option TEXT, sex TEXT);
        CREATE TABLE teacher (id INTEGER PRIMARY KEY, town TEXT, country TEXT, grade TEXT, hobby TEXT);
        CREATE TABLE club (id INTEGER PRIMARY KEY, hobby TEXT, rival TEXT);
        """
    )
    counties = [*COUNTIES, *(f"County {number}" for number in range(60))]
    for number, county in enumerate(counties):
        row = (county, CODES[number % 4], ("Charter", "magnet school")[number % 2], "Option", "FM"[number % 2])
        connection.execute("INSERT INTO school (county, state, kind, package_option, sex) VALUES (?, ?, ?, ?, ?)", row)
        teacher = (
            f"Town {number}" if number else "Oakland",
            ("France", "United States")[number % 2],
            "ABC"[number % 3],
        )
        connection.execute("INSERT INTO teacher (town, country, grade, hobby) VALUES (?, ?, ?, 'Chess')", teacher)
    connection.execute("INSERT INTO club (hobby, rival) VALUES ('Chess', 'Chess'), ('Go', 'Oakland')")
    connection.commit()
    connection.close()
    database = open_database(folder / "schools.sqlite", cache_dir=folder)
    store = ValueStore(database, ValueSettings(), folder)
    store.refresh(database.schema())
    assert store.wait(10)
    return store.index, index_words(database.schema())


ALAMEDA = ("school", "county", "Alameda")
CHESS = ("teacher", "hobby", "Chess")


@pytest.mark.parametrize(
    ("question", "values"),
    [
        pytest.param("How many schools are in Alameda?", [ALAMEDA], id="exact"),
        pytest.param("ALAMEDA schools?", [ALAMEDA], id="capitals"),
        pytest.param("schools in Zurich", [("school", "county", "Zürich")], id="accents"),
        pytest.param("schools in St Mary's", [("school", "county", "St. Mary's")], id="punctuation"),
        pytest.param("Who lives in Contra Costa?", [("school", "county", "Contra Costa")], id="two words"),
        pytest.param("how many schools are in alameda", [ALAMEDA], id="typed without capitals"),
        pytest.param("How many charter schools?", [("school", "kind", "Charter")], id="another case in a small column"),
        pytest.param("which lake is deepest in Alameda?", [ALAMEDA], id="another case in a large one is a word"),
        pytest.param("Which have more than 2? Name them.", [], id="common words"),
        pytest.param("schools with the name 'Name'", [("school", "county", "Name")], id="quoted, common or not"),
        pytest.param("the package option of each", [], id="inside the name of a column"),
        pytest.param("schools per county", [], id="a code in lower case"),
        pytest.param("schools in NY", [("school", "state", "NY")], id="a code as it is written"),
        pytest.param("students with grade A", [("teacher", "grade", "A")], id="one letter"),
        pytest.param("A school with b", [], id="an article, and a letter in another case"),
        pytest.param("schools in Alamda", [ALAMEDA], id="typing error"),
        pytest.param("teachers from Los Angelos", [("school", "county", "Los Angeles")], id="error in two words"),
        pytest.param("schools in Lame", [], id="too short for an error"),
        pytest.param("schools of California", [("school", "state", "CA")], id="code of a name"),
        pytest.param("teachers in the U.S.", [("teacher", "country", "United States")], id="name of a code"),
        pytest.param("French teachers", [("teacher", "country", "France")], id="what people are called"),
        pytest.param("female students", [("school", "sex", "F")], id="sex"),
        pytest.param("a teacher whose hobby is Chess", [CHESS], id="the table that is named"),
        pytest.param(
            "which club has Chess?", [("club", "hobby", "Chess"), ("club", "rival", "Chess")], id="two columns"
        ),
        pytest.param("is Chess played?", [], id="three columns are no hint"),
        pytest.param("in 1999 and 2020", [], id="numbers"),
        pytest.param("", [], id="nothing"),
        pytest.param("?? '' \"", [], id="no words"),
    ],
)
def test_only_what_is_meant_is_found(known: Known, question: str, values: list[tuple[str, str, str]]) -> None:
    assert list(find_values(question, *known)) == values


def test_the_most_certain_come_first(known: Known) -> None:
    found = find_values("charter schools in Alamda, Contra Costa or 'Lake'", *known)
    assert [text for _, _, text in found] == ["Lake", "Contra Costa", "Charter", "Alameda"]


def test_a_long_question_gets_few_values_soon(known: Known) -> None:
    question = " and ".join(f"County {number}" for number in range(60)) * 3
    started = time.perf_counter()
    assert len(find_values(question, *known)) <= 16
    assert time.perf_counter() - started < 2


def test_without_an_index_nothing_is_found(known: Known) -> None:
    assert find_values("schools in Alameda", ValueIndex(), known[1]) == ()
