"""Files of agentsql's own that are broken, cannot be written, or are written by two processes at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.errors import AgentSQLError
from agentsql.folders import cache_folder, data_folder
from agentsql.testing import ScriptedModel

COUNT = "SELECT count(*) FROM singer"
QUESTION = "How many singers are there?"
_ASKS = f"""
import sys
from agentsql import SQLAgent
from agentsql.testing import ScriptedModel

with SQLAgent(sys.argv[1], sql_model=ScriptedModel({COUNT!r}), graph="direct") as agent:
    agent.wait_for_values(120)
    for number in range(5):
        assert agent.ask({QUESTION!r}, thread_id=sys.argv[2]).rows == ((4,),)
"""


@pytest.fixture
def ask(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    """Give a function that opens an agent with caches of its own, and asks one question in a thread."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def answer() -> object:
        with SQLAgent(tiny, sql_model=ScriptedModel(COUNT), graph="direct") as agent:
            agent.wait_for_values(60)
            return agent.ask(QUESTION, thread_id="t").rows

    return answer


def broken(path: Path) -> None:
    path.write_bytes(b"\x00\xff{not what it was" * 40)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: max(1, path.stat().st_size // 2)])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [broken, cut, emptied])
def test_a_broken_cache_is_made_anew(ask, damage: Callable[[Path], None]) -> None:
    assert ask() == ((4,),)
    files = [path for path in cache_folder().rglob("*") if path.suffix in (".json", ".values")]
    assert {path.suffix for path in files} == {".json", ".values"}
    for path in files:
        damage(path)
    assert ask() == ((4,),)
    assert ask() == ((4,),)


def test_a_broken_file_of_threads_is_named_and_other_questions_go_on(tiny: Path, ask) -> None:
    assert ask() == ((4,),)
    broken(data_folder() / "threads.sqlite")
    with pytest.raises(AgentSQLError, match=r"cannot keep conversations in .*threads\.sqlite.*move that file away"):
        ask()
    with SQLAgent(tiny, sql_model=ScriptedModel(COUNT), graph="direct") as agent:
        assert agent.ask(QUESTION).rows == ((4,),)


def test_a_folder_that_cannot_be_written_costs_the_cache_only(ask, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert ask() == ((4,),)


_LIMITED = """
import resource, sys
sys.dont_write_bytecode = True  # Python does not notice that it was written in part
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from agentsql import SQLAgent
from agentsql.errors import AgentSQLError
from agentsql.testing import ScriptedModel

with SQLAgent(sys.argv[1], sql_model=ScriptedModel(sys.argv[2]), graph="direct") as agent:
    agent.wait_for_values(60)
    assert agent.ask("How many singers are there?").rows == ((4,),)
    try:
        agent.ask("How many singers are there?", thread_id="t")
    except AgentSQLError as exc:
        print(exc)
    assert agent.ask("How many singers are there?").rows == ((4,),)
"""


def test_a_full_disk_costs_what_would_be_kept_and_no_answer(tiny: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    command = [sys.executable, "-c", _LIMITED, str(tiny), COUNT, "2000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert "cannot keep conversations" in done.stdout


def test_two_processes_write_one_cache_and_one_file_of_threads(tiny: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    both = [
        subprocess.Popen([sys.executable, "-c", _ASKS, str(tiny), thread], stderr=subprocess.PIPE, text=True)
        for thread in ("one", "two")
    ]
    for process in both:
        assert (process.communicate(timeout=300)[1].count("Traceback"), process.returncode) == (0, 0)
    assert [path.name for path in cache_folder().rglob("*") if path.suffix in (".part", ".lock", ".tmp")] == []
    model = ScriptedModel(COUNT)
    with SQLAgent(tiny, sql_model=model, graph="direct") as agent:
        for thread in ("one", "two"):
            agent.ask("And now?", thread_id=thread)
            assert f"Question: {QUESTION}" in [message.content for message in model.asked[-1]]


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_clock_that_is_moved_changes_nothing(tiny: Path, ask, monkeypatch, hours: int) -> None:
    assert ask() == ((4,),)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 3600 * hours)
    os.utime(tiny, (now() - 3600 * hours, now() - 3600 * hours))
    assert ask() == ((4,),)
    monkeypatch.setattr(time, "time", now)
    assert ask() == ((4,),)
