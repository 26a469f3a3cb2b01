"""A database server that is killed in the middle of a query, and comes back: on a server that the test starts."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from agentsql import Settings, SQLAgent
from agentsql.errors import DatabaseError
from agentsql.testing import ScriptedModel
from tests.services import execute, rows

COUNT = "SELECT count(*) FROM n"
ENDLESS = "SELECT count(*) FROM n a, n b, n c, n d"
QUESTION = "How many are there?"


@dataclass(frozen=True)
class Server:
    """A server of the test's own, which it may kill."""

    url: str
    start: Callable[[], None]
    kill: Callable[[], None]
    busy: str
    """Counts the connections that are at work on `ENDLESS`."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def as_user(name: str) -> list[str]:
    """Give what runs a command as that user where this process may not run a server itself."""
    return ["runuser", "-u", name, "--"] if os.geteuid() == 0 else []


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.05)


def answers(url: str) -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return rows(url, "SELECT 1") == [(1,)]
    except SQLAlchemyError:
        return False


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a server's user may enter, unlike those of pytest."""
    made = Path(tempfile.mkdtemp(prefix="agentsql-faults-"))
    made.chmod(0o777)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def postgres(folder: Path) -> Iterator[Server]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("needs PostgreSQL's own programs; `scripts/services.sh start` installs them")
    programs, port = found[-1].parent, free_port()
    user = as_user("postgres")
    data = folder / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run([*user, programs / "initdb", "-D", data, "-A", "trust", "-U", "tester", "-N"], **quiet)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    control = [*user, programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w"]

    def start() -> None:
        subprocess.run([*control, "-o", options, "start"], **quiet)

    start()
    yield Server(
        f"postgresql://tester@127.0.0.1:{port}/postgres",
        start,
        lambda: subprocess.run([*control, "-m", "immediate", "stop"], **quiet) and None,
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE state = 'active' AND query LIKE '%n d%' AND pid != pg_backend_pid()",
    )
    subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, cwd=folder)


@pytest.fixture
def mariadb(folder: Path) -> Iterator[Server]:
    if not (shutil.which("mariadbd") and shutil.which("mariadb-install-db")):
        pytest.skip("needs MariaDB's own programs; `scripts/services.sh start` installs them")
    port, data, user = free_port(), folder / "data", as_user("mysql")
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    subprocess.run([*user, *install, "--skip-test-db"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    command = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1"]
    command += [
        f"--socket={folder}/socket",
        f"--pid-file={folder}/pid",
        f"--log-error={folder}/log",
        "--skip-name-resolve",
    ]
    command += ["--skip-grant-tables=0", f"--init-file={folder}/init.sql"]
    (folder / "init.sql").write_text(
        "CREATE DATABASE IF NOT EXISTS shop;\nCREATE OR REPLACE USER tester@'%' IDENTIFIED BY 'x';\n"
        "GRANT ALL ON *.* TO tester@'%';\n"
    )
    url = f"mariadb://tester:x@127.0.0.1:{port}/shop"
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        running.append(subprocess.Popen([*user, *command], cwd=folder))
        until(lambda: answers(url), "MariaDB's start")

    def kill() -> None:
        os.kill(int((folder / "pid").read_text()), signal.SIGKILL)
        running[-1].wait(60)

    start()
    busy = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%n d%' AND id <> connection_id()"
    yield Server(url, start, kill, busy)
    kill()


@pytest.fixture(params=["postgres", pytest.param("mariadb", marks=pytest.mark.slow)])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def test_a_server_that_is_killed_in_mid_query_costs_that_question_only(server: Server) -> None:
    execute(server.url, "CREATE TABLE n (i int)", f"INSERT INTO n VALUES {', '.join(f'({i})' for i in range(2000))}")
    model = ScriptedModel(lambda messages: ENDLESS if "of all" in messages[-1].content else COUNT)
    with SQLAgent(server.url, sql_model=model, graph="direct", settings=Settings()) as agent:
        agent.wait_for_values(60)
        assert agent.ask(QUESTION, thread_id="t").rows == ((2000,),)
        process = psutil.Process()
        held, threads = process.num_fds(), threading.active_count()
        with ThreadPoolExecutor(1) as caller:
            cut = caller.submit(agent.ask, "How many of all?", thread_id="t")
            until(lambda: rows(server.url, server.busy)[0][0] > 0, "the query")
            server.kill()
            answer = cut.result(timeout=120)
        assert (answer.status, answer.rows) == ("failed", ())
        assert answer.error is not None
        assert answer.error.message
        with pytest.raises(DatabaseError):
            agent.ask(QUESTION, thread_id="t")
        server.start()
        assert agent.ask(QUESTION, thread_id="t").rows == ((2000,),)
        assert [message.content for message in model.asked[-1]][1] == f"Question: {QUESTION}"
        assert process.num_fds() <= held + 4
        assert threading.active_count() <= threads + 8
