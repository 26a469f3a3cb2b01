"""`--approve`: a person decides on each query, at once or after the program was ended."""

from __future__ import annotations

import io
import sys

import pytest

from agentsql import SQLAgent
from agentsql.cli import session, show
from agentsql.cli.approve import decider
from agentsql.testing import ScriptedModel
from agentsql.types import ApprovalRequest, EditedSQL

COUNT = "SELECT count(*) FROM pets"
NAMES = "SELECT name FROM pets"
REQUEST = ApprovalRequest("How many?", COUNT, "sqlite", ("it counts \x1b[31mrows",))


@pytest.fixture
def scripted(monkeypatch, pets):
    """Gives a function that makes every command open an agent on the pets with these replies."""

    def _script(*replies) -> ScriptedModel:
        model = ScriptedModel(*replies)
        monkeypatch.setattr(session, "open_agent", lambda *_: SQLAgent(pets, sql_model=model, graph="direct"))
        monkeypatch.setattr(session, "warm_up", lambda *_: None)
        return model

    return _script


@pytest.mark.parametrize(
    ("typed", "decision"),
    [
        pytest.param("r\n", "run", id="run"),
        pytest.param("No\n", "refuse", id="refuse"),
        pytest.param(f"e\n{NAMES}\n", EditedSQL(NAMES), id="edit"),
        pytest.param("what\n\nrun\n", "run", id="asked again"),
        pytest.param("", "later", id="the end of the input"),
    ],
)
def test_a_decision_is_read_from_a_pipe(monkeypatch, capsys, typed, decision):
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert decider(show.make_console(), may_wait=True)(REQUEST) == decision
    assert capsys.readouterr().out.startswith(f"{COUNT}\nlook: it counts rows\n")


def test_where_a_question_cannot_wait_the_end_of_the_input_refuses(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert decider(show.make_console(stderr=True), may_wait=False)(REQUEST) == "refuse"


def test_ask_shows_the_query_beside_the_answer_and_runs_it(run, scripted):
    scripted(COUNT)
    ran = run("ask", "How many pets?", "--db", "pets", "--approve", "--format", "csv", stdin="r\n")
    assert (ran.code, ran.out) == (0, "count(*)\n2\n")
    assert ran.err.startswith(f"{COUNT}\n")


def test_ask_runs_what_a_person_wrote_and_refuses_what_they_refuse(run, scripted):
    scripted(COUNT)
    ran = run("ask", "How many pets?", "--db", "pets", "--approve", "--format", "csv", stdin=f"e\n{NAMES}\n")
    assert ran.out == "name\nRex\nAda\n"
    ran = run("ask", "How many pets?", "--db", "pets", "--approve", stdin="n\n")
    assert (ran.code, ran.out) == (1, "")
    assert "refused: Not answered: the query was not approved" in ran.err


def test_a_chat_offers_again_what_waited_when_it_was_ended(run, scripted):
    scripted(COUNT)
    ran = run("chat", "--db", "pets", "--approve", "--thread", "t", stdin="How many pets?\n")
    assert "waiting: The query waits for a person's decision" in ran.out
    ran = run("chat", "--db", "pets", "--thread", "t", stdin="r\n")
    assert ran.code == 0
    assert "this question waits for your decision: How many pets?" in ran.out
    assert "The result is 2." in ran.out
    assert run("chat", "--db", "pets", "--thread", "t").out == ""


def test_a_question_in_a_thread_offers_first_what_waits_there(run, scripted):
    asked = ("ask", "Which pets?", "--db", "pets", "--thread", "t", "--format", "csv")
    scripted(COUNT)
    assert run("ask", "How many pets?", "--db", "pets", "--approve", "--thread", "t").code == 1
    scripted(NAMES)
    left = run(*asked)
    assert (left.code, left.out) == (2, "")
    assert "this question waits for your decision: How many pets?" in left.err
    assert "the question was not asked: it would take the place of the one that waits in the thread 't'" in left.err
    ran = run(*asked, stdin="r\n")
    assert (ran.code, ran.out) == (0, "name\nRex\nAda\n")
    assert f"{COUNT}\n" in ran.err and "The result is 2." in ran.err
    assert "waits" not in run(*asked).err


def test_a_chat_asks_for_each_query_of_its_questions(run, scripted):
    scripted(COUNT, NAMES)
    ran = run("chat", "--db", "pets", "--approve", stdin="How many pets?\nr\nWhich pets?\nn\n")
    assert "The result is 2." in ran.out
    assert "refused: Not answered" in ran.out
    assert ran.code == 1
