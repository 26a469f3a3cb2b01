"""What the accuracy benchmark is made of: recorded completions, details that can be gone on with, tables."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from harness.details import append_row, read_rows
from harness.examples import leak_report, literals_in_single_quotes
from harness.recorder import TALLY, Recording, RecordingEndpoint, Tally
from harness.summary import graph_summary, paired_test, tables
from ladder import ABLATIONS, LADDER, graph_named

from agentsql import SQLAgent
from agentsql.evaluation.questions import Question
from agentsql.graph.check import check_graph
from agentsql.retrieval.example import Example
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
    assert (len(model.asked), tally.asked, tally.replayed) == (1, 2, 1)


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
    await check_model(RecordingEndpoint(ScriptedModel("yes", '{"yes": "yes"}'), Recording(tmp_path / "r.sqlite")))


def test_the_tally_of_a_question_reaches_the_calls_that_an_agent_makes(tiny: Path, tmp_path: Path) -> None:
    tally = Tally()
    recording = Recording(tmp_path / "r.sqlite")
    endpoint = RecordingEndpoint(ScriptedModel("SELECT count(*) FROM singer"), recording)

    async def ask() -> None:
        TALLY.set(tally)
        await agent.aask("How many singers are there?")

    with SQLAgent(tiny, sql_model=endpoint, graph="direct") as agent:
        asyncio.run(ask())
        asyncio.run(ask())
    assert (tally.asked, tally.replayed) == (2, 1)


def _row(question_id: str, graph: str, *, suite: bool, **changes: Any) -> dict[str, Any]:
    row = {
        "benchmark": "spider", "graph": graph, "model": "m", "chat_model": "", "code": "c", "question_id": question_id,
        "hardness": "easy", "correct": True, "suite": suite, "suite_as_written": suite, "status": "answered",
        "confidence": 0.9 if suite else 0.2, "calls": 2, "prompt_tokens": 10, "completion_tokens": 5, "seconds": 1.5,
        "asked": 2, "replayed": 1, "steps": [{"step": "answer", "calls": 1}],
    }  # fmt: skip
    return row | changes


def test_a_line_that_a_kill_cut_off_costs_itself_alone_and_the_last_of_a_question_counts(tmp_path: Path) -> None:
    path = tmp_path / "details.jsonl"
    append_row(path, _row("1", "direct", suite=False))
    with path.open("a") as file:
        file.write(json.dumps(_row("2", "direct", suite=True))[:40])
    append_row(path, _row("3", "direct", suite=True))
    append_row(path, _row("1", "direct", suite=True))
    assert [(row["question_id"], row["suite"]) for row in read_rows([path])] == [("1", True), ("3", True)]


def test_a_pair_of_graphs_is_compared_on_the_questions_that_both_answered() -> None:
    direct = [_row("1", "direct", suite=False), _row("2", "direct", suite=True), _row("3", "direct", suite=True)]
    default = [_row("1", "default", suite=True), _row("2", "default", suite=False), _row("9", "default", suite=True)]
    assert paired_test(default, direct) == (2, 1, 1, 1.0)


def test_the_summary_of_a_graph_gives_right_answers_and_their_cost() -> None:
    rows = [_row("1", "direct", suite=True), _row("2", "direct", suite=False, status="failed", seconds=2.5)]
    assert graph_summary(rows) == {
        "graph": "direct",
        "one database": "2/2 100.0 % [34.2, 100.0]",
        "test suite": "1/2 50.0 % [9.5, 90.5]",
        "suite, DISTINCT counts": "1/2 50.0 %",
        "no answer": "50.0 %",
        "calls": "2.00",
        "of these to word": "1.00",
        "prompt tokens": "10",
        "completion tokens": "5",
        "mean s": "2.00",
        "p95 s": "2.50",
        "replayed": "50 %",
    }


def test_the_tables_hold_graphs_pairs_hardness_and_confidence() -> None:
    rows = [_row(str(n), graph, suite=n > 1, code=f"c{n}") for graph in ("direct", "default") for n in range(4)]
    text = tables(rows)
    assert "| default | direct | 4 | 0 | 0 | +0 | 1 |" in text
    assert "| direct | 2/4 |" in text
    assert "| 0.8-0.9 | 2 | 0.90 | 1.00 |" in text
    assert "answered by 4 states of the code" in text


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
