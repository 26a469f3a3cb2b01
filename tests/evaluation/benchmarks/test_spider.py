"""Spider's layout, official and ours, with and without its test suite."""

from __future__ import annotations

import json
import sqlite3
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks import open_benchmark, spider
from agentsql.evaluation.questions import Question, Verdict
from agentsql.testing import check_benchmark

ROW = {"db_id": "music", "question": "How many singers?", "query": "SELECT count(*) FROM singer", "sql": {"from": {}}}


def test_a_file_in_the_official_layout_is_read_and_numbered(write, concerts) -> None:
    database = concerts("database/music/music.sqlite")
    benchmark = open_benchmark(write("dev.json", [ROW, {**ROW, "question": "And now?", "hardness": "hard"}]))
    assert benchmark.name == "spider"
    first, second = benchmark.questions
    assert (first.id, first.db_id, first.text, first.database) == ("0", "music", "How many singers?", str(database))
    assert first.golds == ("SELECT count(*) FROM singer",)
    assert (first.hardness, second.id, second.hardness) == ("easy", "1", "hard")


def test_a_folder_stands_for_its_dev_questions(write, concerts, tmp_path) -> None:
    concerts("database/music/music.sqlite")
    write("train_spider.json", [{**ROW, "question_id": "train"}])
    write("dev.json", [{**ROW, "question_id": "dev"}])
    write("tables.json", [{"db_id": "music"}])
    assert [one.id for one in open_benchmark(tmp_path).questions] == ["dev"]


def test_databases_may_lie_elsewhere(write, concerts) -> None:
    database = concerts("elsewhere/music/music.sqlite")
    path = write("dev.json", [ROW])
    assert open_benchmark(path, database.parent.parent).questions[0].database == str(database)


@pytest.mark.parametrize("packed", [False, True])
def test_the_test_suite_beside_is_found_as_a_folder_or_an_archive(write, concerts, tmp_path, packed: bool) -> None:
    concerts("database/music/music.sqlite")
    variant = concerts("test_suite_database/music/music_1.sqlite")
    if packed:
        archive = tmp_path / "spider_test_suite" / "databases.tar.xz"
        archive.parent.mkdir()
        with tarfile.open(archive, "w:xz") as file:
            file.add(variant, "music/music_1.sqlite")
        variant.unlink()
        variant.parent.rmdir()
        variant.parent.parent.rmdir()
    (question,) = open_benchmark(write("dev.json", [ROW])).questions
    assert [one.rpartition("/")[2] for one in question.suite] == ["music_1.sqlite"]


@pytest.fixture
def judged(write, concerts):
    """A question whose suite has two singers more than its database, and the benchmark's judge."""
    concerts("database/music/music.sqlite")
    variant = concerts("test_suite_database/music/music_1.sqlite")
    with sqlite3.connect(variant) as connection:
        connection.execute("INSERT INTO singer VALUES (5, 'Joe Sharp', 'France', 52), (6, 'Ann Oak', 'France', 60)")
    connection.close()
    gold = "SELECT DISTINCT name FROM singer WHERE age > = 50"
    benchmark = open_benchmark(write("dev.json", [{**ROW, "query": gold}]))
    return lambda sql: benchmark.judge(benchmark.questions[0], sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("SELECT DISTINCT name FROM singer WHERE age >= 50", Verdict(True, True, True, True), id="right"),
        pytest.param("SELECT name FROM singer WHERE age >= 50", Verdict(True, True, True, False), id="repeats"),
        pytest.param("SELECT 'Joe Sharp'", Verdict(True, True, False, False), id="right by chance on one database"),
        pytest.param("SELECT name FROM singer", Verdict(False, True, False, False), id="wrong"),
        pytest.param("SELECT nome FROM singer", Verdict(False, False, False, False), id="fails"),
        pytest.param("", Verdict(False, False, False, False), id="no SQL"),
    ],
)
def test_a_query_is_judged_on_the_database_and_on_the_suite(judged, sql: str, expected: Verdict) -> None:
    assert judged(sql) == expected


def test_several_threads_may_judge_at_once(judged) -> None:
    sqls = [f"SELECT DISTINCT name FROM singer WHERE age >= {age}" for age in (40, 45, 50, 55)] * 8
    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(judged, sqls))
    assert [one.correct for one in verdicts] == [False, True, True, False] * 8


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**ROW, "query": None}, r"entry 2 of .*dev\.json has no text under 'query'; add it, or remove the row"),
        ({"db_id": "music", "query": "SELECT 1"}, r"entry 2 of .* lacks 'question'"),
        ({**ROW, "question": ["How"]}, r"entry 2 of .* has list under 'question'; make it a text"),
        ({**ROW, "question_id": "0"}, r"entry 2 of .* has the question_id '0' of entry 1"),
        ("How many?", r"entry 2 of .* is no JSON object"),
    ],
)
def test_a_malformed_row_is_named(write, concerts, row, message: str) -> None:
    concerts("database/music/music.sqlite")
    with pytest.raises(UsageError, match=message):
        open_benchmark(write("dev.json", [ROW, row]))


def test_no_databases_at_all_are_missed_at_once_and_single_ones_when_they_are_needed(write, concerts, tmp_path) -> None:
    path = write("dev.json", [ROW, {**ROW, "db_id": "gone"}])
    with pytest.raises(UsageError, match=r"there are no databases for .*dev\.json: none of .*database.* is a folder"):
        open_benchmark(path)
    (tmp_path / "database").mkdir()
    with pytest.raises(UsageError, match=r"none of the databases of .* is there; the first was looked for at .*music"):
        open_benchmark(path)
    with pytest.raises(UsageError, match=r"the databases folder '.*nowhere' is not there"):
        open_benchmark(path, tmp_path / "nowhere")
    concerts("database/music/music.sqlite")
    benchmark = open_benchmark(path)
    verdict = benchmark.judge(benchmark.questions[1], "SELECT 1")
    assert verdict.correct is False
    assert verdict.gold_error.startswith("there is no database ") and "gone.sqlite" in verdict.gold_error


def test_the_real_dev_set_keeps_the_contract(real, write) -> None:
    path = real("spider/dev.json")
    questions = open_benchmark(path).questions
    assert len(questions) == 464
    assert all(question.hardness for question in questions)
    assert all(question.suite for question in questions)
    some = write("dev.json", json.loads(path.read_text())[::92])
    assert check_benchmark(spider, some, path.parent / "database").questions == questions[::92]


def test_the_training_set_is_read_in_about_a_second(real) -> None:
    path = real("spider/train_spider.json")
    started = time.process_time()
    questions = open_benchmark(path).questions
    assert len(questions) == 6901
    assert time.process_time() - started < 5  # generous: a busy machine
    assert questions[0] == Question(
        id="spider-train-0",
        db_id="department_management",
        text="How many heads of the departments are older than 56 ?",
        database=str(path.parent / "database/department_management/department_management.sqlite"),
        golds=("SELECT count(*) FROM head WHERE age  >  56",),
        hardness="easy",
    )
