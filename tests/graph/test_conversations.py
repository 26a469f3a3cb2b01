"""Conversations in a file and in PostgreSQL: kept by their owner, shared by processes, and refused with a reason."""

from __future__ import annotations

import asyncio

import pytest

from agentsql import SQLAgent
from agentsql.errors import AgentSQLError, UsageError
from agentsql.graph.conversations import Place, open_conversations
from agentsql.graph.threads import open_threads
from agentsql.settings import AgentSettings, Settings
from agentsql.testing import ScriptedModel
from agentsql.types import Answer, Status

ANN, BOB = Place("ann", "shop"), Place("bob", "shop")


@pytest.fixture(params=["file", "postgresql"])
def target(request, tmp_path) -> str:
    """Where conversations are kept."""
    if request.param == "file":
        return str(tmp_path / "conversations.sqlite")
    pytest.importorskip("psycopg_pool", reason="needs the extra [serve]")
    return request.getfixturevalue("postgres_url").replace("postgresql+psycopg://", "postgresql://")


def answer(question: str, status: Status = "answered") -> Answer:
    return Answer(question, status, "There are 4.", "SELECT 4", ("n",))


async def test_what_one_process_keeps_another_reads_and_no_other_owner(target):
    first, second = await open_conversations(target), await open_conversations(target)
    try:
        for question in ("How many?", "And now?"):
            await first.add(ANN, "monday", answer(question))
        assert [turn.question for turn in await second.read(ANN, "monday")] == ["How many?", "And now?"]
        assert [(one.id, one.title) for one in await second.listed(ANN, limit=9)] == [("monday", "How many?")]
        assert await second.read(BOB, "monday") == () == await second.listed(BOB, limit=9)
        assert not await second.delete(BOB, "monday")
        assert await second.delete(ANN, "monday")
        assert await first.read(ANN, "monday") == () == await first.listed(ANN, limit=9)
    finally:
        await first.close()
        await second.close()


async def test_what_came_of_a_question_takes_the_place_of_its_waiting(target):
    kept = await open_conversations(target)
    try:
        await kept.add(ANN, "monday", answer("Never decided", "waiting"))
        await kept.add(ANN, "monday", answer("How many?", "waiting"))
        assert [one.waiting for one in await kept.listed(ANN, limit=9)] == [True]
        await kept.add(ANN, "monday", answer("How many?"))
        await kept.add(ANN, "monday", answer("How many?"))
        turns = [(turn.question, turn.status) for turn in await kept.read(ANN, "monday")]
        assert turns == [("Never decided", "waiting"), ("How many?", "answered"), ("How many?", "answered")]
        assert [one.waiting for one in await kept.listed(ANN, limit=9)] == [False]
    finally:
        await kept.close()


def test_an_agent_goes_on_with_a_thread_that_another_began_and_forgets_it(target, tiny):
    settings = Settings(agent=AgentSettings(conversations=target))
    prompts = []

    def reply(messages) -> str:
        prompts.append("\n".join(message.content for message in messages))
        return "There are 4." if "No SQL" in messages[-1].content else "SELECT count(*) FROM singer"

    for question in ("How many singers are there?", "And from France?"):
        with SQLAgent(tiny, sql_model=ScriptedModel(reply), settings=settings) as agent:
            agent.ask(question, thread_id="monday")
    with SQLAgent(tiny, sql_model=ScriptedModel(reply), settings=settings) as agent:
        assert any("How many singers are there?" in prompt and "And from France?" in prompt for prompt in prompts)
        asyncio.run(agent.aforget("monday"))
        prompts.clear()
        agent.ask("Who is the oldest?", thread_id="monday")
    assert not any("And from France?" in prompt for prompt in prompts)


async def test_a_place_that_cannot_be_used_is_told_without_its_password(tmp_path):
    with pytest.raises(UsageError, match="'redis'"):
        await open_threads("redis://host")
    (tmp_path / "file").write_text("not a database, and longer than the header of one" * 9)
    with pytest.raises(AgentSQLError, match="cannot keep conversations"):
        await open_threads(tmp_path / "file")
