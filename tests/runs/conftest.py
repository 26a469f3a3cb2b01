"""A benchmark on several small databases, whose right SQL can be told from the question."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentsql.evaluation.questions import Benchmark, Question, Verdict
from agentsql.evaluation.suite import suite_match
from agentsql.testing import ScriptedModel, tiny_database

MakeBenchmark = Callable[..., Benchmark]


class CountingModel(ScriptedModel):
    """Writes the SQL of each question after `latency_s`, and counts the calls that are in flight."""

    def __init__(self, latency_s: float = 0.0) -> None:
        super().__init__(sql_for)
        self.latency_s = latency_s
        self.in_flight = self.most_in_flight = 0
        self._lock = threading.Lock()

    async def complete(self, messages: Any, **options: Any) -> Any:
        with self._lock:  # each agent has a thread
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.latency_s)
            return await super().complete(messages, **options)
        finally:
            with self._lock:
                self.in_flight -= 1


def sql_for(messages: Any) -> str:
    """Give the SQL of the question at a prompt's end; of every fifth question a wrong one."""
    age = int(re.findall(r"older than (\d+)", messages[-1].content)[-1])
    return f"SELECT count(*) FROM singer WHERE age > {age if age % 5 else age + 50}"


def judge(question: Question, sql: str) -> Verdict:
    return Verdict(suite_match(question.golds[0], sql, [Path(question.database)], keep_distinct=True), True)


def benchmark(folder: Path, count: int = 12, databases: int = 3) -> Benchmark:
    """Give a benchmark whose questions go round the databases, which lie in `folder`."""
    paths = [folder / f"singers_{number}.sqlite" for number in range(databases)]
    for path in paths:
        if not path.exists():
            tiny_database(path)
    questions = tuple(
        Question(
            f"q{number}",
            paths[number % databases].stem,
            f"How many singers are older than {number}?",
            str(paths[number % databases]),
            (f"SELECT count(*) FROM singer WHERE age > {number}",),
        )
        for number in range(count)
    )
    return Benchmark("singers", questions, judge)


@pytest.fixture
def make_benchmark(tmp_path: Path) -> MakeBenchmark:
    return lambda count=12, databases=3: benchmark(tmp_path, count, databases)
