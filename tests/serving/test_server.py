"""`agentsql serve` as a command: names, addresses, refusals, and a process that starts and stops."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from agentsql.cli.main import main
from agentsql.errors import UsageError
from agentsql.serving.server import ServeOptions, addresses, bind, is_loopback, key_ring, named_databases
from tests.serving.conftest import PATIENCE_S

UNREACHED = "openai:none@http://127.0.0.1:9/v1"


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
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--db", str(tiny), "--port", port, "--sql-model", UNREACHED]) == 2
    assert re.search(
        rf"cannot listen on 127\.0\.0\.1:{port}: .*; choose another", " ".join(capsys.readouterr().err.split())
    )


def test_a_database_that_is_not_there_is_exit_code_3(tmp_path):
    assert main(["serve", "--db", str(tmp_path / "none.sqlite"), "--port", "0", "--sql-model", UNREACHED]) == 3


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


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_the_command_serves_and_stops_with_exit_code_0(tiny, workers, tmp_path):
    command = [str(Path(sys.executable).with_name("agentsql")), "serve", "--db", str(tiny), "--port", "0"]
    command += ["--workers", str(workers), "--sql-model", UNREACHED]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "HOME": str(tmp_path)})
    try:
        said = ""
        while "/health" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        address = re.search(r"http://127\.0\.0\.1:\d+", said)[0]
        with httpx.Client(base_url=address, timeout=PATIENCE_S) as http:
            rows = http.post("/api/sql", json={"sql": "SELECT count(*) FROM singer"}).json()["rows"]
            text = http.get("/metrics").text
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.communicate()
    assert rows == [[4]]
    assert 'route="/api/sql"' in text
