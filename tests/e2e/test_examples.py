"""The example programs run as they stand; where a model is needed it is the small embedded one."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
DEMO_SHOWS = ("23", "Peter Quinn", "Tomás Herrera", "98")
NOWHERE = "http://127.0.0.1:9/v1"
"""An address where nothing listens: the discard port."""


def run_example(name: str, *, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    small = {"AGENTSQL_AGENT_SQL_MODEL": "local:qwen2.5-coder-0.5b"}
    return subprocess.run(
        [sys.executable, EXAMPLES / name],
        env={**os.environ, "COLUMNS": "120", **small, **(environment or {})},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def sample_database() -> Path:
    path = EXAMPLES / "bookshop.sqlite"
    if not path.exists():
        subprocess.run([sys.executable, EXAMPLES / "bookshop.py"], check=True)
    return path


def test_the_sample_database_comes_out_the_same_each_time(sample_database, tmp_path):
    subprocess.run([sys.executable, EXAMPLES / "bookshop.py", tmp_path / "again.sqlite"], check=True)
    assert dump(tmp_path / "again.sqlite") == dump(sample_database)


def test_the_sample_database_holds_together(sample_database):
    connection = sqlite3.connect(f"file:{sample_database}?mode=ro", uri=True)
    try:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        early = "SELECT COUNT(*) FROM orders JOIN customers USING (customer_id) WHERE ordered_on < joined_on"
        assert connection.execute(early).fetchone() == (0,)
    finally:
        connection.close()


def test_the_demo_answers_its_questions_right():
    done = run_example("demo.py", environment={"AGENTSQL_AGENT_SQL_MODEL": "local:qwen2.5-coder-1.5b"})
    assert done.returncode == 0, done.stdout + done.stderr
    for expected in DEMO_SHOWS:
        assert expected in done.stdout


@pytest.mark.slow
def test_embed_answers_a_conversation_and_refuses_to_write():
    done = run_example("embed.py")
    assert done.returncode == 0, done.stderr
    assert "SELECT" in done.stdout
    assert "DELETE FROM reviews\n  refused: " in done.stdout


def test_stream_shows_each_step_and_the_answer():
    done = run_example("stream.py")
    assert done.returncode == 0, done.stderr
    steps = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("▶ ")]
    assert steps[0] == "route" and steps[-1] == "answer"


def test_a_step_of_ones_own_runs_in_a_graph_of_ones_own():
    done = run_example("custom_step.py")
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0]
    assert first.startswith("explain_terms") and "a bargain is a book" in first


def test_the_term_is_explained_to_the_model(sample_database, monkeypatch):
    from agentsql import SQLAgent
    from agentsql.testing import ScriptedModel

    monkeypatch.syspath_prepend(str(EXAMPLES))
    from custom_step import bookshop_graph

    model = ScriptedModel("SELECT COUNT(*) FROM books WHERE price < 10")
    with SQLAgent(sample_database, sql_model=model, graph=bookshop_graph()) as agent:
        agent.ask("How many bargains are there?")
    assert "a bargain is a book with a price below 10" in model.asked[0][-1].content


def test_two_roles_without_servers_say_what_to_start():
    done = run_example("vllm_roles.py", environment={"CHAT_URL": NOWHERE, "SQL_URL": NOWHERE})
    assert done.returncode == 5
    assert "agentsql models serve --chat Qwen/Qwen2.5-3B-Instruct" in done.stdout


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()
