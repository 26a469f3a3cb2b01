"""Rows mined from runs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql.cli.main import main
from agentsql.data.journal import JOURNAL
from agentsql.data.lengths import open_counter
from agentsql.data.mine import Mining, likeness
from agentsql.data.mine_batch import mine_all, read_runs, with_samples
from agentsql.data.mine_report import KINDS, as_markdown
from agentsql.data.rows import read_preference_rows, read_training_rows
from agentsql.data.runs import QuestionsOf
from agentsql.data.sampling import SAMPLES, Sampling, read_written
from agentsql.errors import ModelUnreachableError, UsageError
from agentsql.evaluation.benchmarks import open_benchmark
from agentsql.evaluation.records import read_records
from agentsql.graph import load_graph
from agentsql.runs.batch import RunPlan, run_benchmark
from agentsql.settings import Settings
from agentsql.testing import ScriptedModel

GOLD = "SELECT name FROM singer WHERE country = 'France'"
RIGHT = "SELECT name FROM singer WHERE country LIKE 'France'"
WRONG = "SELECT name, age FROM singer WHERE country = 'France'"
FAR = "SELECT title FROM concert"
BROKEN = "SELECT nickname FROM singer WHERE country = 'France'"
EMPTY = "SELECT name FROM singer WHERE country = 'france'"


@pytest.fixture
def mining():
    return Mining(load_graph("vote"), Settings())


@pytest.fixture
def make_run(tiny, tmp_path, write_lines):
    """Give a function that lets a graph answer one question with these queries, and gives the run's folder."""

    def make(*replies, graph="vote", name="run"):
        questions = write_lines(
            {"question_id": "q1", "question": "Names of singers from France", "database": str(tiny), "sql": GOLD},
            name="questions.jsonl",
        )
        plan = RunPlan(graph=graph, sql_model=ScriptedModel(*replies), source={"questions": str(questions)})
        run_benchmark(open_benchmark(questions), tmp_path / name, plan)
        return tmp_path / name

    return make


def mined(runs, out, mining, **options):
    report = mine_all(read_runs(runs, QuestionsOf()), out, mining, **options)
    return report, list(read_preference_rows(out / "preferences.jsonl"))


def test_right_queries_are_preferred_to_wrong_ones_that_run_and_are_like_them(make_run, mining, tmp_path):
    run = make_run(WRONG, FAR, RIGHT, BROKEN, EMPTY, RIGHT)

    report, pairs = mined([run], tmp_path / "out", mining)

    # `mend` made the gold of one of them.
    assert {one.chosen for one in pairs} <= {RIGHT, GOLD}
    assert [one.rejected for one in pairs[:2]] == [EMPTY, WRONG]
    assert BROKEN not in [one.rejected for one in pairs[:2]]
    assert len(pairs) == 4
    assert report["rows"]["preferences"] == {"count": 4, "questions": 1}
    assert report["hard_negatives"] >= 3


def test_the_prompt_of_a_pair_is_the_one_that_the_run_sent(make_run, mining, tmp_path):
    run = make_run(WRONG, RIGHT)

    _, pairs = mined([run], tmp_path / "out", mining)

    (record,) = read_records(run / "traces.jsonl")
    sent = next(step.prompt_hashes for step in record.steps if step.step == "generate")
    text = "\x1e".join(f"{one.role}\x1f{one.content}" for one in pairs[0].prompt)
    assert hashlib.sha256(text.encode()).hexdigest()[:12] == sent[0]


def test_pairs_of_one_question_are_bounded(make_run, tmp_path):
    run = make_run(WRONG, FAR, RIGHT)

    report, pairs = mined([run], tmp_path / "out", Mining(load_graph("vote"), Settings(), pairs=1))

    assert [(one.chosen, one.rejected) for one in pairs] == [(RIGHT, WRONG)]
    assert report["remarks"] == {"more wrong queries than pairs are kept": 1}


def test_where_nothing_is_right_the_gold_is_preferred(make_run, mining, tmp_path):
    run = make_run(WRONG)

    report, pairs = mined([run], tmp_path / "out", mining)

    assert [(one.chosen, one.rejected) for one in pairs] == [(GOLD, WRONG)]
    assert report["remarks"] == {"no query is right: the gold is preferred": 1}


