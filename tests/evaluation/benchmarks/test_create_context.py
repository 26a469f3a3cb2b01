"""Questions on CREATE TABLE texts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from agentsql.evaluation.benchmarks import create_context, open_benchmark
from agentsql.evaluation.evaluate import verdict_on
from agentsql.evaluation.questions import Verdict
from agentsql.testing import check_benchmark

ROW = {
    "question": "How many heads of the departments are older than 56 ?",
    "context": "CREATE TABLE head (age INTEGER); CREATE TABLE department (name VARCHAR)",
    "answer": "SELECT COUNT(*) FROM head WHERE age > 56",
}


def test_questions_of_one_context_have_one_database_name_and_no_database(write) -> None:
    other = {**ROW, "context": "CREATE TABLE a (b)", "answer": "SELECT b FROM a"}
    path = write("sql_create_context_v4.json", [ROW, {**ROW, "question": "And?"}, other])
    first, second, third = check_benchmark(create_context, path).questions
    assert (first.id, first.database, first.schema_sql) == ("0", "", ROW["context"])
    assert first.golds == (ROW["answer"],)
    assert first.db_id == second.db_id != third.db_id


@pytest.mark.parametrize(
    ("sql", "executable"),
    [
        ("SELECT max(age) FROM head", True),
        ('SELECT * FROM head WHERE age = "x"', True),
        ("SELECT years FROM head", False),
        ("SELECT 1; SELECT 2", False),
        ("DELETE FROM head", False),
        ("", False),
    ],
)
def test_a_query_is_compiled_and_whether_it_is_right_stays_open(write, sql: str, executable: bool) -> None:
    benchmark = open_benchmark(write("context.json", [ROW]))
    assert benchmark.judge(benchmark.questions[0], sql) == Verdict(None, executable)


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ("CREATE TABLE head (age INTEGER", "incomplete input"),
        ("CREATE TABLE a (b); ATTACH '{folder}/made.sqlite' AS other", "not authorized"),
    ],
)
def test_a_context_that_is_no_schema_is_said_and_touches_no_file(write, tmp_path: Path, context: str, message) -> None:
    path = write("context.json", [{**ROW, "context": context.format(folder=tmp_path)}])
    benchmark = open_benchmark(path)
    verdict = benchmark.judge(benchmark.questions[0], "SELECT 1")
    assert verdict.correct is None
    assert verdict.gold_error == f"its tables cannot be made: {message}"
    assert not (tmp_path / "made.sqlite").exists()


def test_as_many_rows_as_the_real_one_has_are_read_in_about_a_second(write) -> None:
    path = write("context.json", [{**ROW, "question": f"{ROW['question']} {number}"} for number in range(78_577)])
    started = time.process_time()
    assert len(open_benchmark(path).questions) == 78_577
    assert time.process_time() - started < 5  # generous: a busy machine


def test_an_answer_without_sql_does_not_run_and_is_as_open_as_any_other(write) -> None:
    benchmark = open_benchmark(write("context.json", [ROW]))
    assert verdict_on(benchmark, benchmark.questions[0], "") == Verdict(None, False)
