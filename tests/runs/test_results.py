"""The files for other programs, as the benchmarks' own scripts read them."""

import csv
import json

import pytest

from agentsql.evaluation.questions import Question
from agentsql.evaluation.records import Record
from agentsql.runs.results import NO_ANSWER, one_line, write_results

QUESTIONS = [Question(f"q{number}", f"d{number}", "How many?") for number in range(4)]
RECORDS = {
    "q0": Record("q0", "d0", "How many?", "SELECT a\nFROM b\tWHERE c = 'é\"'", correct=True, executable=True, calls=2),
    "q1": Record("q1", "d1", "How many?", "SELECT x", status="failed", error="syntax: near x", correct=False),
    "q3": Record("q3", "d3", "How many?", "SELECT 3", path="full-1", seconds=1.5),
}


@pytest.fixture
def results(tmp_path):
    write_results(tmp_path, QUESTIONS, lambda question: RECORDS.get(question.id))
    return tmp_path


def test_the_table_has_a_row_for_each_answer_in_the_order_of_the_questions(results):
    with (results / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["question_id"] for row in rows] == ["q0", "q1", "q3"]
    assert rows[0] == {
        "question_id": "q0", "db_id": "d0", "status": "answered", "sql": RECORDS["q0"].sql, "executable": "true",
        "correct": "true", "calls": "2", "prompt_tokens": "0", "completion_tokens": "0", "seconds": "0.0", "path": "",
        "error": "",
    }  # fmt: skip
    assert (rows[2]["executable"], rows[2]["correct"], rows[2]["path"]) == ("", "", "full-1")


def test_spider_s_script_gets_a_line_for_each_question(results):
    lines = (results / "predict.sql").read_text().split("\n")
    assert lines == ["SELECT a FROM b WHERE c = 'é\"'", NO_ANSWER, NO_ANSWER, "SELECT 3", ""]


def test_bird_s_script_gets_sql_and_database_by_place(results):
    found = json.loads((results / "predict_dev.json").read_text())
    assert list(found) == ["0", "1", "2", "3"]
    assert found["0"].split("\t----- bird -----\t") == [RECORDS["q0"].sql, "d0"]
    assert found["1"].split("\t----- bird -----\t") == [" ", "d1"]


def test_feather_s_list_has_each_question_that_was_asked(results):
    assert json.loads((results / "results.json").read_text()) == [
        {"question_id": "q0", "answer_sql": RECORDS["q0"].sql},
        {"question_id": "q1", "answer_sql": ""},
        {"question_id": "q3", "answer_sql": "SELECT 3"},
    ]


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        pytest.param("SELECT 1", "SELECT 1", id="as it is"),
        pytest.param("SELECT 'a  b'", "SELECT 'a  b'", id="blanks in a text"),
        pytest.param("SELECT 1 -- one\nFROM t", "SELECT 1 FROM t", id="a comment would swallow the rest"),
        pytest.param("SELECT '--'\nFROM t", "SELECT '--' FROM t", id="no comment"),
        pytest.param("SELECT 'a\u2028b'", "SELECT 'a b'", id="a line break of Unicode"),
        pytest.param("  ", "", id="nothing"),
    ],
)
def test_sql_is_put_on_one_line(sql, line):
    assert one_line(sql) == line
