"""What agentsql itself adds to a question while 200 are in flight on one agent.

    .venv/bin/python benchmarks/concurrent_questions.py [--db URL] [--questions 200] [--graph default] [--model-s 8]

A small SQLite file is asked. With --db, which names a PostgreSQL or MariaDB server and a user who may create databases,
the same three tables of singers are made in a fresh database there, which is dropped at the end.
The scripted model takes --model-s seconds a call, as a served one would, and questions begin spread over one such time,
as people do: the last begins before the first has its answer. With --at-once all begin in one moment, so that own time
is little but waiting for each other. Two figures of a question are printed: its own time is what it took less the
model's and the database's, waiting for a processor included; its processor time is that of the whole process, divided
by the questions. The garbage collector is set as `agentsql serve` sets it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import agentsql
from agentsql import Answer, Settings, SQLAgent
from agentsql.serving.server import spare_pauses
from agentsql.testing import ScriptedModel, tiny_database
from agentsql.types import Completion, Message

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.services import execute, fresh_database

COUNT = "SELECT count(*) FROM singer"


class SlowModel(ScriptedModel):
    """Takes its time, and keeps nothing of what it was asked."""

    def __init__(self, seconds: float) -> None:
        super().__init__(lambda messages: "There are 4." if "No SQL" in messages[-1].content else COUNT)
        self._seconds = seconds

    async def complete(self, messages: Sequence[Message], **options: object) -> tuple[Completion, ...]:  # type: ignore[override]
        await asyncio.sleep(self._seconds)
        completions = await super().complete(messages, **options)  # type: ignore[arg-type]
        self.asked.clear()
        self.options.clear()
        return completions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", default="", help="URL of a server; without it a SQLite file is made")
    parser.add_argument("--questions", type=int, default=200, help="in flight at once")
    parser.add_argument("--graph", action="append", help="may be given several times; default: direct, default")
    parser.add_argument("--model-s", type=float, nargs="+", default=[8.0], help="seconds of a model call")
    parser.add_argument("--at-once", action="store_true", help="begin in one moment")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="agentsql-concurrent-") as folder:
        os.environ.update(XDG_DATA_HOME=folder, XDG_CACHE_HOME=folder)
        with of_singers(arguments.db, Path(folder)) as database:
            for graph in arguments.graph or ["direct", "default"]:
                for seconds in arguments.model_s:
                    spread = 0.0 if arguments.at_once else seconds
                    rows.append(measure(database, graph, seconds, spread, arguments.questions))
    names = ("database", "graph", "model call, s", "begun within, s", "questions", "errors", "own p50, ms", "p95, ms")
    print("| " + " | ".join((*names, "processor, ms", "wall, s")) + " |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(map(str, row.values())) + " |")
    results = Path(__file__).resolve().parent / "results"
    results.mkdir(exist_ok=True)
    with (results / "concurrent_questions.jsonl").open("a") as file:
        for row in rows:
            machine = {"machine": platform.machine(), "cores": os.cpu_count(), "version": agentsql.__version__}
            file.write(json.dumps({**row, **machine}) + "\n")


@contextmanager
def of_singers(server: str, folder: Path) -> Iterator[str]:
    """Give a database of the three tables of singers: a file, or on the server a fresh one, dropped at the end."""
    file = tiny_database(folder / "tiny.sqlite")
    if not server:
        yield str(file)
        return
    fresh = contextmanager(fresh_database)
    with fresh(server) as url:
        with closing(sqlite3.connect(file)) as source:
            for name, sql in source.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall():
                rows = source.execute(f"SELECT * FROM {name}").fetchall()
                values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
                execute(url, sql.replace("TEXT", "VARCHAR(100)"), f"INSERT INTO {name} VALUES {values}")
        yield url


def literal(cell: object) -> str:
    """Write a number or a name without quotes in it as SQL."""
    return str(cell) if isinstance(cell, int) else f"'{cell}'"


def measure(database: str, graph: str, model_s: float, spread: float, questions: int) -> dict[str, object]:
    """Ask so many questions within `spread` seconds, after a few to warm up, and give the figures."""
    with SQLAgent(database, sql_model=SlowModel(model_s), graph=graph, settings=Settings()) as agent:
        agent.wait_for_values(60)
        asyncio.run(_ask(agent, 8, 0.0))
        spare_pauses()
        processor, started = time.process_time(), time.perf_counter()
        timed = asyncio.run(_ask(agent, questions, spread))
        wall, processor = time.perf_counter() - started, time.process_time() - processor
        kind = agent.database.dialect
    own = sorted(1000 * own_seconds(answer, seconds, model_s) for answer, seconds in timed)
    return {
        "database": kind,
        "graph": graph,
        "model_s": model_s,
        "spread_s": spread,
        "questions": questions,
        "errors": sum(answer.rows != ((4,),) for answer, _seconds in timed),
        "own_p50_ms": round(own[len(own) // 2], 1),
        "own_p95_ms": round(own[int(0.95 * len(own))], 1),
        "processor_ms": round(1000 * processor / questions, 1),
        "wall_s": round(wall, 1),
    }


async def _ask(agent: SQLAgent, questions: int, spread: float) -> list[tuple[Answer, float]]:
    chance = random.Random(0)
    starts = [chance.uniform(0, spread) for _ in range(questions)]

    async def one(number: int) -> tuple[Answer, float]:
        await asyncio.sleep(starts[number])
        started = time.perf_counter()
        answer = await agent.aask(f"How many singers are there, number {number}?")
        return answer, time.perf_counter() - started

    return list(await asyncio.gather(*map(one, range(questions))))


def own_seconds(answer: Answer, seconds: float, model_s: float) -> float:
    """Give what a question took beside its model and its queries."""
    queries = sum(one.result.seconds for one in answer.candidates if one.result)
    return seconds - queries - model_s * answer.usage.calls


if __name__ == "__main__":
    main()
