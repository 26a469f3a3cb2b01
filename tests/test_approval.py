"""A person's decision on each query before it runs: while the program waits, and after it was ended."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.errors import ModelUnreachableError, UsageError
from agentsql.testing import ScriptedModel
from agentsql.types import Answered, ApprovalNeeded, ApprovalRequest, Decision, EditedSQL, StepFinished

COUNT = "SELECT count(*) FROM singer"
OLDEST = "SELECT max(age) FROM singer"
NAMES = "SELECT name FROM singer"
QUESTION = "How many singers are there?"


class Person:
    """Decides each time as told, the last decision for ever, and keeps what was asked."""

    def __init__(self, *decisions: Decision) -> None:
        self.asked: list[ApprovalRequest] = []
        self._decisions = list(decisions)

    def __call__(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        return self._decisions.pop(0) if len(self._decisions) > 1 else self._decisions[0]


def sql_or_words(*queries: str) -> list[object]:
    """Replies of a model whose queries come in order and whose other replies are a sentence."""
    left = list(queries)

    def reply(messages) -> str:
        if "No SQL" in messages[-1].content:
            return "There are 4."
        return left.pop(0) if len(left) > 1 else left[0]

    return [reply]


@pytest.mark.parametrize("graph", ["default", "direct", "vote", "feather"])
@pytest.mark.parametrize("thread", [None, "t"])
def test_each_text_is_asked_for_once_and_runs_when_approved(make_agent, graph: str, thread: str | None) -> None:
    agent, _ = make_agent(*sql_or_words(COUNT, COUNT, NAMES), graph=graph)
    person = Person("run")
    answer = agent.ask(QUESTION, approve=person, thread_id=thread)
    assert answer.status == "answered"
    asked = [request.sql for request in person.asked]
    assert asked == list(dict.fromkeys(one.sql for one in answer.candidates if one.result))
    assert {(request.question, request.dialect) for request in person.asked} == {(QUESTION, "sqlite")}


@pytest.mark.parametrize("graph", ["default", "direct", "vote", "feather"])
@pytest.mark.parametrize("thread", [None, "t"])
def test_a_refusal_ends_the_question_and_nothing_is_run(make_agent, graph: str, thread: str | None) -> None:
    agent, _ = make_agent(*sql_or_words(COUNT, OLDEST, NAMES), graph=graph)
    person = Person("refuse")
    answer = agent.ask(QUESTION, approve=person, thread_id=thread)
    assert (answer.status, answer.sql, answer.rows) == ("refused", person.asked[0].sql, ())
    assert "not approved" in answer.text
    assert answer.error is not None
    assert answer.error.kind == "refused"
    assert [one.result for one in answer.candidates if one.result] == []
    assert len(person.asked) == 1
    if thread:
        assert agent.pending(thread) is None


@pytest.mark.parametrize("graph", ["default", "direct", "vote", "feather"])
def test_what_a_person_writes_is_the_answer_whatever_the_others_give(make_agent, graph: str) -> None:
    agent, _ = make_agent(*sql_or_words(COUNT), graph=graph)
    answer = agent.ask(QUESTION, approve=Person(EditedSQL(OLDEST)))
    assert (answer.status, answer.sql, answer.rows) == ("answered", OLDEST, ((52,),))
    assert [one.name for one in answer.candidates if one.result] == ["full-1.edit"]


def test_an_empty_result_of_a_persons_query_stands(make_agent) -> None:
    nobody = "SELECT name FROM singer WHERE age > 90"
    agent, model = make_agent(*sql_or_words(COUNT))
    answer = agent.ask(QUESTION, approve=Person(EditedSQL(nobody)))
    assert (answer.status, answer.sql, answer.rows) == ("answered", nobody, ())
    assert len(model.asked) == 1


def test_an_edited_write_is_refused_by_the_locks(make_agent, tiny: Path) -> None:
    before = tiny.read_bytes()
    agent, _ = make_agent(COUNT, graph="direct")
    answer = agent.ask(QUESTION, approve=Person(EditedSQL("DELETE FROM singer")))
    assert answer.status == "refused"
    assert tiny.read_bytes() == before


def test_what_speaks_against_a_query_is_said(make_agent) -> None:
    agent, _ = make_agent(*sql_or_words("SELECT count(*) FROM singer JOIN concert"), graph="vote")
    person = Person("run")
    agent.ask(QUESTION, approve=person)
    assert person.asked[0].findings


def test_a_question_that_waits_is_gone_on_with_after_the_program_ended(tiny: Path) -> None:
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT)) as agent:
        waiting = agent.ask(QUESTION, approve=Person("later"), thread_id="t")
        assert (waiting.status, waiting.sql, waiting.rows) == ("waiting", COUNT, ())
    model = ScriptedModel("There are 4.", "SELECT x", OLDEST, "52.")
    with SQLAgent(tiny, sql_model=model) as agent:
        assert agent.pending("t") == ApprovalRequest(QUESTION, COUNT, "sqlite")
        assert agent.pending("another") is None
        answer = agent.resume("t", "run")
        assert (answer.status, answer.rows, answer.text) == ("answered", ((4,),), "There are 4.")
        assert answer.usage.calls == 2
        assert [event.step for event in answer.trace][-3:] == ["execute", "select", "answer"]
        assert agent.pending("t") is None
        agent.ask("And the greatest age?", thread_id="t")
    assert f"Question: {QUESTION}" in [message.content for message in model.asked[1]]


def test_a_second_query_of_a_question_waits_in_its_turn(tiny: Path) -> None:
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT, OLDEST, NAMES), graph="vote") as agent:
        assert agent.ask(QUESTION, approve=Person("later"), thread_id="t").sql == COUNT
    with SQLAgent(tiny, sql_model=ScriptedModel("There are 4."), graph="vote") as agent:
        second = agent.resume("t", "run")
        assert (second.status, second.sql) == ("waiting", OLDEST)
        assert agent.resume("t", "later").sql == OLDEST
        assert agent.resume("t", EditedSQL(COUNT)).rows == ((4,),)
        with pytest.raises(UsageError, match="no query waits"):
            agent.resume("t", "run")


async def test_a_question_that_waits_is_gone_on_with_from_any_loop_and_as_a_stream(tiny: Path) -> None:
    for thread in ("a", "b", "c"):
        with SQLAgent(tiny, sql_model=ScriptedModel(COUNT, OLDEST, NAMES), graph="vote") as agent:
            agent.ask(QUESTION, approve=Person("later"), thread_id=thread)
    with SQLAgent(tiny, sql_model=ScriptedModel("There are 4."), graph="vote") as agent:
        request = ApprovalRequest(QUESTION, COUNT, "sqlite")
        assert [await agent.apending(thread) for thread in ("a", "none")] == [request, None]
        assert (await agent.aresume("a", "run")).sql == OLDEST
    loops: list[asyncio.AbstractEventLoop] = []

    async def approve(_request: ApprovalRequest) -> Decision:
        loops.append(asyncio.get_running_loop())
        return "run"

    with SQLAgent(tiny, sql_model=ScriptedModel("There are 4."), graph="vote") as agent:
        answers = [await agent.aresume("a", "run", approve=approve)]
        events = [event async for event in agent.astream_resumed("b", "run", approve=approve)]
        synchronous = list(agent.stream_resumed("c", "run", approve=Person("run")))
        with pytest.raises(UsageError, match="no query waits"):
            [event async for event in agent.astream_resumed("b", "run")]
    answers += [events[-1].answer, synchronous[-1].answer]
    assert [(one.status, one.question, one.sql) for one in answers] == [("answered", QUESTION, NAMES)] * 3
    assert set(loops) == {asyncio.get_running_loop()}
    asked = [event.request.sql for event in events if isinstance(event, ApprovalNeeded)]
    assert asked[0] == OLDEST and [type(one) for one in synchronous] == [type(one) for one in events]


def test_a_process_that_is_killed_while_a_person_decides_leaves_the_question_waiting(tiny: Path) -> None:
    killed = (
        "import os, sys\nfrom agentsql import SQLAgent\nfrom agentsql.testing import ScriptedModel\n"
        f"agent = SQLAgent(sys.argv[1], sql_model=ScriptedModel({COUNT!r}))\n"
        f"agent.ask({QUESTION!r}, approve=lambda request: os.kill(os.getpid(), 9), thread_id='t')"
    )
    assert subprocess.run([sys.executable, "-c", killed, str(tiny)], check=False).returncode == -9
    with SQLAgent(tiny, sql_model=ScriptedModel("There are 4.")) as agent:
        assert agent.pending("t") == ApprovalRequest(QUESTION, COUNT, "sqlite")
        assert agent.resume("t", "refuse").status == "refused"
        assert agent.pending("t") is None


def test_a_new_question_takes_the_place_of_the_one_that_waits(make_agent) -> None:
    agent, _ = make_agent(COUNT, OLDEST, "The greatest age is 52.")
    agent.ask(QUESTION, approve=Person("later"), thread_id="t")
    answer = agent.ask("What is the greatest age?", thread_id="t")
    assert (answer.status, answer.rows, len(answer.candidates)) == ("answered", ((52,),), 1)
    assert agent.pending("t") is None


async def test_an_async_callback_is_awaited_in_its_callers_loop(make_agent) -> None:
    agent, _ = make_agent(*sql_or_words(COUNT))
    loops = []

    async def approve(_request: ApprovalRequest) -> Decision:
        await asyncio.sleep(0)
        loops.append(asyncio.get_running_loop())
        return "run"

    assert (await agent.aask(QUESTION, approve=approve)).rows == ((4,),)
    assert loops == [asyncio.get_running_loop()]
    assert (await asyncio.to_thread(agent.ask, QUESTION, approve=approve)).rows == ((4,),)
    assert loops[1] is not asyncio.get_running_loop()


async def test_a_stream_tells_what_waits_before_it_is_decided(make_agent) -> None:
    agent, _ = make_agent(*sql_or_words(COUNT))
    events = [event async for event in agent.astream(QUESTION, approve=Person("run"))]
    assert [event.request.sql for event in events if isinstance(event, ApprovalNeeded)] == [COUNT]
    kinds = [type(event) for event in events]
    steps = [event.event.step for event in events if isinstance(event, StepFinished)]
    assert steps.count("execute") == 1
    assert kinds[-1] is Answered
    assert [type(event) for event in agent.stream(QUESTION, approve=Person("run"))][-1] is Answered


@pytest.mark.parametrize("decision", [None, True, "yes", "DROP TABLE singer"])
def test_what_is_no_decision_is_never_taken_for_consent(make_agent, decision: object) -> None:
    agent, _ = make_agent(COUNT)
    with pytest.raises(UsageError, match="is no decision on a query"):
        agent.ask(QUESTION, approve=lambda _request: decision)


def test_a_question_without_a_thread_cannot_wait(make_agent) -> None:
    agent, _ = make_agent(COUNT)
    with pytest.raises(UsageError, match="a question without a thread cannot wait"):
        agent.ask(QUESTION, approve=Person("later"))


def test_what_goes_wrong_in_the_callback_reaches_the_caller_and_the_question_waits(make_agent) -> None:
    agent, _ = make_agent(COUNT)

    def broken(_request: ApprovalRequest) -> Decision:
        raise LookupError("the person has left")

    with pytest.raises(LookupError, match="the person has left"):
        agent.ask(QUESTION, approve=broken, thread_id="t")
    assert agent.pending("t") is not None


def test_a_model_that_cannot_be_reached_after_the_decision_leaves_the_question_to_be_gone_on_with(make_agent) -> None:
    agent, _ = make_agent(COUNT, ModelUnreachableError("nothing listens"), "There are 4.")
    with pytest.raises(ModelUnreachableError):
        agent.ask(QUESTION, approve=Person("run"), thread_id="t")
    assert agent.pending("t") is None
    assert agent.ask(QUESTION, thread_id="t").status in ("answered", "failed")
