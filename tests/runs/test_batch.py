"""Runs into a folder: killed and gone on with, refused where they differ, put together from shards."""

import csv
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agentsql import Settings
from agentsql.errors import ModelUnreachableError, UsageError
from agentsql.evaluation.records import TRACES, read_records
from agentsql.runs.batch import RunPlan, bounds_for, run_benchmark
from agentsql.runs.runner import Bounds
from agentsql.runs.shard import Shard
from agentsql.settings import AgentSettings, BudgetSettings, ExamplesSettings
from agentsql.testing import ScriptedModel

from .conftest import CountingModel, benchmark
from .killed import COUNT

KILLED = Path(__file__).with_name("killed.py")
FINAL = ("results.json", "predict.sql", "predict_dev.json")


def plan(**changes) -> RunPlan:
    return RunPlan(**{"graph": "direct", "sql_model": CountingModel(), "bounds": Bounds(concurrency=4), **changes})


def without_times(out: Path) -> list[dict[str, str]]:
    with (out / "results.csv").open(newline="") as file:
        return [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]


def test_killed_again_and_again_it_ends_as_if_it_had_not_been(tmp_path):
    command = [sys.executable, str(KILLED), str(tmp_path)]
    run_benchmark(benchmark(tmp_path, COUNT), tmp_path / "whole", plan())
    rng = random.Random(3)
    out, kills = tmp_path / "killed", 0
    for most in (4, 29, 44, COUNT):
        with subprocess.Popen([*command, str(out), "0.02"], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for done in process.stdout:
                if int(done) >= most < COUNT:
                    time.sleep(0.05 * rng.random())
                    process.kill()
        kills += process.returncode == -signal.SIGKILL
    assert (process.returncode, kills) == (0, 3)
    for name in FINAL:
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert without_times(out) == without_times(tmp_path / "whole")
    assert [one.question_id for one in read_records(out / TRACES)] == [f"q{number}" for number in range(COUNT)]
    assert len(json.loads((out / "run.json").read_text())["sessions"]) == kills + 1


def test_a_run_says_how_far_it_is(make_benchmark, tmp_path):
    seen = []
    ended = run_benchmark(make_benchmark(12), tmp_path / "run", plan(), report=seen.append)
    assert [one.done for one in seen] == sorted({one.done for one in seen})
    assert (seen[0].done, seen[-1].done, ended.total, ended.right, ended.judged) == (0, 12, 12, 9, 12)
    assert ended.accuracy == 0.75


def test_nothing_is_asked_twice(make_benchmark, tmp_path):
    run_benchmark(make_benchmark(6), tmp_path / "run", plan())
    silent = ScriptedModel(name="scripted")
    ended = run_benchmark(make_benchmark(6), tmp_path / "run", plan(sql_model=silent), resume=True)
    assert (ended.done, ended.errors, silent.asked) == (6, 0, [])


def test_a_dead_model_leaves_a_run_that_can_be_gone_on_with(make_benchmark, tmp_path):
    down = [ModelUnreachableError(f"nothing listens ({number})") for number in range(2)]
    dying = ScriptedModel("SELECT 1", *down)
    bounds = Bounds(concurrency=1, databases=1, unreachable=2)
    with pytest.raises(ModelUnreachableError, match=r"3 of 6 questions are in .* --resume"):
        run_benchmark(make_benchmark(6), tmp_path / "run", plan(sql_model=dying, bounds=bounds))
    ended = run_benchmark(make_benchmark(6), tmp_path / "run", plan(), resume=True)
    assert (ended.done, ended.errors) == (6, 0)


CHANGES = {
    "graph.name": {"graph": "vote"},
    "models.sql": {"sql_model": ScriptedModel("SELECT 1", name="other")},
    "models.chat": {"chat_model": ScriptedModel("SELECT 1", name="other")},
    "settings.budget.calls": {"settings": Settings(budget=BudgetSettings(calls=40))},
    "questions.count": {"limit": 3},
    "questions.shard": {"shard": Shard(1, 2)},
}


@pytest.mark.parametrize("part", CHANGES)
def test_a_changed_run_is_refused_in_the_same_folder(make_benchmark, tmp_path, part):
    run_benchmark(make_benchmark(6), tmp_path / "run", plan())
    with pytest.raises(UsageError, match=f"{part} was "):
        run_benchmark(make_benchmark(6), tmp_path / "run", plan(**CHANGES[part]), resume=True)


def test_changed_questions_are_refused_in_the_same_folder(make_benchmark, tmp_path):
    run_benchmark(make_benchmark(6, 3), tmp_path / "run", plan())
    with pytest.raises(UsageError, match=r"questions\.sha256 was "):
        run_benchmark(make_benchmark(6, 2), tmp_path / "run", plan(), resume=True)


def test_a_changed_prompt_is_refused_in_the_same_folder(make_benchmark, tmp_path, monkeypatch):
    run_benchmark(make_benchmark(6), tmp_path / "run", plan())
    monkeypatch.setattr("agentsql.runs.manifest.prompts_hash", lambda: "another")
    with pytest.raises(UsageError, match=r"prompts\.sha256 was .*, is 'another'"):
        run_benchmark(make_benchmark(6), tmp_path / "run", plan(), resume=True)


def test_shards_are_put_together_and_what_is_missing_is_asked(make_benchmark, tmp_path):
    whole = make_benchmark(12)
    run_benchmark(whole, tmp_path / "whole", plan())
    for number in (1, 3):
        run_benchmark(whole, tmp_path / f"{number}", plan(shard=Shard(number, 3)))
    model = CountingModel()
    merge = [tmp_path / "1", tmp_path / "3"]
    run_benchmark(whole, tmp_path / "merged", plan(sql_model=model), merge=merge)
    assert len(model.asked) == 4
    for name in FINAL:
        assert (tmp_path / "merged" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_shard_of_another_run_is_not_put_together(make_benchmark, tmp_path):
    run_benchmark(make_benchmark(12), tmp_path / "1", plan(shard=Shard(1, 2), graph="vote"))
    with pytest.raises(UsageError, match=r"not a shard of this one:\n  - graph\.name was 'vote', is 'direct'"):
        run_benchmark(make_benchmark(12), tmp_path / "merged", plan(), merge=[tmp_path / "1"])


def test_no_example_of_an_evaluated_database_is_shown(make_benchmark, tmp_path):
    seen = set()

    def open_with(question, settings):
        from agentsql import SQLAgent

        seen.add(settings.examples.exclude)
        return SQLAgent(question.database, sql_model=CountingModel(), graph="direct", settings=settings)

    settings = Settings(examples=ExamplesSettings(exclude="geo"))
    run_benchmark(make_benchmark(6), tmp_path / "run", plan(open_with=open_with, settings=settings))
    assert seen == {"geo,singers_0,singers_1,singers_2,this"}


def test_an_embedded_model_is_asked_two_questions_at_a_time():
    local = bounds_for(RunPlan(Settings(agent=AgentSettings(sql_model="local:qwen2.5-coder-0.5b"))))
    served = bounds_for(RunPlan(sql_model="vllm:m@http://host:8000/v1"))
    assert [(one.concurrency, one.in_order, one.deadline_s) for one in (local, served)] == [
        (2, True, 360.0),
        (32, False, 360.0),
    ]


def test_ctrl_c_leaves_a_run_that_can_be_gone_on_with(tmp_path):
    out = tmp_path / "run"
    command = [sys.executable, str(KILLED), str(tmp_path), str(out), "0.05"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        for done in process.stdout:
            if int(done) >= 4:
                process.send_signal(signal.SIGINT)
                break
        said = process.communicate()[1]
    assert (process.returncode, said.splitlines()[-1]) == (-signal.SIGINT, "KeyboardInterrupt")
    records = list(read_records(out / TRACES))
    assert 4 <= len(records) < COUNT
    assert len(json.loads((out / "results.json").read_text())) == len(records)
    told = json.loads((out / "run.json").read_text())
    assert (told["finished"], told["sessions"][0]["finished"] is None) == (None, False)
