"""Plain questions: lines, an array or CSV."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks import jsonl, open_benchmark
from agentsql.evaluation.questions import Verdict
from agentsql.testing import check_benchmark

ASKED = {"question": "How many singers?", "database": "music.sqlite"}


@pytest.mark.parametrize("name", ["asked.jsonl", "asked.json"])
@pytest.mark.parametrize("gold", ["sql", "gold", "SQL"])
def test_a_gold_may_have_any_of_its_names(write, concerts, name: str, gold: str) -> None:
    database = concerts("music.sqlite")
    path = write(name, [{**ASKED, gold: "SELECT count(*) FROM singer", "evidence": "hint"}])
    benchmark = check_benchmark(jsonl, path)
    (question,) = benchmark.questions
    assert (question.id, question.db_id, question.database) == ("0", "music", str(database))
    assert (question.golds, question.evidence) == (("SELECT count(*) FROM singer",), "hint")


def test_a_parsed_form_beside_the_text_of_a_gold_is_passed_over(write, concerts) -> None:
    concerts("music.sqlite")
    path = write("asked.jsonl", [{**ASKED, "query": "SELECT 4", "sql": {"from": {}}}])
    assert open_benchmark(path).questions[0].golds == ("SELECT 4",)


def test_questions_without_a_gold_are_read_and_nobody_says_whether_an_answer_is_right(write, concerts) -> None:
    concerts("music.sqlite")
    benchmark = open_benchmark(write("asked.jsonl", [ASKED]))
    (question,) = benchmark.questions
    assert benchmark.judge(question, "SELECT 1") == Verdict(None, True)
    assert benchmark.judge(question, "SELECT nome FROM singer") == Verdict(None, False)


def test_a_csv_is_read(concerts, tmp_path: Path) -> None:
    database = concerts("databases/music/music.sqlite")
    path = tmp_path / "questions.csv"
    path.write_text('question_id,question,db_id,sql\nq1,"How many, in all?",music,SELECT 4\n')
    (question,) = open_benchmark(tmp_path).questions
    assert (question.id, question.text, question.database) == ("q1", "How many, in all?", str(database))
    path.write_text("question,db_id\nHow many, in all?,music\n")
    with pytest.raises(UsageError, match=r"line 2 of .* has not as many cells as the header"):
        open_benchmark(path)


def test_a_database_may_be_named_from_the_databases_folder(write, concerts) -> None:
    database = concerts("elsewhere/music.sqlite")
    path = write("asked.jsonl", [ASKED, {"question": "And?", "db_id": "music"}])
    found = open_benchmark(path, database.parent).questions
    assert {question.database for question in found} == {str(database)}


def test_a_url_stays_as_it_is_and_a_verdict_says_that_nothing_answers_there(write) -> None:
    url = "postgresql://reader:secret@127.0.0.1:1/music"
    benchmark = open_benchmark(write("asked.jsonl", [{**ASKED, "database": url, "db_id": "music", "sql": "SELECT 1"}]))
    (question,) = benchmark.questions
    assert (question.database, question.db_id) == (url, "music")
    verdict = benchmark.judge(question, "SELECT 1")
    assert verdict == Verdict(False, False, gold_error=verdict.gold_error)
    assert verdict.gold_error
    assert "secret" not in verdict.gold_error


def test_a_judge_can_be_sent_to_another_process(write, concerts) -> None:
    concerts("music.sqlite")
    benchmark = open_benchmark(write("asked.jsonl", [{**ASKED, "sql": "SELECT 4"}]))
    sent = pickle.loads(pickle.dumps(benchmark.judge))
    assert sent(benchmark.questions[0], "SELECT 4") == Verdict(True, True)


def test_the_name_of_a_database_holds_no_password(write) -> None:
    url = "postgresql+psycopg://reader:secret@host:5432/music?sslmode=require"
    (question,) = open_benchmark(write("asked.jsonl", [{**ASKED, "database": url}])).questions
    assert (question.database, question.db_id) == (url, "music")


def test_a_broken_line_is_named(write, concerts) -> None:
    concerts("music.sqlite")
    path = write("asked.jsonl", [ASKED])
    path.write_text(path.read_text() + "{broken\n")
    with pytest.raises(UsageError, match="neither a JSON array nor JSON lines"):
        open_benchmark(path)
