"""Defog's files: the official CSV, and lines with frozen golds."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks import defog, open_benchmark
from agentsql.evaluation.benchmarks.defog import all_golds
from agentsql.evaluation.benchmarks.judges import frozen
from agentsql.evaluation.questions import Verdict
from agentsql.testing import check_benchmark

HEADER = "db_name,db_type,query_category,query,question,instructions\n"
LINE = {
    "question_id": "d-1",
    "db_id": "music",
    "question": "Sort the concerts of this year",
    "evidence": "",
    "gold_sql": "SELECT title FROM concert WHERE year = strftime('%Y', 'now') + 0",
    "gold_sql_alternatives": [],
    "gold_sql_frozen": "SELECT title FROM concert WHERE year = strftime('%Y', '2015-03-04 05:06:07') + 0",
    "gold_sql_alternatives_frozen": ["SELECT concert_id FROM concert WHERE year = 2015"],
    "category": "date_functions",
    "time_dependent": True,
    "dialect": "sqlite",
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT 1;", ("SELECT 1",)),
        ("SELECT 1; SELECT 2 ;", ("SELECT 1", "SELECT 2")),
        ("SELECT {a, b} FROM t", ("SELECT a FROM t", "SELECT  b FROM t", "SELECT a,  b FROM t")),
        (
            "SELECT {a,b}, count(*) FROM t GROUP BY {}",
            (
                "SELECT a, count(*) FROM t GROUP BY a",
                "SELECT b, count(*) FROM t GROUP BY b",
                "SELECT a, b, count(*) FROM t GROUP BY a, b",
            ),
        ),
    ],
)
def test_each_accepted_gold_is_written_out(query: str, expected: tuple[str, ...]) -> None:
    assert all_golds(query) == expected


def test_the_official_csv_is_read(concerts, tmp_path: Path) -> None:
    concerts("databases/music.sqlite")
    path = tmp_path / "questions_gen_sqlite.csv"
    gold = "SELECT {name, age} FROM singer ORDER BY age;"
    path.write_text(f'{HEADER}music,sqlite,order_by,"{gold}","Who, from young to old?",Say so\n')
    benchmark = open_benchmark(tmp_path)
    (question,) = benchmark.questions
    assert (benchmark.name, question.id, question.hardness) == ("defog", "0", "order_by")
    assert (question.evidence, question.ordered) == ("Say so", True)
    assert benchmark.judge(question, "SELECT country, name FROM singer ORDER BY age") == Verdict(True, True)
    assert benchmark.judge(question, "SELECT name FROM singer ORDER BY age DESC") == Verdict(False, True)


def test_a_gold_about_now_is_judged_at_its_own_time(write, concerts) -> None:
    concerts("databases/music.sqlite")
    benchmark = open_benchmark(write("questions.jsonl", [LINE]))
    (question,) = benchmark.questions
    assert question.golds == (LINE["gold_sql_frozen"], "SELECT concert_id FROM concert WHERE year = 2015")
    assert (question.now, question.ordered) == ("2015-03-04 05:06:07", True)
    assert benchmark.judge(question, str(LINE["gold_sql"])) == Verdict(True, True)
    assert benchmark.judge(question, "SELECT title FROM concert WHERE year = 2014") == Verdict(False, True)


def test_a_query_about_now_can_be_asked_of_another_time() -> None:
    sql = "SELECT date('now', '-1 day'), CURRENT_DATE, 'now and then'"
    assert frozen(sql, "2020-02-03 04:05:06") == (
        "SELECT date('2020-02-03 04:05:06', '-1 day'), '2020-02-03', 'now and then'"
    )
    assert frozen("SELECT 'now", "2020-02-03 04:05:06") == "SELECT 'now"


def test_descriptions_become_notes_without_columns_that_are_not_there(write, concerts, tmp_path: Path) -> None:
    concerts("databases/music.sqlite")
    columns = [
        {"column_name": "age", "column_description": 'in "years"'},
        {"column_name": "weight", "column_description": "not in SQLite"},
    ]
    (tmp_path / "metadata").mkdir()
    described = tmp_path / "metadata" / "music.json"
    described.write_text(json.dumps({"table_metadata": {"main.singer": columns, "gone": columns}}))
    path = write("questions.jsonl", [LINE])
    (question,) = open_benchmark(path).questions
    assert tomllib.loads(Path(question.notes).read_text()) == {"tables": {"singer": {"columns": {"age": 'in "years"'}}}}
    described.write_text("[]")
    with pytest.raises(UsageError, match=r"music\.json is no metadata of defog's"):
        open_benchmark(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dialect": "postgres"}, r"line 1 of .* is written for postgres; take the file for SQLite"),
        ({"gold_sql_alternatives_frozen": "SELECT 1"}, "has no list of texts under 'gold_sql_alternatives_frozen'"),
        ({"gold_sql_frozen": ""}, "has no text under 'gold_sql_frozen'"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(write, concerts, change, message: str) -> None:
    concerts("databases/music.sqlite")
    with pytest.raises(UsageError, match=message):
        open_benchmark(write("questions.jsonl", [{**LINE, **change}]))


def test_the_real_questions_keep_the_contract(real) -> None:
    benchmark = check_benchmark(defog, real("defog/questions.jsonl"))
    assert len(benchmark.questions) == 210
    assert sum(bool(question.now) for question in benchmark.questions) == 11
    assert {question.now for question in benchmark.questions} == {"", "2026-11-21 08:25:40"}
    assert all(question.notes for question in benchmark.questions)
