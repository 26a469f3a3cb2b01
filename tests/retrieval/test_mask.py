"""What is left of a question and of SQL without the names and values of one database."""

from __future__ import annotations

import pytest

from agentsql.db.words import words_of
from agentsql.retrieval.mask import mask_question, names_of_sql, skeleton, skeleton_similarity


@pytest.mark.parametrize(
    ("question", "names", "values", "expected"),
    [
        pytest.param("How many singers are there?", ["singer"], [], "How many <mask> are there?", id="plural"),
        pytest.param(
            "Which song release year is last?",
            ["Song_release_year", "year"],
            [],
            "Which <mask> is last?",
            id="longest first",
        ),
        pytest.param("Show singer names", ["singer", "name"], [], "Show <mask>", id="neighbours are one sign"),
        pytest.param("names, ages", ["name", "age"], [], "<mask>, <mask>", id="a comma parts signs"),
        pytest.param(
            "Singers from New York or 'Rome'",
            ["singer"],
            ["new york"],
            "<mask> from <unk> or <unk>",
            id="values and quotes",
        ),
        pytest.param("Over 1,000.50 on 2014-05-01?", [], [], "Over <unk> on <unk>?", id="numbers and dates"),
        pytest.param(
            "The students' “best” grades", [], [], "The students' <unk> grades", id="apostrophe and curly quotes"
        ),
        pytest.param("Liste Städte in Köln", ["stadte"], ["Köln"], "Liste <mask> in <unk>", id="accents"),
        pytest.param("Show StudentNames", ["student name"], [], "Show <mask>", id="camel case"),
        pytest.param("  how \n many? ", [], [], "how many?", id="blanks"),
        pytest.param("nothing here", ["", "_"], [""], "nothing here", id="empty names"),
    ],
)
def test_mask_question(question, names, values, expected):
    assert mask_question(question, names, values, words_of) == expected


def test_a_value_hides_a_name_inside_it():
    assert mask_question("Who sings in Country Club?", ["country"], ["Country Club"], words_of) == "Who sings in <unk>?"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT count(*) FROM singer", "select count ( * ) from _"),
        ("SELECT T1.name AS n FROM singer AS T1 WHERE T1.age > 20", "select _ from _ where _ > _"),
        (
            "SELECT a FROM s JOIN c ON s.id = c.id GROUP BY a HAVING count(*) >= 3 ORDER BY count(*) DESC LIMIT 1",
            "select _ from _ join _ on _ = _ group by _ having count ( * ) > = _ order by count ( * ) desc limit _",
        ),
        ("SELECT x FROM t WHERE y LIKE '%a%' AND z IN ('b', 'c')", "select _ from _ where _ like _ and _ in ( _ , _ )"),
        ("SELECT x FROM t EXCEPT SELECT y FROM u", "select _ from _ except select _ from _"),
    ],
)
def test_skeleton(sql, expected):
    assert " ".join(skeleton(sql, "sqlite")) == expected


def test_names_and_letter_case_do_not_change_a_skeleton_but_structure_does():
    one = skeleton("select NAME from Singer where AGE > 3", "sqlite")
    assert skeleton('SELECT "first name" FROM "the cities" WHERE x > 99.5', "sqlite") == one
    assert skeleton_similarity(one, one) == 1
    assert 0 < skeleton_similarity(one, skeleton("SELECT count(*) FROM t", "sqlite")) < 0.5


def test_sql_that_does_not_parse_has_no_skeleton_and_no_names():
    assert skeleton("SELECT FROM WHERE (", "sqlite") == ()
    assert names_of_sql("SELECT FROM WHERE (", "sqlite") == ((), ())
    assert skeleton_similarity((), ()) == 0


def test_the_names_and_values_of_sql():
    sql = "SELECT T1.name, count(*) FROM singer AS T1 WHERE T1.city LIKE '%York%' AND age > 20"
    assert {frozenset(found) for found in names_of_sql(sql, "sqlite")} == {
        frozenset({"singer", "name", "city", "age"}),
        frozenset({"York", "20"}),
    }