def test_where_nothing_is_wrong_there_is_no_pair(make_run, mining, tmp_path):
    run = make_run(RIGHT)

    report, pairs = mined([run], tmp_path / "out", mining)

    assert pairs == []
    assert report["remarks"] == {"no query is wrong": 1}


def test_a_correction_row_is_what_the_step_would_ask(make_run, mining, tmp_path):
    run = make_run(BROKEN, EMPTY, RIGHT)

    mined([run], tmp_path / "out", mining)

    rows = {
        one.prompt[-1].content.splitlines()[1]: one for one in read_training_rows(tmp_path / "out/corrections.jsonl")
    }
    broken, empty = rows[f"Query: {BROKEN}"], rows[f"Query: {EMPTY}"]
    assert "Error: " in broken.prompt[-1].content and "nickname" in broken.prompt[-1].content
    assert "is written 'France'" in empty.prompt[-1].content
    assert broken.completion == GOLD  # made by `mend`, and more like it than the other right one
    assert broken.about.task == "correct"


def test_a_selection_row_names_the_number_of_a_right_result(make_run, mining, tmp_path):
    run = make_run(WRONG, FAR, RIGHT)

    mined([run], tmp_path / "out", mining)

    (row,) = read_training_rows(tmp_path / "out/selections.jsonl")
    number = json.loads(row.completion)["choice"]
    assert f"{number}. {RIGHT}\n   gives 2 rows: name" in row.prompt[-1].content
    assert row.prompt[-1].content.startswith("Several queries were run")


def test_a_schema_row_names_what_the_gold_reads(make_run, mining, tmp_path):
    run = make_run(WRONG)

    mined([run], tmp_path / "out", mining)

    (row,) = read_training_rows(tmp_path / "out/schema.jsonl")
    assert json.loads(row.completion) == {"columns": ["singer.country", "singer.name"]}


def test_the_queries_of_two_runs_of_one_question_go_together(make_run, mining, tmp_path):
    runs = [make_run(WRONG, name="one"), make_run(RIGHT, name="two")]

    _, pairs = mined(runs, tmp_path / "out", mining)

    assert [(one.chosen, one.rejected) for one in pairs] == [(RIGHT, WRONG)]


def test_sampling_adds_queries_and_asks_nothing_twice(make_run, mining, tmp_path):
    written = read_runs([make_run(WRONG)], QuestionsOf())
    model = ScriptedModel(f"```sql\n{RIGHT}\n```", FAR)

    first = with_samples(written, tmp_path / "out", mining, model, Sampling(2))
    again = with_samples(written, tmp_path / "out", mining, ScriptedModel(), Sampling(2))

    assert first == again
    assert first[0].texts[-2:] == (RIGHT, FAR)
    assert model.options[0]["n"] == 2 and model.options[0]["temperature"] == 0.8


def test_a_model_that_fails_leaves_what_was_sampled(make_run, mining, tmp_path):
    written = read_runs([make_run(WRONG)], QuestionsOf())

    with pytest.raises(ModelUnreachableError):
        with_samples(written, tmp_path / "out", mining, ScriptedModel(ModelUnreachableError("gone")), Sampling(2))

    assert read_written(tmp_path / "out" / SAMPLES) == {}


