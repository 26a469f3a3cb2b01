"""Many questions at a time: bounds, databases and models that fail, and every question exactly once."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql import Settings, SQLAgent
from agentsql.errors import ModelUnreachableError
from agentsql.evaluation.questions import Verdict
from agentsql.graph import load_graph
from agentsql.runs.opening import Opener, Opening
from agentsql.runs.runner import Bounds, answer_all
from agentsql.testing import ScriptedModel

from .conftest import CountingModel


def opening(model, tmp_path: Path) -> Opening:
    return Opening(Opener(load_graph("direct"), model), Settings(), tmp_path / "scratch")


async def answered(benchmark, open_agent, **bounds):
    """Give the records by question, and what was said."""
    kept, said = [], []
    try:
        await answer_all(
            benchmark.questions,
            judge=benchmark.judge,
            open_agent=open_agent,
            keep=kept.extend,
            bounds=Bounds(**bounds),
            say=said.append,
        )
    finally:
        assert len({one.question_id for one in kept}) == len(kept)
        answered.kept = {one.question_id: one for one in kept}
    return answered.kept, said


async def test_every_question_gets_one_record_with_its_verdict(make_benchmark, tmp_path):
    benchmark = make_benchmark(12)
    records, said = await answered(benchmark, opening(CountingModel(), tmp_path))
    assert {key: one.correct for key, one in records.items()} == {f"q{n}": n % 5 != 0 for n in range(12)}
    first = records["q1"]
    assert (first.status, first.sql, first.db_id) == (
        "answered",
        "SELECT count(*) FROM singer WHERE age > 1",
        "singers_1",
    )
    assert (first.path, first.calls, first.executable) == ("full-1", 1, True)
    assert [step.step for step in first.steps] == ["generate", "check", "execute", "select", "answer"]
    assert said == []


async def test_so_many_questions_are_in_flight_and_no_more(make_benchmark, tmp_path):
    model = CountingModel(0.5)
    await answered(make_benchmark(18), opening(model, tmp_path), concurrency=6)
    assert model.most_in_flight == 6


async def test_a_dead_database_costs_its_own_questions_only(make_benchmark, tmp_path):
    benchmark = make_benchmark(9)
    Path(benchmark.questions[1].database).write_text("no database, but a text that is longer than a header\n" * 50)
    records, said = await answered(benchmark, opening(CountingModel(), tmp_path))
    assert {key for key, one in records.items() if one.status == "error"} == {"q1", "q4", "q7"}
    assert records["q1"].error.startswith("DatabaseError: ")
    assert records["q1"].correct is False
    assert len(said) == 1
    assert said[0].startswith("singers_1 cannot be asked (3 of the questions): DatabaseError: ")


async def test_a_database_that_hangs_when_opened_is_given_up(make_benchmark, tmp_path):
    benchmark = make_benchmark(6)
    inner = opening(CountingModel(), tmp_path)

    def open_agent(question):
        if question.db_id == "singers_1":
            time.sleep(6.0)
        return inner(question)

    records, _ = await answered(benchmark, open_agent, open_s=5.0)
    assert {key for key, one in records.items() if one.status == "error"} == {"q1", "q4"}


async def test_a_question_that_hangs_meets_its_deadline_and_the_rest_goes_on(make_benchmark, tmp_path):
    class Hanging(CountingModel):
        async def complete(self, messages, **options):
            if "older than 4?" in messages[-1].content:
                await asyncio.sleep(60)
            return await super().complete(messages, **options)

    records, _ = await answered(make_benchmark(9), opening(Hanging(), tmp_path), deadline_s=5.0, concurrency=2)
    assert {key: one.error for key, one in records.items() if one.status == "error"} == {
        "q4": "deadline: no answer within 5 s"
    }


async def test_a_slow_database_does_not_hold_up_the_others(make_benchmark, tmp_path):
    finished = []

    class Slow(CountingModel):
        async def complete(self, messages, **options):
            age = int(messages[-1].content.rpartition("older than ")[2].partition("?")[0])
            while age % 3 == 0 and len(finished) < 16:  # those of the first database wait for all others
                await asyncio.sleep(0.01)
            finished.append(age % 3)
            return await super().complete(messages, **options)

    records, _ = await answered(make_benchmark(24), opening(Slow(), tmp_path), concurrency=4, deadline_s=60.0)
    assert {one.status for one in records.values()} == {"answered"}
    assert finished[-8:] == [0] * 8


async def test_the_run_stops_when_the_model_cannot_be_reached(make_benchmark, tmp_path):
    model = ScriptedModel(*[ModelUnreachableError("nothing listens")] * 100, "SELECT 1")
    with pytest.raises(ModelUnreachableError, match="after 3 questions in a row"):
        await answered(make_benchmark(60), opening(model, tmp_path), concurrency=1, unreachable=3)
    assert [one.error for one in answered.kept.values()] == ["ModelUnreachableError: nothing listens"] * 3


async def test_what_was_answered_before_the_model_went_away_is_judged_and_kept(make_benchmark, tmp_path):
    benchmark = make_benchmark(6)

    def judge(question, sql):
        time.sleep(0.5)
        return Verdict(True)

    model = ScriptedModel("SELECT 1", *[ModelUnreachableError("nothing listens")] * 2, "SELECT 1")
    with pytest.raises(ModelUnreachableError, match="after 2 questions in a row"):
        await answered(replace(benchmark, judge=judge), opening(model, tmp_path), concurrency=1, unreachable=2)
    assert [one.correct for one in answered.kept.values() if one.status == "answered"] == [True]
    assert len(answered.kept) == 3


async def test_a_model_that_comes_back_does_not_end_the_run(make_benchmark, tmp_path):
    down = [ModelUnreachableError(f"nothing listens ({number})") for number in range(4)]
    model = ScriptedModel(*down[:2], "SELECT 1", *down[2:], "SELECT count(*) FROM singer")
    records, _ = await answered(make_benchmark(9), opening(model, tmp_path), concurrency=1, unreachable=3)
    assert sum(one.status == "error" for one in records.values()) == 4


async def test_an_error_in_a_judge_is_its_question_s_only(make_benchmark, tmp_path):
    benchmark = make_benchmark(4)

    def judge(question, sql):
        if question.id == "q2":
            raise KeyError("gold")
        return Verdict(True)

    records, _ = await answered(replace(benchmark, judge=judge), opening(CountingModel(), tmp_path))
    assert records["q2"].gold_error == "the judge failed: KeyError: 'gold'"
    assert [one.correct for _, one in sorted(records.items())] == [True, True, False, True]


async def test_a_full_disk_ends_the_run(make_benchmark, tmp_path):
    benchmark = make_benchmark(9)

    def keep(_records):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        await answer_all(
            benchmark.questions, judge=benchmark.judge, open_agent=opening(CountingModel(), tmp_path), keep=keep
        )


async def test_agents_are_closed_when_the_run_is_cancelled(make_benchmark, tmp_path):
    closed = []

    class Agent(SQLAgent):
        def close(self):
            closed.append(self.database.name)
            super().close()

    model = CountingModel(5.0)

    def open_agent(question):
        return Agent(question.database, sql_model=model, graph="direct")

    running = asyncio.create_task(answered(make_benchmark(12), open_agent, concurrency=6))
    while model.in_flight < 6:
        await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(closed) == ["singers_0", "singers_1", "singers_2"]
    assert model.in_flight == 0
