"""What the accuracy benchmark is made of: recorded completions, lines that can be gone on with, tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from accuracy import Measurement
from harness.details import append_row, read_rows
from harness.examples import leak_report, literals_in_single_quotes
from harness.recorder import TALLY, RecordedAgent, Recording, RecordingEndpoint, Tally, replayed_calls
from harness.summary import graph_summary, paired_test, tables
from ladder import ABLATIONS, LADDER, graph_named
from langchain_core.language_models import FakeListChatModel

from agentsql.evaluation.questions import Benchmark, Question, Verdict
from agentsql.evaluation.records import Record, StepRecord
from agentsql.evaluation.score import Evaluation, Scored
from agentsql.graph.check import check_graph
from agentsql.models.spec import open_endpoint
from agentsql.retrieval.example import Example
from agentsql.runs.asking import ask_question
from agentsql.settings import ExamplesSettings
from agentsql.testing import ScriptedModel, check_model
from agentsql.types import Message

ASKED = (Message("user", "How many?"),)


@pytest.fixture
def tally() -> Tally:
    fresh = Tally()
    TALLY.set(fresh)
    return fresh


async def test_a_greedy_reply_is_asked_for_once_and_then_replayed_from_the_file(tmp_path: Path, tally: Tally) -> None:
    model = ScriptedModel("one", "two")
    first = await RecordingEndpoint(model, Recording(tmp_path / "r.sqlite")).complete(ASKED, n=1)
    again = await RecordingEndpoint(model, Recording(tmp_path / "r.sqlite")).complete(ASKED, deadline_s=1.0)
    assert first == again
    assert first[0].usage.calls == 1
    assert len(model.asked) == 1
    assert [one is None for one in tally.calls] == [True, False]


@pytest.mark.parametrize("options", [{"n": 2}, {"temperature": 0.5}, {"max_tokens": 9}, {"json_schema": {}}])
async def test_what_is_asked_with_other_options_is_asked_anew(tmp_path: Path, tally: Tally, options) -> None:
    model = ScriptedModel("one", "two", "three")
    endpoint = RecordingEndpoint(model, Recording(tmp_path / "r.sqlite"))
    await endpoint.complete(ASKED)
    await endpoint.complete(ASKED, **options)
    assert len(model.asked) == 2


async def test_the_second_sample_of_a_question_is_not_the_first_one_again(tmp_path: Path, tally: Tally) -> None:
    endpoint = RecordingEndpoint(ScriptedModel("one", "two"), Recording(tmp_path / "r.sqlite"))
    samples = [(await endpoint.complete(ASKED, temperature=0.7))[0].text for _ in range(2)]
    TALLY.set(Tally())
    assert samples == ["one", "two"]
    assert [(await endpoint.complete(ASKED, temperature=0.7))[0].text for _ in range(2)] == samples


async def test_a_recording_endpoint_keeps_the_contract(tmp_path: Path, tally: Tally) -> None:
    model = open_endpoint(FakeListChatModel(responses=["yes"]))
    await check_model(RecordingEndpoint(model, Recording(tmp_path / "r.sqlite")))


class SlowRecording(Recording):
    """A recording whose calls took five seconds each."""

    def add(self, key, model, completions, seconds):
        super().add(key, model, completions, 5.0)


async def test_a_replayed_call_counts_its_recorded_seconds_in_its_step_and_in_the_record(
    tiny: Path, tmp_path: Path
) -> None:
    recording = SlowRecording(tmp_path / "r.sqlite")
    question = Question("1", "tiny", "How many singers are there?", str(tiny), ("SELECT count(*) FROM singer",))
    endpoint = RecordingEndpoint(ScriptedModel("SELECT count(*) FROM singer"), recording)
    with RecordedAgent(tiny, sql_model=endpoint, graph=graph_named("direct", plain=True)) as agent:
        asked, again = [await ask_question(agent, question, deadline_s=60) for _ in range(2)]
    generate = next(step for step in again.steps if step.step == "generate")
    assert (asked.sql, asked.calls, replayed_calls(asked)) == (again.sql, 1, 0)
    assert (again.calls, replayed_calls(again), generate.notes) == (1, 1, ("replayed, 5.00 s when recorded",))
    assert asked.seconds < 5 <= again.seconds
    assert generate.seconds >= 5


def test_a_measurement_is_a_run_that_goes_on_and_whose_calls_another_graph_is_given_back(
    tiny: Path, tmp_path: Path
) -> None:
    question = Question("1", "tiny", "How many singers are there?", str(tiny), ("SELECT count(*) FROM singer",))
    benchmark = Benchmark("spider", (question,), lambda one, sql: Verdict(sql in one.golds, True))
    model = ScriptedModel("SELECT count(*) FROM singer")
    measurement = Measurement(benchmark, tmp_path / "runs", Recording(tmp_path / "r.sqlite"), model)
    spec = graph_named("direct", plain=True)
    found = [measurement.evaluation_of(name, spec, ExamplesSettings()) for name in ("direct", "direct", "again")]
    assert len(model.asked) == 1
    assert [graph_summary(one)["replayed"] for one in found] == ["0 %", "0 %", "100 %"]
    assert [one.scored[0].right for one in found] == [True] * 3
    assert {path.name for path in (tmp_path / "runs" / "again").iterdir()} >= {"run.json", "evaluation.json"}


def _row(question_id: str, graph: str, *, suite: bool) -> dict[str, Any]:
    about = {"benchmark": "spider", "graph": graph, "model": "m", "chat_model": "", "question_id": question_id}
    return {**about, "correct": True, "suite": suite}


def test_a_line_that_a_kill_cut_off_costs_itself_alone_and_the_last_of_a_question_counts(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    append_row(path, _row("1", "direct", suite=False))
    with path.open("a") as file:
        file.write(json.dumps(_row("2", "direct", suite=True))[:40])
    append_row(path, _row("3", "direct", suite=True))
    append_row(path, _row("1", "direct", suite=True))
    assert [(row["question_id"], row["suite"]) for row in read_rows([path])] == [("1", True), ("3", True)]


def test_two_systems_are_compared_on_the_questions_that_both_answered() -> None:
    direct = [_row("1", "direct", suite=False), _row("2", "direct", suite=True), _row("3", "direct", suite=True)]
    default = [_row("1", "default", suite=True), _row("2", "default", suite=False), _row("9", "default", suite=True)]
    assert paired_test(default, direct) == (2, 1, 1, 1.0)


def _scored(question_id: str, *, suite: bool, **changes: Any) -> Scored:
    steps = (
        StepRecord("generate", 1.0, calls=1, notes=("replayed, 1.00 s when recorded", "2 tables left out")),
        StepRecord("answer", 0.5, calls=1),
    )
    known = {"calls": 2, "prompt_tokens": 10, "completion_tokens": 5, "seconds": 1.5, "steps": steps}
    confidence = 0.9 if suite else 0.2
    record = Record(question_id, "tiny", "How many?", "SELECT 1", confidence=confidence, **{**known, **changes})
    question = Question(question_id, "tiny", "How many?", golds=("SELECT 1",), hardness="easy")
    verdict = Verdict(True, True, suite, suite)
    return Scored(record, question, verdict, category="" if suite else "wrong column")


def _evaluation(name: str, *scored: Scored, sql: str = "m", codes: str = "c") -> Evaluation:
    sessions = [{"code": code} for code in codes]
    run = {"benchmark": "spider", "models": {"sql": sql, "chat": sql}, "sessions": sessions}
    return Evaluation(name, "spider", scored, run)


def test_the_summary_of_a_graph_gives_right_answers_and_their_cost() -> None:
    failed = _scored("2", suite=False, status="failed", seconds=2.5)
    assert graph_summary(_evaluation("direct", _scored("1", suite=True), failed)) == {
        "graph": "direct",
        "one database": "2/2 100.0 % [34.2, 100.0]",
        "test suite": "1/2 50.0 % [9.5, 90.5]",
        "suite, DISTINCT counts": "1/2 50.0 % [9.5, 90.5]",
        "no answer": "50.0 %",
        "calls": "2.00",
        "of these to word": "1.00",
        "prompt tokens": "10",
        "completion tokens": "5",
        "mean s": "2.00",
        "p95 s": "2.50",
        "replayed": "50 %",
    }


def test_the_tables_hold_graphs_pairs_hardness_reasons_and_confidence() -> None:
    direct = _evaluation("direct", *(_scored(str(n), suite=n > 1) for n in range(4)))
    default = _evaluation("default", *(_scored(str(n), suite=n > 0) for n in range(1, 4)), codes="cd")
    text = tables([direct, default])
    assert "| default | direct | 3 | 1 | 0 | +33.3 [0.0, 100.0] | 1 |" in text
    assert "| easy | 4 | 50.0% (15% to 85%) | 100.0% (44% to 100%) |" in text
    assert "| wrong column | 2 (100%) | 0 |" in text
    assert "| default | 0.8 to 0.9 | 3 | 0.90 | 100.0% |" in text
    assert "default was answered by 2 states of the code" in text


def test_runs_of_other_models_have_tables_of_their_own() -> None:
    ones = [_evaluation(name, _scored("1", suite=True), sql=sql) for name, sql in (("a", "m"), ("b", "n"))]
    text = tables(ones)
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## spider, m", "## spider, n"]
    assert "Paired" not in text


def test_literals_of_examples_are_in_single_quotes() -> None:
    sql = """SELECT name FROM t WHERE a = "O'Hara" AND `b` = 'x"y'"""
    assert literals_in_single_quotes(sql) == """SELECT name FROM t WHERE a = 'O''Hara' AND `b` = 'x"y'"""


def test_the_leak_report_counts_examples_of_evaluated_databases_and_evaluated_questions(tiny: Path) -> None:
    asked = [Question("1", "pets", "How many pets?", str(tiny), ("SELECT 1",))]
    store = [Example("Which?", "q", "Pets"), Example("how many  pets", "q", "dogs"), Example("What?", "q", "cats")]
    report = leak_report(store, ["pets"], asked)
    assert report.startswith("examples: 2 of 3 may be shown; kept out are 1 of the 1 evaluated databases; 1 of the")


@pytest.mark.parametrize("name", [*LADDER, *ABLATIONS])
def test_each_graph_that_is_compared_can_run(name: str) -> None:
    assert check_graph(graph_named(name, plain=True)) == []
