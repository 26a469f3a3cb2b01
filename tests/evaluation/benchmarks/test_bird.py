"""BIRD's layout, and how its descriptions reach the schema."""

from __future__ import annotations

import pytest

from agentsql.db.connect import open_database
from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks import bird, open_benchmark
from agentsql.evaluation.questions import Question, Verdict
from agentsql.testing import check_benchmark

ROW = {
    "question_id": 7,
    "db_id": "music",
    "question": "Which countries are the singers of?",
    "evidence": "country is the country of birth",
    "SQL": "SELECT country FROM singer",
    "difficulty": "simple",
}


@pytest.mark.parametrize("name", ["dev.json", "mini_dev_sqlite.json"])
def test_questions_come_with_evidence_and_difficulty(write, concerts, tmp_path, name: str) -> None:
    database = concerts("dev_databases/music/music.sqlite")
    write("dev_tables.json", [{"db_id": "music"}])
    write(name, [ROW])
    benchmark = open_benchmark(tmp_path)
    assert benchmark.name == "bird"
    assert benchmark.questions == (
        Question(
            id="7",
            db_id="music",
            text="Which countries are the singers of?",
            database=str(database),
            golds=("SELECT country FROM singer",),
            evidence="country is the country of birth",
            hardness="simple",
        ),
    )


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("SELECT DISTINCT country FROM singer ORDER BY 1", Verdict(True, True), id="order and repeats"),
        pytest.param("SELECT country, name FROM singer", Verdict(False, True), id="another column"),
        pytest.param("SELECT land FROM singer", Verdict(False, False), id="fails"),
        pytest.param("", Verdict(False, False), id="no SQL"),
    ],
)
def test_a_query_is_right_if_it_gives_the_same_set_of_rows(write, concerts, sql: str, expected: Verdict) -> None:
    concerts("dev_databases/music/music.sqlite")
    benchmark = open_benchmark(write("dev.json", [ROW]))
    assert benchmark.judge(benchmark.questions[0], sql) == expected


def test_a_gold_that_fails_is_said_and_nothing_is_right(write, concerts) -> None:
    concerts("dev_databases/music/music.sqlite")
    benchmark = open_benchmark(write("dev.json", [{**ROW, "SQL": "SELECT land FROM singer"}]))
    verdict = benchmark.judge(benchmark.questions[0], "SELECT country FROM singer")
    assert verdict == Verdict(False, True, gold_error="no such column: land")


def test_golds_of_another_dialect_are_refused(write, concerts) -> None:
    concerts("dev_databases/music/music.sqlite")
    with pytest.raises(UsageError, match="written for postgresql; take the file for SQLite"):
        open_benchmark(write("mini_dev_postgresql.json", [ROW]))


def test_the_real_questions_keep_the_contract_and_their_schemas_are_described(real) -> None:
    benchmark = check_benchmark(bird, real("bird/dev.json"))
    assert len(benchmark.questions) == 40
    assert {question.hardness for question in benchmark.questions} <= {"simple", "moderate", "challenging"}
    schema = open_database(benchmark.questions[0].database).schema()
    assert any(column.comment for table in schema for column in table.columns)
