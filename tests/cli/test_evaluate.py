"""`agentsql evaluate` on a small benchmark: runs, predictions, comparisons, exit codes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from agentsql.cli.main import main
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.records import Record, StepRecord
from agentsql.runs.manifest import questions_hash
from agentsql.runs.shard import part_of, read_shard

GOLDS = (
    "SELECT count(*) FROM pet",
    "SELECT name FROM pet WHERE age > 3",
    "SELECT max(age) FROM pet",
    "SELECT colour FROM pet",
)


@pytest.fixture
def questions(tmp_path):
    folder = tmp_path / "benchmark"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "pets.sqlite")) as connection:
        connection.executescript(
            "CREATE TABLE pet (id INTEGER, name TEXT, age INTEGER); INSERT INTO pet VALUES (1, 'Rex', 3), (2, 'Tom', 5)"
        )
    rows = [
        {"question_id": f"q{place}", "db_id": "pets", "question": "?", "evidence": "", "SQL": gold, "difficulty": level}
        for place, (gold, level) in enumerate(zip(GOLDS, ("easy", "hard", "easy", "easy"), strict=True))
    ]
    (folder / "dev.json").write_text(json.dumps(rows))
    return folder / "dev.json"


@pytest.fixture
def make_run(tmp_path, questions):
    """Write a run's folder with the answers given, in the order of the questions; None is one not answered yet."""

    def make(name: str, *answers: str | None, manifest: bool = True, limit: int = 4, shard: str = "1/1"):
        folder = tmp_path / name
        folder.mkdir()
        asked, steps = open_benchmark(questions).questions, (StepRecord("generate", 1.0),)
        records = [
            Record(one.id, one.db_id, one.text, sql, steps=steps, calls=2, prompt_tokens=1000, seconds=1.5)
            for one, sql in zip(asked, answers, strict=False)
            if sql is not None
        ]
        (folder / "traces.jsonl").write_text("".join(f"{one.to_json()}\n" for one in records))
        if manifest:
            part = part_of(asked[:limit], read_shard(shard))
            told = {"count": len(part), "sha256": questions_hash(part), "shard": shard}
            source = {"questions": str(questions), "databases": "", "benchmark": ""}
            (folder / "run.json").write_text(json.dumps({"benchmark": "feather", "questions": told, "source": source}))
        return folder

    return make


def lines_of(capsys) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_run_is_scored_into_its_folder(make_run, capsys):
    folder = make_run("today", GOLDS[0], "SELECT name FROM pet WHERE age > 4 OR id = 1", GOLDS[2], "SELECT 1")
    assert main(["evaluate", str(folder)]) == 0
    lines = lines_of(capsys)
    assert lines[0] == "today: 2 of 4 right, 50.0 % [15.0 %, 85.0 %]"
    assert [line.split()[:3] for line in lines if line.startswith(("easy", "hard "))] == [
        ["easy", "│", "2/3"],
        ["hard", "│", "0/1"],
    ]
    assert any(line.startswith("condition") and "generate 1" in line and "q1" in line for line in lines)
    assert "the gold of 1 question fails; none counts as right: q3" in lines
    assert "a question: 2.00 calls, 1,000 + 0 tokens, 1.50 s (median 1.50, 95 % within 1.50)" in lines
    assert {path.name for path in folder.iterdir()} >= {"evaluation.json", "report.md"}


