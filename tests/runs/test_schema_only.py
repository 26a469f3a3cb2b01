"""Databases made of CREATE TABLE statements."""

import sqlite3
from contextlib import closing

import pytest

from agentsql.errors import DatabaseError
from agentsql.evaluation.questions import Benchmark, Question, Verdict
from agentsql.runs.batch import RunPlan, run_benchmark
from agentsql.runs.runner import Bounds
from agentsql.runs.schema_only import empty_database
from agentsql.testing import ScriptedModel

HEADS = "CREATE TABLE head (age INTEGER, name TEXT)"


def test_a_schema_becomes_an_empty_database_made_once(tmp_path):
    path = empty_database(HEADS, tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM pragma_table_info('head')").fetchall() == [("age",), ("name",)]
        assert connection.execute("SELECT count(*) FROM head").fetchone() == (0,)
    made = path.stat().st_mtime_ns
    assert empty_database(HEADS, tmp_path).stat().st_mtime_ns == made
    assert empty_database(HEADS + ";", tmp_path) != path


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param("CREATE TABEL head (age)", id="no SQL"),
        pytest.param("CREATE TABLE a (b); CREATE TABLE a (b)", id="twice"),
        pytest.param("CREATE TABLE a (b); ATTACH 'OTHER' AS o; CREATE TABLE o.c (d)", id="another file"),
        pytest.param("CREATE TABLE a (b); PRAGMA journal_mode = wal", id="a setting"),
        pytest.param("CREATE TABLE a (b) \0", id="a null character"),
    ],
)
def test_what_is_no_schema_is_refused_and_leaves_nothing(tmp_path, schema):
    with pytest.raises(DatabaseError, match="no database can be made of the schema"):
        empty_database(schema.replace("OTHER", str(tmp_path / "other.sqlite")), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_questions_on_a_schema_are_asked_and_a_schema_that_is_none_costs_its_own_only(tmp_path):
    questions = (
        Question("q0", "context-1", "How many heads are older than 56?", golds=("SELECT 1",), schema_sql=HEADS),
        Question("q1", "context-2", "How many?", golds=("SELECT 1",), schema_sql="CREATE TABEL"),
        Question("q2", "context-1", "How many heads?", golds=("SELECT 1",), schema_sql=HEADS),
    )
    benchmark = Benchmark("context", questions, lambda question, sql: Verdict(None, bool(question.schema_sql and sql)))
    model = ScriptedModel("SELECT count(*) FROM head")
    said = []
    plan = RunPlan(graph="direct", sql_model=model, bounds=Bounds(concurrency=2))
    ended = run_benchmark(benchmark, tmp_path / "run", plan, say=said.append)
    assert (ended.done, ended.errors) == (3, 1)
    assert [line.partition(": ")[0] for line in said] == ["context-2 cannot be asked (1 of the questions)"]
    assert len(model.asked) == 2
    assert all("head" in asked[0].content for asked in model.asked)
