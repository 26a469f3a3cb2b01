"""`agentsql trace` and `agentsql audit`, on traces and logs that an agent made."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from agentsql import SQLAgent
from agentsql.cli.timeline import show_timeline, spans_of, timeline
from agentsql.evaluation.records import TRACES, Record
from agentsql.observe.records import StepRecord
from agentsql.settings import ObserveSettings, Settings
from agentsql.testing import ScriptedModel, tiny_database

STEPS = (
    StepRecord("route", 0.1, started=0.0),
    StepRecord("link", 1.0, started=0.1),
    StepRecord("prune", 1.0, started=0.1),
    StepRecord("generate", 2.0, 1, 900, 20, ("0123456789ab",), started=1.1, models=("vllm:coder@http://gpu:8000/v1",)),
    StepRecord("execute", 0.5, started=3.1, error="BudgetSpentError"),
)
RECORD = Record("q1", "pets", "Which pets?", "SELECT name FROM pets", seconds=3.6, calls=1, steps=STEPS)


@pytest.fixture
def asked(tmp_path: Path) -> tuple[str, Path]:
    """The id of a question that was asked, and its audit log."""
    log = tmp_path / "audit.jsonl"
    settings = Settings(observe=ObserveSettings(audit=str(log)))
    model = ScriptedModel("SELECT count(*) FROM singer")
    database = tiny_database(tmp_path / "own.sqlite")
    with SQLAgent(database, sql_model=model, graph="direct", settings=settings) as agent:
        return agent.ask("How many singers are there?").question_id, log


def test_the_last_question_is_drawn(run, asked):
    ran = run("trace", "last")
    assert ran.code == 0
    assert "How many singers are there?" in ran.out
    assert asked[0] in ran.out
    for step in ("generate", "execute"):
        assert any(line.startswith(step) and ("█" in line or "▏" in line) for line in ran.out.splitlines())
    assert "SELECT count(*) FROM singer" in ran.out


def test_a_question_is_found_by_its_id_and_given_as_json(run, asked):
    ran = run("trace", asked[0], "--json")
    found = json.loads(ran.out)
    assert (found["question_id"], found["status"]) == (asked[0], "answered")
    assert found["asked_at"]


def test_a_question_of_a_run_is_chosen_by_its_id(run, tmp_path):
    path = tmp_path / TRACES
    path.write_text("".join(Record(f"q{n}", "pets", f"Question {n}?", "SELECT 1").to_json() + "\n" for n in range(3)))
    assert "Question 2?" in run("trace", str(tmp_path), "--question", "q2").out
    ran = run("trace", str(path))
    assert ran.code == 2
    assert "--question" in ran.err and "q0" in ran.err


@pytest.mark.parametrize(
    ("content", "said"), [("not JSON", "is no trace"), ("[1]", "is no trace"), ('{"question": 1}', "is no trace")]
)
def test_a_file_that_is_no_trace_is_named(run, tmp_path, content, said):
    path = tmp_path / "trace.json"
    path.write_text(content)
    ran = run("trace", str(path))
    assert (ran.code, said in ran.err) == (2, True)


def test_it_says_what_to_do_where_nothing_was_asked(run):
    ran = run("trace")
    assert ran.code == 2
    assert "ask a question first" in ran.err


def test_steps_at_the_same_time_stand_side_by_side():
    assert [span.beside for span in spans_of(STEPS)] == [False, True, True, False, False]
    lines = [line.plain for line in timeline(spans_of(STEPS), 120)]
    link, prune = lines[1], lines[2]
    assert "∥" in link and "∥" in prune
    assert [link.index("█"), link.count("█")] == [prune.index("█"), prune.count("█")]


def test_records_without_times_are_drawn_one_behind_the_other():
    old = [StepRecord("link", 1.0), StepRecord("generate", 2.0)]
    assert [(span.begin, span.end) for span in spans_of(old)] == [(0.0, 1.0), (1.0, 3.0)]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_it_fits_every_terminal(width):
    lines = [line.plain for line in timeline(spans_of(STEPS), width)]
    assert max(map(len, lines)) <= width
    generate = next(line for line in lines if line.startswith("generate"))
    assert ("900 + 20 tokens" in generate, "coder" in generate) == (width >= 60, width >= 80)


def test_a_terminal_gets_colours_and_a_pipe_none():
    for is_terminal in (True, False):
        out = io.StringIO()
        show_timeline(Console(file=out, force_terminal=is_terminal, width=80), RECORD, {})
        assert ("\x1b[" in out.getvalue()) is is_terminal


def test_an_audit_log_is_found_whole_and_its_head_is_an_anchor(run, asked):
    ran = run("audit", "verify", str(asked[1]))
    assert (ran.code, "whole, 5 entries" in ran.out) == (0, True)
    head = ran.out.split("head ")[1].split()[0]
    assert "the anchor is line 5" in run("audit", "verify", str(asked[1]), "--anchor", head).out


def test_a_changed_audit_log_is_broken_where_it_was_changed(run, asked):
    _, log = asked
    log.write_text(log.read_text().replace("How many singers", "How many secrets"))
    ran = run("audit", "verify", str(log))
    assert ran.code == 7
    assert "line 3" in ran.err


def test_an_audit_log_that_is_not_there_is_an_error(run, tmp_path):
    assert run("audit", "verify", str(tmp_path / "none.jsonl")).code == 7
