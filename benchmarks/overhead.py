"""Measures what agentsql itself costs: imports, a question without its model, a schema of 500 tables.

.venv/bin/python benchmarks/overhead.py
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import agentsql
from agentsql import Settings, SQLAgent
from agentsql.db.connect import open_database
from agentsql.db.render import render_schema
from agentsql.db.words import index_words
from agentsql.plugins import load_plugin
from agentsql.testing import ScriptedModel, tiny_database

ROUNDS = 5
QUESTIONS = 200


def main() -> None:
    numbers = {
        "bare python, s": best(lambda: run("-c", "pass")),
        "import agentsql, s": best(lambda: run("-c", "import agentsql")),
        "agentsql --help, s": best(lambda: run("-c", "from agentsql.cli.main import main; main(['--help'])")),
        **a_question(),
        **five_hundred_tables(),
    }
    for what, number in numbers.items():
        print(f"{what:<52} {number:8.3f}")
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    folder = Path(__file__).resolve().parent / "results"
    folder.mkdir(exist_ok=True)
    with (folder / "overhead.jsonl").open("a") as file:
        rounded = {what: round(number, 4) for what, number in numbers.items()}
        file.write(json.dumps({**rounded, **machine, "version": agentsql.__version__}) + "\n")


def run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def best(action: Callable[[], object]) -> float:
    """Seconds of the fastest of a few rounds, after one to warm the caches."""
    action()
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def a_question() -> dict[str, float]:
    """Wall time of a question through the default graph, less the time in the model and in the database."""
    with tempfile.TemporaryDirectory() as folder:
        database = tiny_database(Path(folder) / "tiny.sqlite")
        model = ScriptedModel(
            lambda messages: "There are 4." if "No SQL" in messages[-1].content else "SELECT count(*) FROM singer"
        )
        own = []
        with SQLAgent(database, sql_model=model) as agent:
            agent.ask("How many singers are there?")
            for _ in range(QUESTIONS):
                answer = agent.ask("How many singers are there?")
                queries = sum(one.result.seconds for one in answer.candidates if one.result)
                own.append(1000 * (answer.seconds - answer.usage.seconds - queries))
    own.sort()
    return {
        "own time of a question, median, ms": statistics.median(own),
        "own time of a question, p95, ms": own[int(0.95 * len(own))],
    }


def five_hundred_tables() -> dict[str, float]:
    """A database of 500 tables of 12 columns: read it, index its words and render it, with a cold and a warm cache."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wide.sqlite"
        connection = sqlite3.connect(path)
        for number in range(500):
            columns = ", ".join(f"column_{place} TEXT" for place in range(10))
            parent = f" REFERENCES table_{number - 1} (id)" if number else ""
            connection.execute(
                f"CREATE TABLE table_{number} (id INTEGER PRIMARY KEY, {columns}, parent INTEGER{parent})"
            )
            connection.execute(f"INSERT INTO table_{number} (column_0) VALUES ('a'), ('b')")
        connection.commit()
        connection.close()
        return {
            f"500 tables, {cache} cache, read + index + render, s": _read(path, Path(folder) / "cache")
            for cache in ("cold", "warm")
        }


def _read(path: Path, cache: Path) -> float:
    settings = Settings()
    started = time.perf_counter()
    database = open_database(
        path,
        settings=settings.database,
        schema_settings=settings.schema,
        cache_dir=cache,
        find_opener=lambda name: load_plugin("agentsql.databases", name),
    )
    try:
        schema = database.schema()
        index_words(schema)
        render_schema(schema, prompt_tokens=settings.schema.prompt_tokens, sample_values=settings.schema.sample_values)
    finally:
        database.close()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