def test_no_endpoint_is_opened_and_no_model_package_loaded(questions, tmp_path):
    (tmp_path / "predict.sql").write_text("\n".join(GOLDS))
    arguments = ["evaluate", "--predictions", str(tmp_path / "predict.sql"), "--questions", str(questions)]
    program = (
        "import sys; from agentsql.cli.main import main\n"
        f"code = main({arguments!r})\n"
        "print('LOADED', *sorted({'openai', 'langchain_openai', 'httpx2', 'torch', 'xllamacpp'} & set(sys.modules)))\n"
        "sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "LOADED"), done.stderr


def test_predictions_are_scored_beside_their_file_or_where_one_says(questions, tmp_path, capsys):
    (tmp_path / "theirs.csv").write_text(f"question_id,sql\nq0,{GOLDS[0]}\nq9,SELECT 9\n")
    out = tmp_path / "report"
    arguments = [
        "evaluate",
        "--predictions",
        str(tmp_path / "theirs.csv"),
        "--questions",
        str(questions),
        "--out",
        str(out),
    ]
    assert main(arguments) == 0
    shown = capsys.readouterr()
    assert "theirs: 1 of 4 right" in shown.out
    assert "3 questions without a prediction, counted as wrong" in shown.out
    assert "1 predictions are for no question of" in shown.err
    assert (out / "evaluation.json").is_file()


@pytest.mark.parametrize(("target", "code"), [("0.5", 0), ("0.51", 1)])
def test_too_low_an_accuracy_ends_with_1(target, code, make_run, capsys):
    folder = make_run("today", GOLDS[0], "SELECT 1", GOLDS[2], "SELECT 1")
    assert main(["evaluate", str(folder), "--fail-under", target]) == code
    assert ("below --fail-under 0.51" in capsys.readouterr().err) is bool(code)


def test_a_run_that_is_not_finished_has_its_missing_answers_counted(make_run, capsys):
    folder = make_run("stopped", GOLDS[0], None, GOLDS[2], limit=3)
    assert main(["evaluate", str(folder), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["accuracy"]["right"], told["accuracy"]["total"], told["missing"]) == (2, 3, 1)


def test_a_shard_is_scored_by_its_own_questions(make_run, capsys):
    folder = make_run("part", None, GOLDS[1], None, limit=3, shard="2/2")
    assert main(["evaluate", str(folder), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["accuracy"]["right"], told["accuracy"]["total"], told["missing"]) == (1, 2, 1)


def test_several_runs_are_reported_together(make_run, tmp_path, capsys):
    first, second = make_run("runs", GOLDS[0]), make_run("b", GOLDS[0], GOLDS[1])
    assert main(["evaluate", str(first), str(second), "--out", str(tmp_path / "out")]) == 0
    assert [line for line in lines_of(capsys) if " right, " in line] == [
        "runs: 1 of 4 right, 25.0 % [4.6 %, 69.9 %]",
        "b: 2 of 4 right, 50.0 % [15.0 %, 85.0 %]",
    ]
    written = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")}
    assert written >= {"runs/evaluation.json", "b/evaluation.json", "report.md"}


def test_a_folder_may_be_called_as_the_command_is(make_run, monkeypatch, tmp_path, capsys):
    make_run("runs", GOLDS[0])
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", "runs"]) == 0
    assert "runs: 1 of 4 right" in capsys.readouterr().out


def test_a_run_without_a_manifest_needs_its_questions_named(make_run, questions, capsys):
    folder = make_run("old", GOLDS[0], GOLDS[1], manifest=False)
    assert main(["evaluate", str(folder)]) == 2
    assert "does not say where its questions are" in capsys.readouterr().err
    assert main(["evaluate", str(folder), "--questions", str(questions)]) == 0
    assert "old: 2 of 2 right" in capsys.readouterr().out


def test_two_runs_are_held_against_each_other(make_run, capsys):
    first = make_run("a", GOLDS[0], "SELECT 1", "SELECT 1", "SELECT 1")
    second = make_run("b", "SELECT 7", GOLDS[1], GOLDS[2], "SELECT 1")
    assert main(["evaluate", "compare", str(first), str(second)]) == 0
    lines = lines_of(capsys)
    assert any(line.startswith("B minus A: +25.0 points") for line in lines)
    assert "gained 2, lost 1: McNemar p = 1 (the difference may be chance)" in lines
    assert "gained: q1, q2" in lines
    assert "lost: q0" in lines


@pytest.mark.parametrize(("target", "code"), [("-0.3", 0), ("-0.2", 1)])
def test_too_great_a_loss_ends_with_1(target, code, make_run):
    first, second = make_run("a", GOLDS[0], "SELECT 1"), make_run("b", "SELECT 7", "SELECT 1")
    assert main(["evaluate", "compare", str(first), str(second), "--fail-under", target]) == code


def test_a_comparison_reads_an_evaluation_that_is_there(make_run, questions, capsys):
    first, second = make_run("a", GOLDS[0]), make_run("b", GOLDS[0])
    assert main(["evaluate", str(first)]) == 0
    questions.unlink()  # the first needs nothing any more
    capsys.readouterr()
    assert main(["evaluate", "compare", str(first), str(first / "evaluation.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mcnemar_p"] == 1.0
    assert main(["evaluate", "compare", str(first), str(second)]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name folders of runs, or a file by --predictions"),
        (["nowhere"], "is no folder of a run: it has no traces.jsonl"),
        (["--predictions", "nowhere.sql"], "predictions need their questions"),
        (["--predictions", "nowhere.sql", "--questions", "x.json"], "there is no file of predictions"),
        (["run", "--metric", "r_vse"], "there is no metric 'r_vse'; did you mean 'r_ves'?"),
        (["compare", "nowhere", "nowhere"], "is no folder of a run"),
    ],
)
def test_what_cannot_be_evaluated_is_said_with_what_to_do(arguments, said, capsys):
    assert main(["evaluate", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_costs_are_priced_by_the_million(make_run, capsys):
    folder = make_run("today", GOLDS[0], GOLDS[1], GOLDS[2], "SELECT 1")
    assert main(["evaluate", str(folder), "--prompt-price", "250", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["costs"]["price"] == 1.0


def test_help_of_the_command_is_that_of_scoring_a_run(capsys):
    assert main(["evaluate", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Usage: agentsql evaluate [OPTIONS] [RUN_FOLDER]..." in shown
    assert "agentsql evaluate compare A B" in shown
