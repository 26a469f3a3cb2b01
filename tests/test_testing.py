"""The kit for plugin authors: what it passes works, what it fails is explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from agentsql.errors import StepContractError, UsageError
from agentsql.evaluation.benchmarks.judges import judge_bird, judge_by
from agentsql.evaluation.questions import Benchmark, Question, Verdict
from agentsql.steps.step import step
from agentsql.testing import ScriptedModel, check_benchmark, check_step, tiny_database


async def test_a_step_that_keeps_the_contract_passes(tiny: Path) -> None:
    @step(reads=("question",), writes=("evidence",))
    def add_evidence(state, resources, *, text: str = "x"):
        return {"evidence": f"{state['question']} {text}"}

    updates = await check_step(add_evidence, database=tiny, state={"question": "Who?"}, text="y")
    assert updates == {"evidence": "Who? y"}


async def test_a_step_may_ask_a_scripted_model(tiny: Path) -> None:
    from agentsql.steps.generate import generate

    model = ScriptedModel("SELECT 1")
    updates = await check_step(generate, database=tiny, model=model)
    assert updates["candidates"][0].sql == "SELECT 1"


async def test_each_breach_of_the_contract_is_explained(tiny: Path) -> None:
    @step(reads=("question",))
    def idle(state, resources):
        return {}

    @step(writes=("text",))
    def curious(state, resources):
        return {"text": state["question"]}

    @step(writes=("candidates",))
    def loose(state, resources):
        return {"candidates": ("SELECT 1",)}

    @step(writes=("text",))
    def wrong(state, resources):
        return {"text": 1}

    with pytest.raises(AssertionError, match="writes nothing"):
        await check_step(idle, database=tiny)
    with pytest.raises(StepContractError, match="does not declare"):
        await check_step(curious, database=tiny)
    with pytest.raises(AssertionError, match=r"tuple of agentsql\.types\.Candidate"):
        await check_step(loose, database=tiny)
    with pytest.raises(AssertionError, match="'text' as int; it must be str"):
        await check_step(wrong, database=tiny)


def test_a_tiny_database_is_never_written_over(tmp_path: Path) -> None:
    path = tiny_database(tmp_path / "tiny.sqlite")
    with pytest.raises(FileExistsError, match="give tiny_database a new path"):
        tiny_database(path)


@pytest.fixture
def read_as(tiny: Path, tmp_path: Path):
    """Check a benchmark of one question, after changes to its question or judge."""
    path = tmp_path / "questions.json"
    path.write_text('[{"question": "How many singers?"}]')
    asked = Question("1", "tiny", "How many singers?", str(tiny), ("SELECT count(*) FROM singer",))

    def check(judge=None, copies: int = 1, **changes) -> Benchmark:
        benchmark = Benchmark("mine", (replace(asked, **changes),) * copies, judge or judge_by(judge_bird))

        def read(file: Path, _databases: Path | None) -> Benchmark:
            if not file.read_text():
                raise UsageError(f"{file} holds no question")
            return benchmark

        reader = SimpleNamespace(recognises=lambda _path, first: "question" in first, read=read)
        return check_benchmark(reader, path)

    return check


def test_a_benchmark_that_keeps_the_contract_passes(read_as) -> None:
    assert read_as().name == "mine"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"copies": 0}, "gave no questions"),
        ({"copies": 2}, "ids are there twice: 1; give each question its own"),
        ({"text": " "}, "question '1' has no text"),
        ({"database": ""}, "neither a `database` nor a `schema_sql`"),
        ({"database": "gone.sqlite"}, r"there is no database gone\.sqlite"),
        ({"golds": ("DROP TABLE singer",)}, "a gold is no read-only query"),
        ({"golds": ("SELECT nome FROM singer",)}, "a gold cannot be judged: no such column: nome"),
        ({"judge": lambda *_: Verdict(False, True)}, r"judge\(\) says that a gold is wrong: SELECT count"),
        ({"judge": lambda *_: Verdict(True, True)}, r"judge\(\) says that no SQL at all is right"),
    ],
)
def test_each_breach_of_a_benchmarks_contract_is_explained(read_as, changes, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        read_as(**changes)
