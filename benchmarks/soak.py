"""Whether memory, threads and files stay as they are while one agent answers thousands of questions.

.venv/bin/python benchmarks/soak.py [--questions 10000] [--at-once 4]

The model is scripted. Of ten questions one is in a thread that others follow up, one is small talk, one is refused, one
fails and is corrected, and one is cancelled in the middle; the rest are answered.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

import agentsql
from agentsql import SQLAgent
from agentsql.testing import ScriptedModel, tiny_database
from agentsql.types import Message

COUNT = "SELECT count(*) FROM singer"
KINDS = ("plain", "plain", "plain", "plain", "plain", "thread", "talk", "write", "wrong", "cancelled")
_THREADS = 50
"""Conversations that the questions in threads go round; each keeps its last turns only."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the process holds after so many questions."""

    questions: int
    seconds: float
    rss_mb: float
    threads: int
    files: int
    tasks: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=4, help="questions in flight")
    arguments = parser.parse_args()
    print("| questions | seconds | resident MB | threads | open files | tasks of the loop |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="agentsql-soak-") as folder:
        os.environ.update(XDG_DATA_HOME=folder, XDG_CACHE_HOME=folder)
        readings, statuses = soak(Path(folder), arguments.questions, arguments.at_once)
    print(", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items())))
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "version": agentsql.__version__}
    results = Path(__file__).resolve().parent / "results"
    results.mkdir(exist_ok=True)
    with (results / "soak.jsonl").open("a") as file:
        file.write(json.dumps({"readings": list(map(asdict, readings)), "statuses": statuses, **machine}) + "\n")


def soak(folder: Path, questions: int, at_once: int) -> tuple[list[Reading], Counter[str]]:
    """Ask so many questions and give twenty readings, printed as they come, and how often each status came."""
    statuses: Counter[str] = Counter()
    readings: list[Reading] = []
    started = time.perf_counter()
    with SQLAgent(tiny_database(folder / "tiny.sqlite"), sql_model=Model()) as agent:
        agent.wait_for_values(60)
        step = max(questions // 20, 1)
        for first in range(0, questions, step):
            statuses.update(asyncio.run(ask_all(agent, range(first, min(first + step, questions)), at_once)))
            one = read(agent, min(first + step, questions), time.perf_counter() - started)
            shown = [f"{one.questions:,}", f"{one.seconds:.0f}", f"{one.rss_mb:.1f}", one.threads, one.files, one.tasks]
            print("| " + " | ".join(map(str, shown)) + " |", flush=True)
            readings.append(one)
    return readings, statuses


async def ask_all(agent: SQLAgent, numbers: Sequence[int], at_once: int) -> list[str]:
    """Ask the questions of these numbers, so many at a time, and give what came of each."""
    free = asyncio.Semaphore(at_once)

    async def one(number: int) -> str:
        async with free:
            return await ask(agent, number)

    return list(await asyncio.gather(*map(one, numbers)))


async def ask(agent: SQLAgent, number: int) -> str:
    """Ask one question of its number's kind and give its status."""
    kind = KINDS[number % len(KINDS)]
    thread = f"t{number // len(KINDS) % _THREADS}" if kind == "thread" else None
    asking = asyncio.ensure_future(agent.aask(f"How many singers are there, of {kind} {number}?", thread_id=thread))
    if kind == "cancelled":
        await asyncio.sleep(0.002)
        asking.cancel()
    try:
        return (await asking).status
    except asyncio.CancelledError:
        return "cancelled"


class Model(ScriptedModel):
    """Replies by what the question says of itself, and keeps nothing of what it was asked."""

    def __init__(self) -> None:
        super().__init__(reply)

    async def complete(self, messages: Sequence[Message], **options: object) -> tuple[object, ...]:  # type: ignore[override]
        completions = await super().complete(messages, **options)  # type: ignore[arg-type]
        self.asked.clear()
        self.options.clear()
        return completions


def reply(messages: Sequence[Message]) -> str:
    """Give SQL or a sentence."""
    asked = messages[-1].content
    if "No SQL" in asked:
        return "There are 4."
    if "of write" in asked:
        return "DELETE FROM singer"
    if "of wrong" in asked:
        return COUNT if "SELECT nothing" in asked else "SELECT nothing FROM singer"
    return COUNT


def read(agent: SQLAgent, questions: int, seconds: float) -> Reading:
    """Read what this process holds now, garbage collected."""
    gc.collect()
    process = psutil.Process()
    tasks = agent._loop.submit(_count_tasks()).result()
    rss = process.memory_info().rss / 1e6
    return Reading(questions, seconds, rss, threading.active_count(), process.num_fds(), tasks)


async def _count_tasks() -> int:
    return len(asyncio.all_tasks()) - 1


if __name__ == "__main__":
    main()
