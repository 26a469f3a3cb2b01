"""The command as a process: its streams, signals and exit codes."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

COMMAND = (sys.executable, "-c", "import sys; from agentsql.cli.main import main; sys.exit(main())")
NO_MODEL = ("--sql-model", "vllm:none@http://127.0.0.1:9/v1")
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
LONGEST_S = 60.0


def _run(*words: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **environ}
    return subprocess.run(
        [*COMMAND, *words], input=stdin, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )


def test_a_missing_database_exits_with_3_and_one_line(tmp_path):
    ran = _run("ask", "--db", str(tmp_path / "none.sqlite"), "q")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith("error: ")
    assert ran.stderr.count("\n") == 1


def test_debug_shows_the_traceback():
    ran = _run("config", "show", AGENTSQL_BUDGET_CALLS="many", AGENTSQL_DEBUG="1")
    assert ran.returncode == 1
    assert ran.stderr.startswith("Traceback")
    assert "AGENTSQL_BUDGET_CALLS: [budget] calls must be a whole number, not 'many'" in ran.stderr


def test_a_reader_that_leaves_causes_no_complaint():
    read, write = os.pipe()
    os.close(read)
    process = subprocess.Popen([*COMMAND, "config", "show"], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    _, complaint = process.communicate(timeout=LONGEST_S)
    assert (process.returncode, complaint) == (1, "")


def test_an_interrupt_ends_a_pipe_with_130_and_closes_the_database(pets):
    process = subprocess.Popen(
        [*COMMAND, "chat", "--db", pets, *NO_MODEL],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin and process.stdout
    process.stdin.write(f"\\sql SELECT 'ready' AS word\n\\sql {ENDLESS}\n")
    process.stdin.close()
    while "ready" not in process.stdout.readline():
        pass
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(LONGEST_S) == 130
    process.stdout.close()
    assert process.stderr
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_a_query_out_of_time_exits_with_4(pets):
    ran = _run("chat", "--db", pets, "--timeout", "0.2", *NO_MODEL, stdin=f"\\sql {ENDLESS}\n")
    assert ran.returncode == 4
    assert "error: the query passed its 0.2 s limit" in ran.stderr


@pytest.mark.parametrize(
    ("words", "first", "tables"),
    [
        pytest.param([], "CREATE TABLE owners (", {"owners", "pets"}, id="text"),
        pytest.param(["--format", "json"], "{", {"owners", "pets"}, id="json"),
        pytest.param(["--format", "mermaid"], "erDiagram", {"owners", "pets"}, id="mermaid"),
        pytest.param(["--table", "PETS"], "CREATE TABLE pets (", {"pets"}, id="one table"),
    ],
)
def test_schema_is_written_as_text_json_or_a_diagram(run, pets, words, first, tables):
    ran = run("schema", "--db", pets, *words)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == first
    assert {name for name in ("owners", "pets") if re.search(rf'(TABLE |"){name}\b', ran.out)} == tables


def test_schema_of_an_unknown_table_names_the_nearest(run, pets):
    ran = run("schema", "--db", pets, "--table", "pet")
    assert (ran.code, ran.err) == (2, "error: there is no table 'pet'; did you mean 'pets'?\n")


def test_a_terminal_gets_a_prompt_and_an_editable_statement(pets):
    typed = ["\\sql SELECT name FROM pets\r", "\\sql\r", " LIMIT 1\r", "\\exprot\r", "\x04"]
    shown = _type_into([*COMMAND, "chat", "--db", pets, *NO_MODEL], typed)
    assert "2 tables" in shown
    assert "(2 rows" in shown
    assert "(1 row" in shown
    assert "did you mean 'export'?" in shown


def _type_into(command: list[str], typed: list[str]) -> str:
    """Run a command on a pseudo-terminal, type a line whenever it falls silent, and give all it showed."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40", "PROMPT_TOOLKIT_NO_CPR": "1"}
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    shown, pending = b"", list(typed)
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 0.5)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
        elif pending and b"agentsql>" in shown:
            os.write(ours, pending.pop(0).encode())
    os.close(ours)
    assert process.wait(LONGEST_S) == 0
    return shown.decode(errors="replace")
