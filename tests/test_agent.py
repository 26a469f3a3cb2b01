"""SQLAgent from the outside: statuses, events, conversations, budgets, locks."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path

import aiosqlite
import pytest
import sqlalchemy

from agentsql import Settings, SQLAgent
from agentsql.errors import AgentSQLError, DatabaseError, ModelUnreachableError, UsageError
from agentsql.folders import data_folder
from agentsql.settings import BudgetSettings, DatabaseSettings
from agentsql.testing import ScriptedModel
from agentsql.types import Answered, StepFinished, StepStarted, Token

COUNT = "SELECT count(*) FROM singer"


def test_an_answer_has_sql_rows_and_a_sentence(make_agent) -> None:
    agent, _ = make_agent(f"```sql\n{COUNT};\n```", "There are 4 singers.")
    answer = agent.ask("How many singers are there?")
    assert (answer.status, answer.sql, answer.rows, answer.text) == ("answered", COUNT, ((4,),), "There are 4 singers.")
    assert answer.columns == ("count(*)",)
    assert answer.confidence == 0.85
    assert answer.usage.calls == 2
    assert answer.to_pandas().values.tolist() == [[4]]


def test_a_wrong_name_is_mended_and_both_queries_are_kept(make_agent) -> None:
    agent, model = make_agent("SELECT nam FROM singer WHERE age > 50", "Joe Sharp.")
    answer = agent.ask("Which singer is older than 50?")
    assert answer.rows == (("Joe Sharp",),)
    assert [one.name for one in answer.candidates] == ["full-1", "full-1.mend"]
    assert len(model.asked) == 2


def test_a_write_is_refused_and_never_presented_as_an_answer(make_agent, tiny: Path) -> None:
    before = hashlib.sha256(tiny.read_bytes()).hexdigest()
    agent, _ = make_agent("DELETE FROM singer")
    answer = agent.ask("How many singers can be thrown out?")
    assert answer.status == "refused"
    assert answer.error is not None
    assert answer.error.kind == "refused"
    assert answer.rows == ()
    assert hashlib.sha256(tiny.read_bytes()).hexdigest() == before


def test_a_right_empty_result_is_an_answer(make_agent) -> None:
    sql = "SELECT name FROM singer WHERE age > 90"
    agent, _ = make_agent(sql)
    answer = agent.ask("Which singers are older than 90?")
    assert (answer.status, answer.rows, answer.text) == ("answered", (), "No rows match.")
    assert answer.error is None


def test_small_talk_gets_a_reply_and_no_query(make_agent) -> None:
    agent, _ = make_agent('{"intent": "chat", "reason": ""}', "Hello!")
    answer = agent.ask("Hi there")
    assert (answer.status, answer.text, answer.sql, answer.candidates) == ("chat", "Hello!", "", ())


@pytest.mark.parametrize("nonsense", ["", "I do not know.", "SELECT", "🙃" * 50, "```sql\n```"])
def test_a_model_that_answers_nonsense_leads_to_a_failed_answer(make_agent, nonsense: str) -> None:
    agent, _ = make_agent(nonsense)
    answer = agent.ask("How many singers are there?")
    assert answer.status == "failed"
    assert answer.error is not None


@pytest.mark.parametrize("question", ["", "  \n", "\0"])
def test_an_empty_question_is_a_usage_error(make_agent, question: str) -> None:
    agent, model = make_agent(COUNT)
    with pytest.raises(UsageError, match="the question is empty"):
        agent.ask(question)
    assert model.asked == []


def test_a_question_as_long_as_a_book_is_a_usage_error(make_agent) -> None:
    agent, _ = make_agent(COUNT)
    with pytest.raises(UsageError, match="100,000 characters"):
        agent.ask("x" * 100_000)


def test_events_come_in_order_and_end_with_the_answer(make_agent) -> None:
    agent, _ = make_agent(COUNT, "There are 4.")
    events = list(agent.stream("How many singers are there?"))
    assert events[0] == StepStarted("route")
    tokens = "".join(event.text for event in events if isinstance(event, Token) and event.step == "generate")
    assert tokens == COUNT.replace(" ", "")
    finished = [event.event.step for event in events if isinstance(event, StepFinished)]
    assert finished[-1] == "answer"
    assert isinstance(events[-1], Answered)
    assert events[-1].answer.rows == ((4,),)


async def test_async_callers_get_the_same(make_agent) -> None:
    agent, _ = make_agent(lambda messages: COUNT if "query" in messages[-1].content else "There are 4.")
    answers = await asyncio.gather(*(agent.aask("How many singers are there?") for _ in range(5)))
    assert [answer.rows for answer in answers] == [((4,),)] * 5
    events = [event async for event in agent.astream("How many singers are there?")]
    assert isinstance(events[-1], Answered)


def test_a_thread_hands_the_last_question_to_the_next_and_nothing_else(make_agent) -> None:
    agent, model = make_agent("DELETE FROM singer", COUNT, "There are 4.", "SELECT max(age) FROM singer", "52.")
    assert agent.ask("How many singers go?", thread_id="t").status == "refused"
    first = agent.ask("How many singers are there?", thread_id="t")
    assert (first.status, first.error, len(first.candidates)) == ("answered", None, 1)
    second = agent.ask("And the greatest age?", thread_id="t")
    assert (second.status, second.rows, len(second.candidates)) == ("answered", ((52,),), 1)
    asked = [message.content for message in model.asked[3]]
    assert asked[1:3] == ["Question: How many singers are there?", COUNT]


def test_a_thread_outlives_the_agent_and_is_the_users_alone(tiny: Path) -> None:
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT, "There are 4.")) as agent:
        agent.ask("How many singers are there?", thread_id="t")
        assert {file.stat().st_mode & 0o777 for file in data_folder().glob("threads.sqlite*")} == {0o600}
    model = ScriptedModel("SELECT max(age) FROM singer", "52.")
    with SQLAgent(tiny, sql_model=model) as agent:
        agent.ask("And the greatest age?", thread_id="t")
        agent.ask("And the greatest age?", thread_id="another")
    assert len(model.asked[0]) == 4
    assert len(model.asked[2]) == 2


def test_a_file_of_threads_that_cannot_be_used_is_named(tiny: Path, tmp_path: Path) -> None:
    threads = tmp_path / "data" / "agentsql" / "threads.sqlite"
    threads.mkdir(parents=True)
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT)) as agent:
        with pytest.raises(
            AgentSQLError, match=r"cannot keep conversations in .*threads\.sqlite.*ask without a thread"
        ):
            agent.ask("How many singers are there?", thread_id="t")
        threads.rmdir()
        threads.write_text("no database " * 100)
        with pytest.raises(AgentSQLError, match="not a database"):
            agent.ask("How many singers are there?", thread_id="t")
        assert agent.ask("How many singers are there?").rows == ((4,),)


async def test_first_questions_of_two_threads_at_once_open_one_file(tiny: Path, monkeypatch) -> None:
    opened: list[object] = []
    connect = aiosqlite.connect

    def counted(path: object, **options: object) -> aiosqlite.Connection:
        opened.append(path)
        return connect(path, **options)

    monkeypatch.setattr(aiosqlite, "connect", counted)
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT)) as agent:
        await asyncio.gather(*(agent.aask("How many singers are there?", thread_id=name) for name in ("a", "b")))
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("budget", "what"),
    [
        pytest.param(BudgetSettings(calls=1), "model calls", id="calls"),
        pytest.param(BudgetSettings(tokens=100), "tokens", id="tokens"),
        pytest.param(BudgetSettings(seconds=0.0), "seconds", id="seconds"),
    ],
)
def test_a_spent_budget_ends_the_question_with_the_reason(make_agent, budget: BudgetSettings, what: str) -> None:
    agent, model = make_agent("SELECT x FROM singer", settings=replace(Settings(), budget=budget))
    answer = agent.ask("How many singers are there?")
    assert answer.status == "failed"
    assert what in answer.text
    assert len(model.asked) <= budget.calls
    assert answer.usage.tokens <= budget.tokens


def test_a_result_without_budget_for_its_wording_is_still_answered(make_agent) -> None:
    agent, _ = make_agent(COUNT, settings=replace(Settings(), budget=BudgetSettings(calls=1)))
    answer = agent.ask("How many singers are there?")
    assert (answer.status, answer.rows, answer.text) == ("answered", ((4,),), "The result is 4.")


def test_a_query_that_never_ends_is_stopped(make_agent) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    settings = replace(Settings(), database=DatabaseSettings(timeout_s=0.3), budget=BudgetSettings(corrections=0))
    agent, _ = make_agent(endless, settings=settings)
    answer = agent.ask("How many singers are there?")
    assert answer.status == "failed"
    assert answer.error is not None
    assert answer.error.kind == "timeout"
    assert answer.seconds < 5


def test_a_model_that_cannot_be_reached_is_the_callers_error(make_agent) -> None:
    agent, _ = make_agent(ModelUnreachableError("nothing listens at http://127.0.0.1:1"))
    with pytest.raises(ModelUnreachableError):
        agent.ask("How many singers are there?")


def test_a_running_question_can_be_cancelled(tiny: Path) -> None:
    asked = threading.Event()

    class Slow(ScriptedModel):
        async def complete(self, messages, **options):
            asked.set()
            await asyncio.sleep(30)
            return ()

    with SQLAgent(tiny, sql_model=Slow("x")) as agent:
        threading.Thread(target=lambda: asked.wait(10) and agent.cancel()).start()
        with pytest.raises(CancelledError):
            agent.ask("How many singers are there?")


def test_two_agents_share_one_database(tiny: Path) -> None:
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT)) as one, SQLAgent(tiny, sql_model=ScriptedModel(COUNT)) as two:
        assert one.ask("How many singers?").rows == two.ask("How many singers?").rows == ((4,),)


def test_both_roles_may_be_different_models(tiny: Path) -> None:
    sql, chat = ScriptedModel(COUNT), ScriptedModel("There are 4 singers.")
    with SQLAgent(tiny, sql_model=sql, chat_model=chat) as agent:
        assert agent.ask("How many singers are there?").text == "There are 4 singers."
    assert (len(sql.asked), len(chat.asked)) == (1, 1)


def test_every_prompt_on_one_database_begins_with_the_same_bytes(make_agent) -> None:
    agent, model = make_agent('{"intent": "sql", "reason": ""}', "SELECT x FROM singer", COUNT, "There are 4.")
    agent.ask("How many are there?")
    assert len(model.asked) == 4
    assert len({asked[0] for asked in model.asked}) == 1


def test_an_engine_and_a_url_work_like_a_path(tiny: Path) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{tiny}")
    for database in (engine, f"sqlite:///{tiny}", str(tiny)):
        with SQLAgent(database, sql_model=ScriptedModel(COUNT)) as agent:
            assert agent.ask("How many singers are there?").rows == ((4,),)
    engine.dispose()


def test_a_path_that_is_no_database_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError):
        SQLAgent(tmp_path / "missing.sqlite", sql_model=ScriptedModel("x"))


def test_run_sql_goes_through_the_guard(make_agent) -> None:
    agent, _ = make_agent("x")
    assert agent.run_sql(COUNT).rows == ((4,),)
    refused = agent.run_sql("DROP TABLE singer")
    assert refused.error is not None
    assert refused.error.kind == "refused"


def test_the_agent_is_a_langchain_tool(make_agent) -> None:
    agent, _ = make_agent(COUNT, "There are 4 singers.")
    tool = agent.as_tool()
    assert tool.invoke({"question": "How many singers are there?"}) == (
        f"There are 4 singers.\nSQL: {COUNT}\ncount(*)\n4"
    )
    assert "singer_in_concert" in tool.description


async def test_the_compiled_graph_is_a_langgraph(make_agent) -> None:
    from agentsql.graph.build import graph_input

    agent, _ = make_agent(COUNT, "There are 4 singers.")
    state = await agent.compiled.ainvoke(graph_input("How many singers are there?", ""), context=agent.resources())
    assert state["text"] == "There are 4 singers."
