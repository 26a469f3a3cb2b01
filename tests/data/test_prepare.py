"""Whole files made into training rows."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agentsql.cli.main import main
from agentsql.data.batch import Plan, prepare_files
from agentsql.data.journal import JOURNAL
from agentsql.data.leaks import index_evaluation
from agentsql.data.report import DROPPED, REPORT, as_markdown, report_on_rows
from agentsql.data.rows import read_training_rows
from agentsql.data.runs import QuestionsOf
from agentsql.db.connect import open_database
from agentsql.errors import TrainingDataError, UsageError
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.runs.batch import RunPlan, run_benchmark
from agentsql.settings import Settings
from agentsql.testing import ScriptedModel

SCHEMA = "CREATE TABLE head (id INTEGER PRIMARY KEY, age INTEGER, name TEXT)"
ROWS = (
    ("How many heads are there?", "SELECT count(*) FROM head"),
    ("how many heads are  there", "SELECT count(*) FROM head ;"),
    ("Names of heads?", "SELECT nickname FROM head"),
    ("Remove them", "DELETE FROM head"),
    ("Lost \ufffd", "SELECT name FROM head"),
    ("Names of heads above 56?", 'SELECT name FROM head WHERE age > = 56 AND name != "Joe"'),
)


@pytest.fixture
def file(write_lines):
    return write_lines(*({"question": question, "context": SCHEMA, "answer": sql} for question, sql in ROWS))


def prepared(file, out, making, **options):
    report = prepare_files(Plan((file,), making, workers=1, **options), out)
    return report, list(read_training_rows(out / "train.jsonl"))


def test_what_cannot_be_trained_on_is_dropped_by_reason(file, making, tmp_path):
    report, rows = prepared(file, tmp_path / "out", making)

    assert {reason: one["count"] for reason, one in report["dropped"].items()} == {
        "its gold fails": 1,
        "its gold is more than a query that reads": 1,
        "a duplicate": 1,
        "characters that could not be read": 1,
    }
    assert [row.completion for row in rows] == [
        "SELECT count(*) FROM head",
        "SELECT name FROM head WHERE age >= 56 AND name != 'Joe'",
    ]
    dropped = [json.loads(line) for line in (tmp_path / "out" / DROPPED).read_text().splitlines()]
    assert [one["id"] for one in dropped] == ["1", "2", "3", "4"]
    assert "nickname" in dropped[1]["detail"]


def test_rows_say_what_they_are_of(file, making, tmp_path):
    _, rows = prepared(file, tmp_path / "out", making)

    about = rows[1].about
    assert about.tables == ("head",)
    assert about.columns == ("head.age", "head.name")
    assert (about.hardness, about.task, about.source) == ("medium", "sql", "rows.jsonl")


def test_failing_golds_can_be_kept_and_empty_ones_dropped(making, tiny, write_lines, tmp_path):
    row = {"database": str(tiny), "question": "Who?"}
    file = write_lines(
        {**row, "sql": "SELECT nickname FROM singer"}, {**row, "sql": "SELECT name FROM singer WHERE age > 99"}
    )

    kept, _ = prepared(file, tmp_path / "kept", replace(making, drop=frozenset()))
    default, _ = prepared(file, tmp_path / "default", making)
    with pytest.raises(TrainingDataError, match="1 its gold fails, 1 its gold gives no row"):
        prepared(file, tmp_path / "none", replace(making, drop=frozenset({"failing", "empty"})))

    assert (kept["kept"], default["kept"]) == (2, 1)
    assert default["remarks"] == {"kept: gold gives no row": 1}


def test_a_gold_that_takes_too_long_is_dropped(making, tiny, write_lines, tmp_path):
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*), name FROM n, singer"
    row = {"database": str(tiny), "question": "Who?"}
    file = write_lines({**row, "sql": endless}, {**row, "sql": "SELECT name FROM singer"})
    quick = replace(making.settings, database=replace(making.settings.database, timeout_s=0.2))

    report, _ = prepared(file, tmp_path / "out", replace(making, settings=quick))

    assert report["dropped"]["its gold takes too long"]["count"] == 1


def test_inserted_rows_make_values_and_results(making, write_lines, tmp_path):
    context = f"{SCHEMA}; INSERT INTO head VALUES (1, 50, 'Ann'), (2, 60, 'Bob');"
    file = write_lines(
        {"sql_prompt": "Name?", "sql_context": context, "sql": "SELECT name FROM head"},
        {"sql_prompt": "Name above 99?", "sql_context": context, "sql": "SELECT name FROM head WHERE age > 99"},
    )

    report, rows = prepared(file, tmp_path / "out", making)

    assert "'Ann', 'Bob'" in rows[0].prompt[0].content
    assert report["remarks"] == {"kept: gold gives no row": 1}


@pytest.mark.parametrize("schema", ["CREATE TABLE", "ATTACH 'x.db' AS x; CREATE TABLE x.a (b)", "SELECT 1"])
def test_a_schema_that_is_none_is_dropped(schema, making, write_lines, tmp_path):
    rows = [{"question": "Who?", "context": one, "answer": "SELECT name FROM head"} for one in (schema, SCHEMA)]

    report, _ = prepared(write_lines(*rows), tmp_path / "out", making)

    assert report["dropped"]["no database"]["count"] == 1
    assert not (tmp_path / "x.db").exists()


def test_parts_share_no_database(making, write_lines, tmp_path):
    rows = [
        {
            "question": f"How many {name}{number}?",
            "context": f"CREATE TABLE {name} (a)",
            "answer": f"SELECT * FROM {name}",
        }
        for name in "bcdefghijk"
        for number in range(3)
    ]

    report, train = prepared(write_lines(*rows), tmp_path / "out", making, shares={"train": 0.8, "valid": 0.2})

    valid = list(read_training_rows(tmp_path / "out" / "valid.jsonl"))
    assert {row.about.db_id for row in train}.isdisjoint(row.about.db_id for row in valid)
    assert report["parts"] == {"train": {"rows": 24, "databases": 8}, "valid": {"rows": 6, "databases": 2}}


def test_what_is_stopped_goes_on_where_it_was(file, making, tmp_path):
    whole, rows = prepared(file, tmp_path / "whole", making)
    plan = Plan((file,), making, workers=1)

    def stop(_line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare_files(plan, tmp_path / "out", stop)
    journal = tmp_path / "out" / JOURNAL
    done = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(done[:3]) + done[3][:20])  # killed in the middle of a line

    report = prepare_files(plan, tmp_path / "out")

    assert (report["read"], report["kept"]) == (whole["read"], whole["kept"])
    assert list(read_training_rows(tmp_path / "out" / "train.jsonl")) == rows
    assert not journal.exists()


def test_other_data_is_not_mixed_in(file, making, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        prepare_files(Plan((file,), making, workers=1), tmp_path / "out", _interrupt)

    with pytest.raises(UsageError, match="with other options than these"):
        prepare_files(Plan((file,), replace(making, tasks="both"), workers=1), tmp_path / "out")


def _interrupt(_line):
    raise KeyboardInterrupt


def test_a_finished_folder_is_left_alone(file, making, tmp_path):
    prepared(file, tmp_path / "out", making)

    with pytest.raises(UsageError, match="holds finished data already"):
        prepared(file, tmp_path / "out", making)


def test_several_processes_make_the_same(making, write_lines, tmp_path):
    rows = [
        {
            "question": f"How many {number}?",
            "context": SCHEMA,
            "answer": f"SELECT count(*) FROM head WHERE age > {number}",
        }
        for number in range(1010)
    ]
    file = write_lines(*rows)

    report = prepare_files(Plan((file,), making, workers=2), tmp_path / "two")

    assert report["kept"] == 1010
    made = [row.about.question for row in read_training_rows(tmp_path / "two" / "train.jsonl")]
    assert made == [row["question"] for row in rows]


def test_what_leaks_is_reported_and_can_be_dropped(making, tiny, write_lines, tmp_path):
    evaluated = [("e1", "HOW many heads are there", "SELECT max(age) FROM pets", "pets"), ("e2", "x", "", "tiny")]
    schema = open_database(tiny).schema()
    leaks = index_evaluation(evaluated, lambda db_id: schema if db_id == "tiny" else None)
    file = write_lines(
        {"question": "How many heads are there?", "context": SCHEMA, "answer": "SELECT count(*) FROM head"},
        {"question": "Oldest?", "context": SCHEMA, "answer": "SELECT max(id) FROM head"},
        {"question": "Youngest?", "db_id": "Pets", "context": SCHEMA, "answer": "SELECT min(id), age FROM head"},
    )
    copied = write_lines(
        {"question": "Who?", "db_id": "copy", "database": str(tiny), "sql": "SELECT name, age FROM singer"},
        name="copied.jsonl",
    )
    making = replace(making, leaks=leaks)

    report, _ = prepared(file, tmp_path / "out", making, against="pets.json")
    found = {kind: [one[0] for one in leak["examples"]] for kind, leak in report["leaks"].items()}
    assert found == {"question": ["0"], "skeleton": ["1"], "schema": ["2"]}
    of_copy, _ = prepared(copied, tmp_path / "copy", making, against="pets.json")
    assert of_copy["leaks"]["schema"]["examples"][0][2] == "e2"

    strict, rows = prepared(file, tmp_path / "strict", replace(making, drop=frozenset({"leak"})))
    assert [row.about.question for row in rows] == ["Oldest?"]
    assert strict["dropped"]["it leaks from the evaluation set"]["count"] == 2


def test_a_run_gives_its_right_answers_and_the_golds_of_the_others(making, tiny, write_lines, tmp_path):
    gold = "SELECT name FROM singer WHERE country = 'France'"
    row = {"database": str(tiny), "sql": gold}
    questions = write_lines(
        {**row, "question_id": "q1", "question": "Singers from France"},
        {**row, "question_id": "q2", "question": "French singers"},
    )
    own = "SELECT name FROM singer WHERE country LIKE 'France'"
    plan = RunPlan(
        Settings(), graph="direct", sql_model=ScriptedModel(own, "SELECT title FROM concert"),
        source={"questions": str(questions)},
    )  # fmt: skip
    run_benchmark(open_benchmark(questions), tmp_path / "run", plan)

    _, rows = prepared(tmp_path / "run", tmp_path / "out", making)

    assert sorted(row.completion for row in rows) == sorted([own, gold])
    with pytest.raises(UsageError, match="no questions file"):
        prepared(tmp_path / "run", tmp_path / "other", making, given=QuestionsOf(questions=tmp_path / "none.json"))


def test_rows_without_a_report_can_be_counted(file, making, tmp_path):
    report, _ = prepared(file, tmp_path / "out", making)

    found = report_on_rows([tmp_path / "out" / "train.jsonl"], "", lambda _line: None)

    assert found["tokens"] == report["tokens"]
    assert found["rows"] == report["rows"]


def test_the_command_writes_every_format(file, tmp_path, capsys):
    pytest.importorskip("datasets")
    out = tmp_path / "out"

    assert main(["data", "prepare", "--from", str(file), "--out", str(out), "--format", "parquet"]) == 0

    assert "6 questions read, 2 kept" in capsys.readouterr().out
    import datasets

    kept = datasets.Dataset.from_parquet(str(out / "train.parquet"), cache_dir=str(tmp_path / "cache"))
    assert kept[0]["completion"] == [{"role": "assistant", "content": "SELECT count(*) FROM head"}]
    assert main(["data", "report", str(out)]) == 0
    assert "## Tokens" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--split", "train"], "cannot be read at"),
        (["--noise", "3-1"], "no number of tables"),
        (["--drop", "none", "--drop", "empty"], "cannot stand beside"),
        (["--graph", "nowhere"], "nowhere"),
        (["--against", "nowhere.json"], "nowhere.json"),
        (["--tokenizer", "."], "has no tokenizer.json"),
    ],
)
def test_wrong_options_are_refused(arguments, said, file, tmp_path, capsys):
    assert main(["data", "prepare", "--from", str(file), "--out", str(tmp_path / "out"), *arguments]) == 2

    assert said in capsys.readouterr().err
    assert not (tmp_path / "out" / REPORT).exists()


GRETEL = {
    "domain": "public health",
    "domain_description": "Wards, beds and staff of hospitals.",
    "sql_complexity": "aggregation",
    "sql_complexity_description": "aggregation functions and HAVING",
    "sql_task_type": "analytics and reporting",
    "sql_task_type_description": "reports and dashboards",
    "sql_explanation": "It sums the beds.",
    "sql_context": "CREATE TABLE Wards (State VARCHAR(50), Beds INT); "
    "INSERT INTO Wards (State, Beds) VALUES ('Ohio; north', 100), ('Utah', 85);",
}


def test_a_file_of_gretel_goes_through_and_what_writes_is_dropped(making, write_lines, tmp_path):
    asked = {
        "Beds of each state?": "SELECT State, SUM(Beds) FROM Wards GROUP BY State;",
        "Add a ward": "INSERT INTO Wards (State, Beds) VALUES ('Iowa', 1);",
        "More beds": "UPDATE Wards SET Beds = Beds + 1;",
        "Close wards": "DELETE FROM Wards WHERE Beds = 0; SELECT * FROM Wards;",
        "A view": "CREATE VIEW big AS SELECT * FROM Wards;",
        "Last month?": "SELECT COUNT(*) FROM Wards WHERE Beds > NOW() - INTERVAL '1 month';",
    }
    rows = [{**GRETEL, "id": 100 + at, "sql_prompt": text, "sql": asked[text]} for at, text in enumerate(asked)]
    rows.append(
        {**GRETEL, "id": 200, "sql_prompt": "Kinds?", "sql": "SELECT 1", "sql_context": "CREATE TABLE w (k ENUM('a'))"}
    )
    file = write_lines(*rows, name="gretel.jsonl")

    report, kept = prepared(file, tmp_path / "out", replace(making, drop=frozenset({"failing"})))
    careless, _ = prepared(file, tmp_path / "careless", replace(making, drop=frozenset()))

    (row,) = kept
    assert (row.completion, row.about.hardness, row.about.question_id) == (
        "SELECT State, SUM(Beds) FROM Wards GROUP BY State", "aggregation", "100",
    )  # fmt: skip
    assert "'Ohio; north'" in row.prompt[-1].content + row.prompt[0].content
    counts = {reason: one["count"] for reason, one in report["dropped"].items()}
    assert counts == {"its gold is more than a query that reads": 4, "its gold fails": 1, "no database": 1}
    assert careless["dropped"]["its gold is more than a query that reads"]["count"] == 4
    assert "- 4: its gold is more than a query that reads\n  - `101` Add a ward INSERT INTO" in as_markdown(report)


def test_a_file_of_sql_create_context_goes_through(making, tmp_path):
    context = 'CREATE TABLE table_name_11 (score VARCHAR, place INTEGER, "no_in_series" VARCHAR, inserted VARCHAR)'
    rows = [
        {
            "question": "What score has T2 ?",
            "context": context,
            "answer": 'SELECT score FROM table_name_11 WHERE place = "t2"',
        },
        {"question": "Add T3", "context": context, "answer": "INSERT INTO table_name_11 VALUES ('x', 1, '', '')"},
    ]
    file = tmp_path / "sql_create_context_v4.json"
    file.write_text(json.dumps(rows))

    report, (row,) = prepared(file, tmp_path / "out", replace(making, drop=frozenset({"failing", "empty"})))

    assert row.completion == "SELECT score FROM table_name_11 WHERE place = 't2'"
    assert report["dropped"]["its gold is more than a query that reads"]["count"] == 1