@pytest.fixture
def long_run(tiny, tmp_path, write_lines):
    """The folder of a run of four questions."""
    rows = [
        {"question_id": f"q{number}", "question": f"Singer {number}?", "database": str(tiny), "sql": GOLD}
        for number in range(4)
    ]
    questions = write_lines(*rows, name="questions.jsonl")
    plan = RunPlan(graph="vote", sql_model=ScriptedModel(WRONG, RIGHT), source={"questions": str(questions)})
    run_benchmark(open_benchmark(questions), tmp_path / "run", plan)
    return tmp_path / "run"


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("half", ["", '{"db_id": "tin'], ids=["between lines", "within a line"])
def test_mining_that_is_stopped_goes_on_where_it_was(long_run, mining, tmp_path, half):
    mined([long_run], tmp_path / "whole", mining)
    mined_questions = []

    def stop(line):
        mined_questions.append(line)
        if line.startswith("2 of 4"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mined([long_run], tmp_path / "out", mining, say=stop)
    with (tmp_path / "out" / JOURNAL).open("a") as journal:
        journal.write(half)
    mined([long_run], tmp_path / "out", mining, say=mined_questions.append)

    assert [one.partition(" of")[0] for one in mined_questions] == ["1", "2", "3", "4"]
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_mining_that_is_stopped_at_its_very_end_is_finished(long_run, mining, tmp_path, monkeypatch):
    mined([long_run], tmp_path / "whole", mining)
    with monkeypatch.context() as killed:
        killed.setattr(Path, "unlink", lambda _self: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            mined([long_run], tmp_path / "out", mining)

    mined([long_run], tmp_path / "out", mining)

    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_mining_goes_on_with_the_same_questions_and_options_only(long_run, mining, tmp_path):
    def stop(_line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mined([long_run], tmp_path / "out", mining, say=stop)

    with pytest.raises(UsageError, match="with other options than these"):
        mined([long_run], tmp_path / "out", replace(mining, pairs=1))
    written = [replace(one, texts=()) for one in read_runs([long_run], QuestionsOf())]
    with pytest.raises(UsageError, match="with other questions or queries than these"):
        mine_all(written, tmp_path / "out", mining)


def test_what_a_model_cannot_do_when_sampling_is_in_the_report(make_run, mining, tmp_path):
    written = read_runs([make_run(WRONG)], QuestionsOf())

    class Plain(ScriptedModel):
        async def complete(self, messages, **options):
            completions = await super().complete(messages, **options)
            return tuple(replace(one, degraded=("top_k",)) for one in completions)

    model = Plain(RIGHT)
    found = with_samples(written, tmp_path / "out", mining, model, Sampling(1, top_k=20))
    report = mine_all(found, tmp_path / "out", mining)

    assert model.options[0]["top_k"] == 20
    assert report["remarks"] == {"sampled without top_k, which the model cannot do": 1}


def test_samples_of_other_settings_are_not_mixed(make_run, mining, tmp_path):
    written = read_runs([make_run(WRONG)], QuestionsOf())
    with_samples(written, tmp_path / "out", mining, ScriptedModel(RIGHT), Sampling(1))

    with pytest.raises(UsageError, match=r"samples.jsonl was begun .* with other sampling than these"):
        with_samples(written, tmp_path / "out", mining, ScriptedModel(), Sampling(1, top_k=20))
    with pytest.raises(UsageError, match="with other model than these"):
        with_samples(written, tmp_path / "out", mining, ScriptedModel(name="other"), Sampling(1))


def test_a_run_that_does_not_say_where_its_questions_are_is_told_so(make_run, mining, tmp_path):
    run = make_run(WRONG)
    manifest = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**manifest, "source": {}}))

    with pytest.raises(UsageError, match="name them by --questions"):
        read_runs([run], QuestionsOf())

    assert read_runs([run], QuestionsOf(tmp_path / "questions.jsonl"))


def test_the_report_says_what_there_is(make_run, mining, tmp_path):
    report, _ = mined([make_run(WRONG, RIGHT)], tmp_path / "out", mining)

    text = as_markdown(report)
    assert "| preferences | 1 | 1 |" in text
    assert open_counter().method in text
    assert all((tmp_path / "out" / f"{kind}.jsonl").exists() for kind in KINDS)
    with pytest.raises(UsageError, match="holds finished data already"):
        mined([tmp_path / "run"], tmp_path / "out", mining)


def test_likeness_is_of_words_not_of_letters():
    assert likeness("SELECT a FROM t", "select  a from t") == 1.0
    assert likeness("SELECT a FROM t", "SELECT b FROM t") == 0.75
    assert likeness("SELECT 'open", "SELECT 'open") == 1.0


def test_pairs_can_be_counted_again(make_run, mining, tmp_path, capsys):
    mined([make_run(WRONG, FAR, RIGHT)], tmp_path / "out", mining)

    assert main(["data", "report", str(tmp_path / "out" / "preferences.jsonl")]) == 0

    assert "| preferences | 2 rows, 1 databases |" in capsys.readouterr().out
