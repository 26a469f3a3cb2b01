"""Scoring a small benchmark from start to file: right and wrong answers, broken golds, missing predictions."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agentsql.errors import UsageError
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.evaluate import Measures, evaluate
from agentsql.evaluation.examples import worth_looking_at
from agentsql.evaluation.measures import BY_DEFAULT, METRICS
from agentsql.evaluation.predictions import read_predictions
from agentsql.evaluation.questions import Benchmark, Question, Verdict
from agentsql.evaluation.records import Record, StepRecord
from agentsql.evaluation.saved import read_evaluation, write_evaluation
from agentsql.evaluation.score import (
    Evaluation,
    Scored,
    Share,
    accuracy,
    costs,
    grouped,
    metric_mean,
    percentile,
)

ROWS = (
    ("q1", "How many pets are there?", "SELECT count(*) FROM pet", "easy"),
    ("q2", "Which pets are older than three?", "SELECT name FROM pet WHERE age > 3", "medium"),
    ("q3", "What is broken?", "SELECT colour FROM pet", "easy"),
    ("q4", "Who has no answer?", "SELECT name FROM owner", "hard"),
)


@pytest.fixture
def questions(tmp_path):
    with closing(sqlite3.connect(tmp_path / "pets.sqlite")) as connection:
        connection.executescript(
            "CREATE TABLE owner (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO owner VALUES (1, 'Ada');"
            "CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT, age INTEGER, owner_id INTEGER REFERENCES owner(id));"
            "INSERT INTO pet VALUES (1, 'Rex', 3, 1), (2, 'Tom', 5, 1), (3, 'Kit', 7, NULL);"
        )
    path = tmp_path / "dev.json"
    rows = [
        {"question_id": name, "db_id": "pets", "question": text, "evidence": "", "SQL": gold, "difficulty": hardness}
        for name, text, gold, hardness in ROWS
    ]
    path.write_text(json.dumps(rows))
    return path


@pytest.fixture
def benchmark(questions):
    return open_benchmark(questions, questions.parent)


def answer(name: str, sql: str, **given) -> Record:
    return Record(name, "pets", "", sql, **given)


def scored_by(benchmark: Benchmark, *records: Record, **measures) -> dict[str, Scored]:
    found = evaluate(
        benchmark, {one.question_id: one for one in records}, name="test", measures=Measures(workers=2, **measures)
    )
    return {one.question.id: one for one in found.scored}


def test_every_question_is_scored_in_the_order_of_the_benchmark(benchmark):
    told = []
    found = evaluate(
        benchmark, {"q2": answer("q2", "SELECT 1")}, name="run", say=lambda done, total: told.append((done, total))
    )
    assert [one.question.id for one in found.scored] == ["q1", "q2", "q3", "q4"]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_right_answer_has_results_features_and_no_reason(benchmark):
    one = scored_by(benchmark, answer("q2", "SELECT name FROM pet WHERE age >= 4"))["q2"]
    assert one.right
    assert (one.category, one.lost_at, one.features) == ("", "", ("one table",))
    assert one.result == one.gold_result
    assert (one.result.columns, one.result.rows, one.result.total) == (("name",), (("Tom",), ("Kit",)), 2)


def test_a_wrong_answer_has_its_reason_and_the_place_where_it_was_lost(benchmark):
    record = answer("q2", "SELECT name FROM pet WHERE age > 5", steps=(StepRecord("generate", 1.0),))
    one = scored_by(benchmark, record)["q2"]
    assert (one.right, one.category, one.lost_at) == (False, "wrong value", "generate")


def test_a_missing_prediction_counts_as_wrong(benchmark):
    one = scored_by(benchmark)["q4"]
    assert (one.right, one.category) == (False, "no SQL")
    assert one.record.error == "missing: no prediction"
    assert one.metrics["execution"] == 0.0


@pytest.mark.parametrize("sql", ["SELECT colour FROM pet", "SELECT 1 WHERE 0", ""])
def test_a_gold_that_fails_is_reported_and_never_right(benchmark, sql):
    one = scored_by(benchmark, answer("q3", sql))["q3"]
    assert (one.right, one.category) == (False, "gold broken")
    assert "no such column: colour" in one.verdict.gold_error
    assert one.metrics["bird"] is None


def test_sql_of_an_answer_that_was_refused_is_not_scored(benchmark):
    one = scored_by(benchmark, answer("q1", "SELECT count(*) FROM pet", status="refused"))["q1"]
    assert (one.right, one.category) == (False, "refused")


def test_the_default_metrics_are_all_there_and_none_of_them_times_queries(benchmark):
    one = scored_by(benchmark, answer("q1", "SELECT count(id) FROM pet"))["q1"]
    assert set(one.metrics) == set(BY_DEFAULT)
    assert set(METRICS) - set(BY_DEFAULT) == {"ves", "r_ves", "embedding_distance"}
    assert {name: value for name, value in one.metrics.items() if value is not None} == {
        "execution": 1.0,
        "executable": 1.0,
        "bird": 1.0,
        "soft_f1": 1.0,
        "exact_match": 0.0,
        "string_match": 0.0,
        "table_recall": 1.0,
        "table_precision": 1.0,
        "table_f1": 1.0,
        "column_recall": 1.0,
        "column_precision": 0.0,
        "column_f1": 0.0,
    }


def test_what_the_steps_chose_is_held_against_the_gold(benchmark):
    steps = (
        StepRecord("link", 0.1, tables=("pet", "owner"), columns=(("pet", "age"),)),
        StepRecord("prune", 0.1, tables=("owner",)),
    )
    one = scored_by(benchmark, answer("q2", "SELECT name FROM owner", steps=steps))["q2"]
    found = {name: one.metrics[name] for name in ("pruning_recall", "pruning_complete", "link_table_precision")}
    assert found == {"pruning_recall": 0.0, "pruning_complete": 0.0, "link_table_precision": 0.5}
    assert one.metrics["link_column_recall"] == 0.5
    assert one.lost_at == "prune"


def test_speed_is_measured_of_right_answers_where_it_is_asked_for(benchmark):
    found = scored_by(
        benchmark, answer("q1", "SELECT count(*) FROM pet"), answer("q2", "SELECT 1"), metrics=("ves", "r_ves")
    )
    assert found["q1"].metrics["ves"] > 0
    assert 0.5 <= found["q1"].metrics["r_ves"] <= 1.25
    assert found["q2"].metrics == {"ves": 0.0, "r_ves": 0.0}


def test_the_components_of_exact_set_match_are_scored_over_all_questions(benchmark):
    records = {"q1": answer("q1", "SELECT count(*) FROM pet"), "q2": answer("q2", "SELECT name FROM pet")}
    found = evaluate(benchmark, records, name="run", questions=benchmark.questions[:2]).components
    assert found["select"]["f1"] == 1.0
    assert (found["where"]["accuracy"], found["where"]["recall"]) == (0.5, 0.0)


@pytest.mark.parametrize(
    ("sql", "category"),
    [
        pytest.param("SELECT '\ud800'", "missing join", id="half a surrogate pair"),
        pytest.param("SELECT \x00 1", "other", id="a null character"),
        pytest.param("SELECT 1; SELECT 2", "refused", id="two statements"),
        pytest.param(f"SELECT {'(' * 3000}1{')' * 3000}", "other", id="nested too deep"),
        pytest.param("DELETE FROM pet", "refused", id="a write"),
        pytest.param("-- nothing", "other", id="a comment"),
    ],
)
def test_odd_text_of_a_model_is_wrong_and_blames_no_gold(sql, category, benchmark):
    one = scored_by(benchmark, answer("q1", sql))["q1"]
    assert (one.right, one.verdict.gold_error, one.category) == (False, "", category)


def test_only_the_questions_asked_for_are_scored(benchmark):
    found = evaluate(benchmark, {}, name="shard", questions=benchmark.questions[:1])
    assert [one.question.id for one in found.scored] == ["q1"]


def test_a_judge_that_breaks_makes_its_question_wrong_and_says_so():
    def broken(_question: Question, _sql: str) -> Verdict:
        raise RuntimeError("no rules")

    benchmark = Benchmark("odd", (Question("q", "db", "?", golds=("SELECT 1",)),), broken)
    one = scored_by(benchmark, answer("q", "SELECT 1"))["q"]
    assert (one.right, one.verdict.gold_error) == (False, "the judge failed: RuntimeError: no rules")


def test_a_question_without_a_gold_is_neither_right_nor_explained():
    benchmark = Benchmark("new", (Question("q", "db", "?"),), lambda _question, _sql: Verdict(None, True))
    one = scored_by(benchmark, answer("q", "SELECT 1"))["q"]
    assert (one.right, one.category, one.metrics["execution"]) == (False, "", None)


def test_where_there_are_no_rows_only_sql_that_does_not_compile_is_wrong(tmp_path):
    rows = [
        {"question": "?", "context": "CREATE TABLE head (age INTEGER, name TEXT)", "answer": "SELECT age FROM head"}
    ] * 2
    (tmp_path / "context.json").write_text(json.dumps(rows))
    benchmark = open_benchmark(tmp_path / "context.json")
    found = evaluate(
        benchmark, {"0": answer("0", "SELECT name FROM head"), "1": answer("1", "SELECT nam FROM head")}, name="run"
    )
    assert [(one.judged, one.right, one.category) for one in found.scored] == [
        (False, False, ""),
        (False, False, "wrong column"),
    ]
    assert accuracy(found.scored) == Share(0, 0)
    assert (metric_mean(found.scored, "executable"), metric_mean(found.scored, "execution")) == (0.5, None)


def test_an_evaluation_comes_back_from_its_file_as_it_was(benchmark, tmp_path):
    records = {"q1": answer("q1", "SELECT count(*) FROM pet", calls=2, seconds=1.5), "q2": answer("q2", "SELECT 'x'")}
    made = evaluate(benchmark, records, name="run", run={"graph": "default"}, measures=Measures(prices=(1.0, 2.0)))
    write_evaluation(made, tmp_path / "evaluation.json")
    found = read_evaluation(tmp_path / "evaluation.json")
    assert [one.right for one in found.scored] == [True, False, False, False]
    for one, other in zip(made.scored, found.scored, strict=True):
        assert (one.metrics, one.category, one.lost_at, one.verdict) == (
            other.metrics,
            other.category,
            other.lost_at,
            other.verdict,
        )
        assert (one.question, one.result, one.record.sql) == (other.question, other.result, other.record.sql)
    assert (found.run, found.prices) == ({"graph": "default"}, (1.0, 2.0))


def test_the_file_begins_with_a_summary(benchmark, tmp_path):
    made = evaluate(benchmark, {"q1": answer("q1", "SELECT count(*) FROM pet")}, name="run")
    write_evaluation(made, tmp_path / "evaluation.json")
    told = json.loads((tmp_path / "evaluation.json").read_text())["summary"]
    assert told["accuracy"]["right"] == 1
    assert told["by"]["hardness"]["easy"] == {
        "right": 1,
        "total": 2,
        "value": 0.5,
        "low": pytest.approx(0.0945, abs=1e-3),
        "high": pytest.approx(0.9055, abs=1e-3),
    }
    assert (told["missing"], told["gold_broken"]) == (3, ["q3"])
    assert told["failures"] == {"no SQL": 2, "gold broken": 1}


def test_a_file_that_is_no_evaluation_is_said_to_be_none(tmp_path):
    (tmp_path / "evaluation.json").write_text('{"format": 99}')
    with pytest.raises(UsageError, match="is no evaluation: its format is 99"):
        read_evaluation(tmp_path / "evaluation.json")


def made(*rights: bool, **record) -> tuple[Scored, ...]:
    return tuple(
        Scored(
            Record(str(number), "db", "", "", **record),
            Question(str(number), f"db{number % 2}", "", hardness="easy" if number < 2 else ""),
            Verdict(right),
            metrics={"a": float(right), "b": None},
            features=("join", "order") if number else ("join",),
        )
        for number, right in enumerate(rights)
    )


def test_the_test_suite_decides_where_there_is_one():
    one = Scored(Record("1", "db", "", ""), Question("1", "db", ""), Verdict(True, suite=False))
    assert not one.right
    assert Evaluation("run", "spider", (one,)).rule == "test suite"


def test_groups_come_in_order_and_features_overlap():
    scored = made(True, False, True)
    assert {name: accuracy(found) for name, found in grouped(scored, "feature").items()} == {
        "join": Share(2, 3),
        "order": Share(1, 2),
    }
    assert {name: len(found) for name, found in grouped(scored, "database").items()} == {"db0": 2, "db1": 1}
    assert list(grouped(scored, "hardness")) == ["easy"]


def test_means_are_of_the_questions_that_have_a_value():
    scored = made(True, False)
    assert (metric_mean(scored, "a"), metric_mean(scored, "b"), metric_mean(scored, "c")) == (0.5, None, None)
    assert Evaluation("run", "spider", scored).metric_names == ("a",)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 2), (0.75, 3), (0.95, 4), (1.0, 4)])
def test_a_percentile_is_a_value_that_was_measured(share, expected):
    assert percentile([4, 2, 1, 3], share) == expected


def test_costs_are_means_and_the_price_is_of_all():
    found = costs(
        made(True, True, calls=3, prompt_tokens=1_000_000, completion_tokens=500_000, seconds=2.0), (0.5, 1.0)
    )
    assert (found.calls, found.prompt_tokens, found.seconds, found.price) == (3, 1_000_000, 2.0, 2.0)
    assert costs(()).price is None


def test_what_is_worth_a_look_is_picked_by_rule_and_named_once():
    def one(name: str, confidence: float, **given) -> Scored:
        record = Record(name, "db", "", "SELECT 1", confidence=confidence)
        return Scored(record, Question(name, "db", ""), given.pop("verdict", Verdict(False)), **given)

    scored = (
        one("right", 1.0, verdict=Verdict(True)),
        one("sure", 0.9, category="grouping", lost_at="generate"),
        one("dropped", 0.5, category="grouping", lost_at="execute_samples"),
        one("broken", 0.9, category="gold broken", verdict=Verdict(False, gold_error="no such table")),
        one("unsure", 0.1, category="nesting", lost_at="generate"),
        one("surer", 0.2, category="nesting", lost_at="generate"),
    )
    found = [(example.why, example.scored.question.id) for example in worth_looking_at(Evaluation("run", "b", scored))]
    assert found == [
        ("sure, and wrong", "sure"),
        ("a right candidate was not chosen", "dropped"),
        ("the gold fails", "broken"),
        ("nesting", "surer"),
    ]


QUESTIONS = tuple(Question(name, "pets", "") for name in ("q1", "q2", "q3"))
NUMBERED = tuple(Question(f"spider-dev-{number}", "pets", "") for number in range(3))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param(
            "predict.sql", "SELECT 1\n\nSELECT 3\tpets\n", {"q1": "SELECT 1", "q2": "", "q3": "SELECT 3"}, id="spider"
        ),
        pytest.param("short.txt", "SELECT 1\n", {"q1": "SELECT 1"}, id="too few lines"),
        pytest.param("a.json", '{"0": "SELECT 1\\t----- bird -----\\tpets"}', {"q1": "SELECT 1"}, id="bird"),
        pytest.param("a.json", '{"q2": "SELECT 2"}', {"q2": "SELECT 2"}, id="by id"),
        pytest.param("a.json", '[{"question_id": "q2", "answer_sql": "SELECT 2"}]', {"q2": "SELECT 2"}, id="feather"),
        pytest.param("a.json", '["SELECT 1", "SELECT 2"]', {"q1": "SELECT 1", "q2": "SELECT 2"}, id="a list of SQL"),
        pytest.param("a.jsonl", '{"id": "q3", "sql": "SELECT 3"}\n\n', {"q3": "SELECT 3"}, id="lines"),
        pytest.param("a.jsonl", '{"id": "q3", "sql": null}\n', {"q3": ""}, id="null"),
        pytest.param("a.csv", 'question_id,sql\nq1,"SELECT 1,\n2"\n', {"q1": "SELECT 1,\n2"}, id="csv"),
        pytest.param("a.csv", "sql\nSELECT 1\n", {"q1": "SELECT 1"}, id="csv in order"),
    ],
)
def test_predictions_of_each_layout_are_read(name, text, expected, tmp_path):
    (tmp_path / name).write_text(text)
    found = read_predictions(tmp_path / name, QUESTIONS)
    assert {key: record.sql for key, record in found.items()} == expected
    assert all(record.status == ("answered" if record.sql else "failed") for record in found.values())


def test_numbers_of_birds_file_are_places_where_ids_are_no_numbers(tmp_path):
    (tmp_path / "a.json").write_text('{"2": "SELECT 2"}')
    assert list(read_predictions(tmp_path / "a.json", NUMBERED)) == ["spider-dev-2"]


def test_costs_of_a_table_are_taken_over(tmp_path):
    (tmp_path / "a.csv").write_text("question_id,sql,calls,prompt_tokens,seconds\nq1,SELECT 1,4,120,2.5\n")
    found = read_predictions(tmp_path / "a.csv", QUESTIONS)["q1"]
    assert (found.calls, found.prompt_tokens, found.seconds) == (4, 120, 2.5)


def test_sql_of_a_row_that_was_not_answered_is_no_prediction(tmp_path):
    (tmp_path / "results.csv").write_text(
        "question_id,status,sql\nq1,refused,SELECT 1\nq2,answered,SELECT 2\nq3,answered,\n"
    )
    found = read_predictions(tmp_path / "results.csv", QUESTIONS)
    assert [record.status for record in found.values()] == ["refused", "answered", "failed"]


def test_traces_are_read_with_their_steps(tmp_path):
    record = answer("q1", "SELECT 1", steps=(StepRecord("generate", 1.0),))
    (tmp_path / "traces.jsonl").write_text(record.to_json() + "\n")
    assert read_predictions(tmp_path / "traces.jsonl", QUESTIONS) == {"q1": record}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.sql", "SELECT 1\n" * 4, "has 4 predictions for 3 questions"),
        ("a.sql", "SELECT 1\tdogs\n", "line 1 of .* is on database 'dogs', question 1 on 'pets'"),
        ("a.json", "{", "cannot be read as predictions"),
        ("a.json", "3", "is no list of predictions"),
        ("a.json", "[3]", "is no object with `question_id`"),
        ("a.json", '{"7": "SELECT 1"}', "has a prediction number 7, and there are 3"),
        ("a.csv", "question_id,text\nq1,SELECT 1\n", "has no column `sql`, only question_id, text"),
        ("a.jsonl", '{"id": "q1", "sql": "1"}\n{"id": "q1", "sql": "2"}\n', "two predictions for question 'q1'"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(name, text, said, tmp_path):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=said):
        read_predictions(tmp_path / name, QUESTIONS)


SPIDER = Path(__file__).resolve().parents[3] / "shared" / "benchmarks" / "spider" / "dev.json"


@pytest.mark.skipif(not SPIDER.is_file(), reason="Spider's questions and databases are not beside the checkout")
def test_the_golds_of_spider_are_right_and_a_changed_one_is_explained():
    benchmark = open_benchmark(SPIDER)
    questions = [one for one in benchmark.questions if one.db_id == "concert_singer"][:6]
    records = {one.id: Record(one.id, one.db_id, one.text, one.golds[0]) for one in questions}
    changed = questions[0]
    records[changed.id] = Record(changed.id, changed.db_id, changed.text, "SELECT count(*) FROM concert")
    found = evaluate(benchmark, records, name="golds", questions=questions)
    assert [one.right for one in found.scored] == [False, *[True] * 5]
    assert found.scored[0].category == "wrong table"
    assert all(one.metrics["exact_match"] == 1.0 for one in found.scored[1:])
