"""`agentsql serve` as a command: names, addresses, refusals, and a process that starts and stops."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from agentsql.cli.main import main
from agentsql.errors import UsageError
from agentsql.serving.server import ServeOptions, _stoppable, addresses, bind, is_loopback, key_ring, named_databases
from tests.models.conftest import ModelServer, Reply, chat_chunks
from tests.serving.conftest import PATIENCE_S

UNREACHED = "openai:none@http://127.0.0.1:9/v1"


@pytest.fixture
def model() -> Iterator[str]:
    """Give the spec of a model behind an address, which writes one query."""
    endpoint = ModelServer()
    endpoint.replies = [Reply(body=chat_chunks("SELECT count(*) FROM singer"))]
    yield f"openai:base@{endpoint.url}"
    endpoint.close()


def test_databases_are_called_by_the_name_given_or_by_their_own():
    given = ["shop/books.sqlite", "sales=postgresql://user:secret@host/db?sslmode=require", "mysql://host/staff"]
    assert named_databases(given) == {
        "books": "shop/books.sqlite",
        "sales": "postgresql://user:secret@host/db?sslmode=require",
        "staff": "mysql://host/staff",
    }
    with pytest.raises(UsageError, match="two databases are called 'a'"):
        named_databases(["a.sqlite", "elsewhere/a.sqlite"])


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.5", False), ("localhost.example", False)],
)  # fmt: skip
def test_without_keys_only_loopback_is_served(host, loopback):
    options = ServeOptions({"a": "a.sqlite"}, host=host)
    assert is_loopback(host) is loopback
    if loopback:
        assert key_ring(options) is None
    else:
        with pytest.raises(UsageError, match="no key is set"):
            key_ring(options)


def test_a_port_that_is_taken_is_a_clear_error_and_exit_code_2(tiny, capsys):
    with bind("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--db", str(tiny), "--port", port, "--sql-model", UNREACHED]) == 2
    assert re.search(
        rf"cannot listen on 127\.0\.0\.1:{port}: .*; choose another", " ".join(capsys.readouterr().err.split())
    )


def test_a_database_that_is_not_there_is_exit_code_3(tmp_path):
    assert main(["serve", "--db", str(tmp_path / "none.sqlite"), "--port", "0", "--sql-model", UNREACHED]) == 3


@pytest.mark.parametrize(("command", "runs"), [("serve", "server.run_server"), ("mcp", "mcp.stdio.run_stdio")])
def test_the_schemas_named_are_those_that_are_read(monkeypatch, command, runs):
    given = []
    monkeypatch.setattr(f"agentsql.serving.{runs}", lambda options, _say: given.append(options))
    assert main([command, "--db", "shop=postgresql://host/shop", "--schema", "sales,public"]) == 0
    assert [options.settings.database.schemas for options in given] == ["sales,public"]


def test_the_addresses_are_told():
    lines = addresses(ServeOptions({"books": "b.sqlite"}, host="::1"), 8080)
    assert "http://[::1]:8080/v1" in lines


def test_keys_are_made_and_listed_by_the_command_line(tmp_path, capsys):
    file = str(tmp_path / "keys.toml")
    assert main(["keys", "add", "ann", "--db", "books", "--file", file]) == 0
    key = capsys.readouterr().out.strip()
    assert main(["keys", "list", "--file", file, "--format", "json"]) == 0
    listed = capsys.readouterr().out
    assert '"ann"' in listed and '"books"' in listed
    assert key.startswith("asql_") and key not in listed


def test_clients_that_come_before_the_server_is_up_wait_and_are_not_refused():
    with bind("127.0.0.1", 0) as listening:
        socket.create_connection(listening.getsockname(), timeout=PATIENCE_S).close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_while_the_server_opens_ends_that(number):
    with _stoppable():
        signal.raise_signal(number)
        pytest.fail("it went on")


@contextmanager
def serving(target, tmp_path, *more: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """Give a process of `agentsql serve` that writes its log as JSON, and its address; nothing of it is left behind."""
    command = [str(Path(sys.executable).with_name("agentsql")), "serve", "--db", str(target), "--port", "0"]
    variables = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "AGENTSQL_OBSERVE_LOG_FORMAT": "json"}
    process = subprocess.Popen(
        [*command, "--graph", "direct", *more], stderr=subprocess.PIPE, text=True, env={**os.environ, **variables},
        start_new_session=True,
    )  # fmt: skip
    try:
        said = ""
        while "/health" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        yield process, re.search(r"http://127\.0\.0\.1:\d+", said)[0]
    finally:
        with suppress(ProcessLookupError):  # workers too, which hold the pipe open
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5 * PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def workers_of(process: subprocess.Popen, tmp_path: Path) -> list[int]:
    """Give the ids of two workers that are up, which is when they have begun to count."""

    def counting() -> list[int]:
        return [int(file.stem.rpartition("_")[2]) for file in tmp_path.glob("agentsql-metrics-*/gauge_livesum_*.db")]

    wait_until(lambda: len(counting()) == 2 or process.poll() is not None)
    return counting()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_the_command_serves_logs_and_stops_with_exit_code_0(tiny, workers, tmp_path, model):
    with serving(tiny, tmp_path, "--workers", str(workers), "--sql-model", model) as (process, address):
        with httpx.Client(base_url=address, timeout=5 * PATIENCE_S) as http:
            answer = http.post("/api/ask", json={"question": "How many singers are there?"}).json()
            counted = http.get("/metrics").text
        process.send_signal(signal.SIGTERM)
        assert process.wait(5 * PATIENCE_S) == 0
        logged = [json.loads(line) for line in process.stderr.read().splitlines() if line != "stopped"]
    assert answer.get("rows") == [[4]], answer
    assert 'route="/api/ask"' in counted
    assert "agentsql.observe.watching" in {line["logger"] for line in logged}


@pytest.mark.slow
def test_a_conversation_that_one_worker_began_goes_on_in_the_other(tiny, tmp_path, model):
    with serving(tiny, tmp_path, "--workers", "2", "--sql-model", model) as (process, address):
        one, other = workers_of(process, tmp_path)

        def ask(question: str, *, stopped: int) -> None:
            os.kill(stopped, signal.SIGSTOP)  # so that it is the other that answers
            body = {"question": question, "conversation": "monday"}
            try:
                assert httpx.post(f"{address}/api/ask", json=body, timeout=PATIENCE_S).status_code == 200
            finally:
                os.kill(stopped, signal.SIGCONT)

        ask("How many singers are there?", stopped=one)
        ask("And now?", stopped=other)
        turns = httpx.get(f"{address}/api/conversations/monday", timeout=PATIENCE_S).json()["turns"]
    assert [turn["question"] for turn in turns] == ["How many singers are there?", "And now?"]


@pytest.mark.slow
def test_a_key_may_ask_so_often_of_all_workers_together(tiny, tmp_path, capsys):
    file = str(tmp_path / "keys.toml")
    assert main(["keys", "add", "ann", "--per-minute", "2", "--file", file]) == 0
    headers = {"Authorization": f"Bearer {capsys.readouterr().out.strip()}"}
    with serving(tiny, tmp_path, "--workers", "2", "--sql-model", UNREACHED, "--keys", file) as (process, address):
        one, other = workers_of(process, tmp_path)
        codes = []
        for stopped in (one, other, one, other):
            os.kill(stopped, signal.SIGSTOP)
            try:
                response = httpx.get(f"{address}/api/databases", headers=headers, timeout=PATIENCE_S)
            finally:
                os.kill(stopped, signal.SIGCONT)
            codes.append(response.status_code)
    assert codes == [200, 200, 429, 429]


@pytest.mark.slow
def test_workers_end_with_the_process_that_started_them(tiny, tmp_path):
    with serving(tiny, tmp_path, "--workers", "2", "--sql-model", UNREACHED) as (process, address):
        workers_of(process, tmp_path)
        process.kill()

        def refused() -> bool:
            try:
                httpx.get(f"{address}/health", timeout=PATIENCE_S)
            except httpx.ConnectError:
                return True
            except httpx.TransportError:  # one that it took before it stopped
                pass
            return False

        wait_until(refused)
