"""`agentsql run`: a benchmark's questions into a folder, with a scripted model behind a spec."""

import io
import json

import pytest
from rich.console import Console

from agentsql.cli.run_progress import RunProgress, clock_time, note
from agentsql.errors import ModelUnreachableError
from agentsql.runs.progress import Progress
from agentsql.testing import ScriptedModel, tiny_database

COUNT = "SELECT count(*) FROM singer"


@pytest.fixture
def questions(tmp_path, monkeypatch):
    """A questions file of five questions on two databases; `scripted:` is a model that counts singers."""
    for name in ("one", "two"):
        tiny_database(tmp_path / f"{name}.sqlite")
    rows = [
        {"id": f"q{number}", "db_id": "two" if number % 2 else "one", "question": "How many singers?", "query": query}
        for number, query in enumerate([COUNT, COUNT, "SELECT 5", COUNT, COUNT])
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    models = {"good": lambda: ScriptedModel(COUNT), "dead": _dead}
    monkeypatch.setattr("agentsql.models.spec._installed_opener", lambda kind: lambda rest, **_: models[rest]())
    return path


def _dead() -> ScriptedModel:
    return ScriptedModel(*(ModelUnreachableError("nothing listens") for _ in range(5)))


def test_a_run_ends_with_a_summary_and_the_next_command(run, questions, tmp_path):
    out = tmp_path / "run"
    ran = run("run", "--questions", str(questions), "--out", str(out), "--graph", "direct", "--sql-model", "x:good")
    assert (ran.code, ran.out) == (0, f"agentsql evaluate {out}\n")
    assert "5/5, 80.0% right" in ran.err
    assert "4 of 5 right on the database itself (80.0%)" in ran.err
    assert len((out / "results.csv").read_text().splitlines()) == 6
    told = json.loads((out / "run.json").read_text())
    assert (told["models"], told["graph"]["name"]) == ({"sql": "scripted", "chat": "scripted"}, "direct")


def test_a_second_run_needs_resume_and_then_asks_nothing(run, questions, tmp_path):
    command = ["run", "--questions", str(questions), "--out", str(tmp_path / "run"), "--graph", "direct"]
    run(*command, "--sql-model", "x:good")
    refused = run(*command, "--sql-model", "x:good")
    assert (refused.code, "--resume" in refused.err) == (2, True)
    again = run(*command, "--sql-model", "x:good", "--resume")
    assert (again.code, "5 questions, 0 of them now" in again.err) == (0, True)


def test_a_dead_model_ends_with_its_own_exit_code(run, questions, tmp_path):
    ran = run(
        "run", "--questions", str(questions), "--out", str(tmp_path / "run"), "--graph", "direct",
        "--sql-model", "x:dead", "--concurrency", "1",
    )  # fmt: skip
    assert ran.code == 5
    assert "5 questions in a row that could not reach their model" in ran.err
    assert "go on by --resume" in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--shard", "9/8"], "shard '9/8'"),
        (["--workers", "2"], "add --engine ray"),
        (["--graph", "nosuch"], "nosuch"),
        (["--sql-model", "nonsense"], "model spec 'nonsense'"),
    ],
)
def test_a_wrong_option_is_named_and_makes_no_folder(run, questions, tmp_path, options, said):
    ran = run("run", "--questions", str(questions), "--out", str(tmp_path / "run"), *options)
    assert (ran.code, said in ran.err, (tmp_path / "run").exists()) == (2, True, False)


def test_progress_is_a_line_every_so_often_where_there_is_no_terminal():
    now, text = 0.0, io.StringIO()
    with RunProgress(Console(file=text), "spider", clock=lambda: now) as progress:
        for second in range(40):
            now = float(second)
            progress.show(Progress(40, second, right=second, judged=second, a_minute=60.0))
    assert [line.partition(",")[0] for line in text.getvalue().splitlines()] == [
        "spider: 0/40",
        "spider: 15/40",
        "spider: 30/40",
    ]


def test_progress_is_a_bar_on_a_terminal():
    text = io.StringIO()
    with RunProgress(Console(file=text, force_terminal=True, width=120), "spider") as progress:
        progress.show(Progress(40, 10, right=8, judged=10, unanswered=1, errors=2, a_minute=60.0))
        progress.say("pets: 2 questions cannot be asked")
    assert "10/40\x1b[0m 80.0% right, 60 a minute, 30 s left, 1 unanswered, 2 errors" in text.getvalue()
    assert "pets: 2 questions cannot be asked" in text.getvalue()


def test_a_run_without_golds_says_nothing_of_accuracy():
    assert note(Progress(4, 1)) == "0 unanswered"


@pytest.mark.parametrize(("seconds", "text"), [(47.2, "47 s"), (754, "12:34"), (11100, "3:05:00")])
def test_times_are_short(seconds, text):
    assert clock_time(seconds) == text
