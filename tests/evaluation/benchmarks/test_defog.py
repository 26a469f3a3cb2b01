"""Defog's files: the official CSV, and lines with frozen golds."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import make_url

from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks import defog, open_benchmark
from agentsql.evaluation.benchmarks.defog import all_golds
from agentsql.evaluation.benchmarks.judges import frozen
from agentsql.evaluation.questions import Verdict
from agentsql.evaluation.servers import close_servers, database_url, with_schemas, without_password
from agentsql.testing import check_benchmark
from tests.services import execute

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


@pytest.fixture
def on_server(postgres_url: str, tmp_path: Path):
    """Give a questions file and the URL, with `*`, of a PostgreSQL that has its database."""
    execute(
        postgres_url,
        "CREATE TABLE concert (id INT, day DATE, price NUMERIC)",
        "INSERT INTO concert VALUES (1, CURRENT_DATE - 3, 2.5), (2, CURRENT_DATE - 40, 4)",
    )
    server, _, name = postgres_url.rpartition("/")
    line = {
        "db_id": name[1:],
        "question": "Which concerts were in the last 30 days?",
        "gold_sql": "SELECT id FROM concert WHERE day > CURRENT_DATE - INTERVAL '30 days'",
        "gold_sql_alternatives": ["SELECT day FROM concert WHERE day > CURRENT_DATE - INTERVAL '30 days'"],
        "category": "date_functions",
        "time_dependent": True,
        "dialect": "postgres",
    }
    path = tmp_path / "questions_postgres.jsonl"
    path.write_text(json.dumps(line) + "\n")
    (tmp_path / "metadata").mkdir()
    described = [
        {"column_name": "id", "column_description": "its number"},
        {"column_name": "gone", "column_description": "x"},
    ]
    (tmp_path / "metadata" / f"{name[1:]}.json").write_text(json.dumps({"table_metadata": {"concert": described}}))
    yield path, f"{server}/t*"
    close_servers()


def test_questions_for_postgresql_are_judged_there(on_server) -> None:
    path, url = on_server
    benchmark = open_benchmark(path.parent, url)
    (question,) = benchmark.questions
    assert question.now == ""
    assert tomllib.loads(Path(question.notes).read_text()) == {"tables": {"concert": {"columns": {"id": "its number"}}}}
    judged = {
        sql: benchmark.judge(question, sql) for sql in (*question.golds, "SELECT 2 AS id", "DELETE FROM concert", "x")
    }
    assert [(one.correct, one.executable) for one in judged.values()] == [
        (True, True),
        (True, True),
        (False, True),
        (False, False),
        (False, False),
    ]


@pytest.mark.parametrize("name", ["spider", "bird", "jsonl"])
def test_other_layouts_say_that_their_databases_are_in_a_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps(LINE))
    with pytest.raises(UsageError, match="cannot be on a server; name the folder that holds them"):
        open_benchmark(path, "postgresql://reader@127.0.0.1/x_*", name)


def test_a_url_names_each_database_and_is_kept_without_its_password() -> None:
    assert (
        database_url("postgresql://r:p@h:1/defog_*?sslmode=require", "y z")
        == "postgresql://r:p@h:1/defog_y%20z?sslmode=require"
    )
    assert without_password("postgresql://r:p@h:1/defog_*") == "postgresql://r@h:1/defog_*"
    kept = with_schemas("postgresql://h:1/defog_*?sslmode=require&schema=old", "sales,public")
    assert kept == "postgresql://h:1/defog_*?sslmode=require&schema=sales,public"
    assert make_url(database_url(kept, "yelp")).query["schema"] == "sales,public"
    assert with_schemas("folder", None) == "folder"
    with pytest.raises(UsageError, match=r"--schema 'sales' is of databases on a server; name their URL"):
        with_schemas("", "sales")
    with pytest.raises(UsageError, match=r"names one database, 'all', for all; write \* where"):
        database_url("postgresql://h/all", "yelp")
