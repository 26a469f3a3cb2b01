"""Servers under supervision, as small real processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from agentsql.errors import ModelUnreachableError
from agentsql.models.supervise import Patience, ServerProcess, supervise

QUICK = Patience(start_s=10, look_s=0.05, sick_s=0.1, restarts=2, backoff_s=0.05, stop_s=5)
# Says that it is up in a file of its own, and goes on until it is told to stop.
STEADY = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("hello", sys.stdin.read(), os.environ.get("COLOUR", ""))
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(60)
"""


def server(folder: Path, label: str, program: str = STEADY, **fields) -> ServerProcess:
    mark = folder / label
    command = (sys.executable, "-u", "-c", program, str(mark))
    prepare = lambda: mark.unlink(missing_ok=True)  # noqa: E731 - a field of the value below
    return ServerProcess(label, command, **{"is_healthy": mark.exists, "prepare": prepare, **fields})


def process_id(folder: Path, label: str) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if (folder / label).exists() and (text := (folder / label).read_text()):
            return int(text)
        time.sleep(0.02)
    raise AssertionError(f"{label} did not come up")


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


class Run:
    """`supervise` in a thread, and what it said."""

    def __init__(self, *servers: ServerProcess, patience: Patience = QUICK) -> None:
        self.said: list[tuple[str, str]] = []
        self.ready = threading.Event()
        self.error: ModelUnreachableError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(servers, patience))
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self.wait()

    def wait(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + 10
        while not any(text in line for _, line in self.said):
            assert time.monotonic() < deadline, (text, self.said)
            time.sleep(0.02)

    def _run(self, servers, patience) -> None:
        try:
            supervise(
                servers,
                say=lambda label, line: self.said.append((label, line)),
                on_ready=self.ready.set,
                stop=self._stop,
                patience=patience,
            )
        except ModelUnreachableError as exc:
            self.error = exc


def test_servers_are_started_with_their_input_logged_under_their_name_and_stopped(tmp_path):
    run = Run(server(tmp_path, "chat", stdin=lambda: "you", environment={"COLOUR": "red"}), server(tmp_path, "sql"))
    assert run.ready.wait(10)
    pids = [process_id(tmp_path, label) for label in ("chat", "sql")]
    run.stop()
    assert not any(map(lives, pids))
    assert run.error is None
    assert run.said == [("chat", "hello you red"), ("sql", "hello")]


def test_a_server_that_dies_is_started_again_and_that_is_said(tmp_path):
    run = Run(server(tmp_path, "sql"))
    assert run.ready.wait(10)
    first = process_id(tmp_path, "sql")
    os.kill(first, signal.SIGKILL)
    run.wait_for("healthy again")
    second = process_id(tmp_path, "sql")
    run.stop()
    assert second != first
    assert ("sql", "died with status -9; starting it again in 0.05 s (restart 1 of at most 2)") in run.said
    assert not lives(second)


def test_a_server_that_goes_on_dying_is_given_up_and_the_others_are_stopped(tmp_path):
    dying = "import sys; open(sys.argv[1], 'w').write('1'); import time; time.sleep(0.5); sys.exit('out of memory')"
    run = Run(server(tmp_path, "chat"), server(tmp_path, "sql", dying))
    assert run.ready.wait(10)
    other = process_id(tmp_path, "chat")
    run.wait()
    assert str(run.error).startswith("the server 'sql' died 3 times, the last time with status 1; its log ends:\n")
    assert "out of memory" in str(run.error)
    assert not lives(other)


def test_a_server_that_cannot_start_is_not_tried_again(tmp_path):
    run = Run(server(tmp_path, "chat"), server(tmp_path, "sql", "raise SystemExit('no such model')"))
    run.wait()
    assert str(run.error) == "the server 'sql' ended at its start with status 1; its log ends:\nno such model"
    assert not run.ready.is_set()
    assert not lives(process_id(tmp_path, "chat"))


def test_a_program_that_is_not_there_is_named(tmp_path):
    run = Run(ServerProcess("sql", ("/nowhere/python",), lambda: False))
    run.wait()
    assert str(run.error) == "cannot run '/nowhere/python' for the server 'sql': No such file or directory"


def test_a_server_that_is_too_slow_to_start_is_given_up(tmp_path):
    run = Run(server(tmp_path, "sql", is_healthy=lambda: False), patience=Patience(start_s=0.3, stop_s=5))
    run.wait()
    assert "was not healthy after 0.3 s" in str(run.error)


def test_a_server_that_somebody_else_has_stopped_stays_stopped(tmp_path):
    run = Run(server(tmp_path, "sql", final=frozenset({0})))
    assert run.ready.wait(10)
    os.kill(process_id(tmp_path, "sql"), signal.SIGTERM)
    run.wait()
    assert run.error is None
    assert run.said[-1] == ("sql", "stopped by another command; not started again")


def test_a_server_that_lives_but_no_longer_answers_is_killed_and_started_again(tmp_path):
    sick = threading.Event()
    run = Run(server(tmp_path, "sql", is_healthy=lambda: (tmp_path / "sql").exists() and not sick.is_set()))
    assert run.ready.wait(10)
    first = process_id(tmp_path, "sql")
    sick.set()
    run.wait_for("has not answered for 0.1 s; killing it")
    sick.clear()
    run.wait_for("healthy again")
    second = process_id(tmp_path, "sql")
    run.stop()
    assert second != first
    assert not lives(first)
    assert not lives(second)


def test_what_a_server_has_started_ends_with_it(tmp_path):
    program = (
        "import subprocess, sys, time; child = subprocess.Popen(['sleep', '60']);"
        "open(sys.argv[1], 'w').write(str(child.pid)); time.sleep(60)"
    )
    run = Run(server(tmp_path, "sql", program))
    assert run.ready.wait(10)
    child = process_id(tmp_path, "sql")
    run.stop()
    deadline = time.monotonic() + 5
    while lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(child)], capture_output=True, text=True, check=False)
    assert state.stdout.strip() in ("", "Z", "Zs")
