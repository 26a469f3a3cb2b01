"""The audit log: written before anything runs, whole under many writers and kills, and never silently changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.errors import AuditError
from agentsql.observe.audit import AuditLog
from agentsql.observe.chain import digest, verify
from agentsql.settings import DatabaseSettings, ObserveSettings, Settings
from agentsql.testing import ScriptedModel
from agentsql.types import Principal

COUNT = "SELECT count(*) FROM singer"
WRITER = """
import sys
from agentsql.observe.audit import AuditLog
log = AuditLog(sys.argv[1])
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    log.append("asked", {"question": f"{sys.argv[3]}-{number}"})
"""


def entries(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    """A log with five entries."""
    log = AuditLog(tmp_path / "audit.jsonl")
    for number in range(5):
        log.append("asked", {"question": f"question {number}"})
    return log


@pytest.fixture
def audited(tiny: Path, tmp_path: Path):
    """An agent with an audit log, its scripted model, and the log's path."""
    path = tmp_path / "audit.jsonl"
    settings = Settings(observe=ObserveSettings(audit=str(path)))
    model = ScriptedModel(COUNT, "There are 4 singers.")
    with SQLAgent(tiny, sql_model=model, graph="direct", settings=settings) as agent:
        yield agent, model, path


def test_a_question_is_written_with_what_ran_and_how_many_rows_came(audited):
    agent, _, path = audited
    answer = agent.ask("How many singers are there?", evidence="all of them")
    assert answer.status == "answered"
    opened, asked, query, ran, ended = entries(path)
    assert (opened["event"], opened["database"]) == ("opened", "tiny")
    assert (asked["event"], asked["question"], asked["evidence"]) == (
        "asked", "How many singers are there?", "all of them"
    )  # fmt: skip
    assert (query["event"], query["sql"]) == ("query", COUNT)
    assert (ran["event"], ran["status"], ran["rows"]) == ("ran", "ok", 1)
    assert (ended["event"], ended["status"], ended["sql"], ended["rows"]) == ("ended", "answered", COUNT, 1)
    assert {one["question_id"] for one in (asked, query, ran, ended)} == {answer.question_id}
    assert all(one["os_user"] for one in entries(path))
    assert verify(path).entries == 5


def test_a_query_of_the_callers_own_is_written_too_and_a_refusal_as_one(audited):
    agent, _, path = audited
    agent.run_sql("DROP TABLE singer")
    _, query, ran = entries(path)
    assert (query["sql"], ran["status"], ran["rows"]) == ("DROP TABLE singer", "refused", 0)


def test_who_asks_is_written_and_what_the_policy_refuses_too(tiny, tmp_path):
    path = tmp_path / "audit.jsonl"
    rules = tmp_path / "policy.toml"
    rules.write_text('[tables]\ndeny = ["concert"]\n')
    settings = Settings(observe=ObserveSettings(audit=str(path)))
    model = ScriptedModel(COUNT)
    with SQLAgent(tiny, sql_model=model, graph="direct", settings=settings, policy=rules) as agent:
        agent.ask("How many singers are there?", principal=Principal("anna"))
        refused = agent.run_sql("SELECT title FROM concert", principal=Principal("anna"))
    assert refused.error is not None
    found = entries(path)[1:]
    assert {one["principal"] for one in found} == {"anna"}
    assert [one["event"] for one in found] == ["asked", "query", "ran", "ended", "query", "ran"]
    assert (found[-2]["sql"], found[-1]["status"]) == ("SELECT title FROM concert", refused.error.kind)


def test_an_error_in_place_of_an_answer_is_written(tiny, tmp_path):
    path = tmp_path / "audit.jsonl"
    settings = Settings(observe=ObserveSettings(audit=str(path)))
    with (
        SQLAgent(tiny, sql_model=ScriptedModel(RuntimeError("no")), graph="direct", settings=settings) as agent,
        pytest.raises(RuntimeError),
    ):
        agent.ask("How many singers are there?")
    assert (entries(path)[-1]["event"], entries(path)[-1]["error"]) == ("ended", "RuntimeError")


def test_a_log_that_cannot_be_opened_keeps_the_agent_from_opening(tiny, tmp_path):
    settings = Settings(observe=ObserveSettings(audit=str(tmp_path)))
    with pytest.raises(AuditError, match="cannot be written") as caught:
        SQLAgent(tiny, sql_model=ScriptedModel(COUNT), settings=settings)
    assert str(tmp_path) in str(caught.value)


def test_a_log_that_cannot_be_written_any_more_refuses_the_question_before_a_model_is_asked(audited):
    agent, model, path = audited
    path.unlink()
    path.mkdir()
    with pytest.raises(AuditError):
        agent.ask("How many singers are there?")
    with pytest.raises(AuditError):
        agent.run_sql(COUNT)
    assert model.asked == []


def test_a_log_that_fails_in_the_middle_keeps_the_query_from_running(tiny, tmp_path):
    path = tmp_path / "audit.jsonl"

    def spoil(_messages):
        path.unlink()
        path.mkdir()
        return COUNT

    settings = replace(Settings(), observe=ObserveSettings(audit=str(path)), database=DatabaseSettings())
    with SQLAgent(tiny, sql_model=ScriptedModel(spoil), graph="direct", settings=settings) as agent:
        ran: list[str] = []
        inner = agent._parts.database._watched
        real = inner.run
        inner.run = lambda sql, **limits: ran.append(sql) or real(sql, **limits)
        with pytest.raises(AuditError):
            agent.ask("How many singers are there?")
    assert ran == []


def test_a_password_of_the_address_is_not_in_the_log(tmp_path, tiny):
    path = tmp_path / "audit.jsonl"
    settings = Settings(observe=ObserveSettings(audit=str(path)))
    with SQLAgent(f"sqlite:///{tiny}?mode=ro&password=hunter2", sql_model=ScriptedModel(COUNT), settings=settings):
        pass
    assert "hunter2" not in path.read_text()


def test_several_processes_write_one_chain(tmp_path):
    path = tmp_path / "audit.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), "12", name], stdout=subprocess.PIPE)
        for name in ("a", "b", "c")
    ]
    for writer in writers:
        writer.communicate(timeout=300)
        assert writer.returncode == 0
    found = verify(path)
    assert (found.entries, found.broken_line) == (36, 0)
    said = [one["question"] for one in entries(path)]
    for name in "abc":  # each writer's entries in its own order
        assert [one for one in said if one.startswith(name)] == [f"{name}-{number}" for number in range(12)]


def test_a_writer_that_is_killed_leaves_a_chain_that_goes_on(tmp_path):
    path = tmp_path / "audit.jsonl"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), "100000", "a"], stdout=subprocess.PIPE)
    deadline = time.monotonic() + 300
    while not (path.exists() and path.read_bytes().count(b"\n") >= 5):
        assert time.monotonic() < deadline, "the writer wrote nothing"
        assert writer.poll() is None
        time.sleep(0.005)
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    before = verify(path).entries
    AuditLog(path).append("asked", {"question": "after the kill"})
    found = verify(path)
    assert found.broken_line == 0
    assert found.entries > before >= 5


def test_a_last_line_that_lost_its_end_only_is_an_entry(log):
    log.path.write_bytes(log.path.read_bytes()[:-1])
    assert verify(log.path).entries == 5
    AuditLog(log.path).append("asked", {"question": "next"})
    found = verify(log.path)
    assert (found.entries, found.broken_line, found.torn_lines) == (6, 0, ())


@pytest.mark.parametrize("cut", [2, 40], ids=["its last brace", "half of it"])
def test_a_torn_last_line_is_reported_and_gone_on_behind(log, cut, caplog):
    whole = log.path.read_bytes()
    log.path.write_bytes(whole[:-cut])
    torn = verify(log.path)
    assert (torn.entries, torn.torn_lines, torn.broken_line) == (4, (5,), 0)
    AuditLog(log.path).append("asked", {"question": "next"})
    assert "torn line" in caplog.text
    found = verify(log.path)
    assert (found.broken_line, found.torn_lines) == (0, (5,))
    assert [one["event"] for one in map(json.loads, log.path.read_text().splitlines()[5:])] == ["resumed", "asked"]


def test_a_log_whose_first_line_was_torn_goes_on(tmp_path):
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b'{"n": 1, "ti')
    AuditLog(path).append("asked", {"question": "next"})
    assert (verify(path).broken_line, verify(path).torn_lines) == (0, (1,))


def test_a_line_torn_while_going_on_behind_a_torn_line_is_gone_on_behind_too(log):
    log.path.write_bytes(log.path.read_bytes()[:-20] + b'\n{"n": 5, "ev')
    AuditLog(log.path).append("asked", {"question": "next"})
    found = verify(log.path)
    assert (found.broken_line, found.torn_lines) == (0, (5, 6))


def test_a_disk_that_is_full_refuses_and_leaves_a_log_that_goes_on(tmp_path):
    path = tmp_path / "audit.jsonl"
    code = (
        "import resource, sys\n"
        "sys.dont_write_bytecode = True\n"  # Python does not notice that it was written in part
        "from agentsql.errors import AuditError\n"
        "from agentsql.observe.audit import AuditLog\n"
        "log = AuditLog(sys.argv[1])\n"
        "log.append('asked', {'question': 'one'})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    log.append('asked', {'question': 'two' * 100})\n"
        "except AuditError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=300
    )
    assert "no room for the whole line" in done.stdout
    assert len(path.read_bytes()) == 400
    AuditLog(path).append("asked", {"question": "three"})
    assert (verify(path).broken_line, verify(path).torn_lines) == (0, (2,))


def changed(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2].replace(b"question 2", b"question X"), *lines[3:]]


def changed_and_chained_anew(lines: list[bytes]) -> list[bytes]:
    """Change the third line, and put its new hash into the fourth, but not further."""
    third = lines[2].replace(b"question 2", b"question X")
    fourth = lines[3].replace(digest(lines[2]).encode(), digest(third).encode())
    return [*lines[:2], third, fourth, lines[4]]


@pytest.mark.parametrize(
    ("tampered", "broken"),
    [
        pytest.param(changed, 4, id="a line changed"),
        pytest.param(changed_and_chained_anew, 5, id="a line changed, and the one behind it chained anew"),
        pytest.param(lambda lines: [*lines[:2], *lines[3:]], 3, id="a line removed"),
        pytest.param(lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2, id="two lines reordered"),
        pytest.param(lambda lines: lines[1:], 1, id="the first line removed"),
        pytest.param(lambda lines: [*lines[:3], lines[2], *lines[3:]], 4, id="a line repeated"),
        pytest.param(lambda lines: [*lines[:2], b"{}", *lines[3:]], 3, id="a line emptied"),
        pytest.param(lambda lines: [*lines[:2], lines[2][:-9], *lines[3:]], 3, id="a line cut short"),
        pytest.param(lambda lines: [*lines[:2], b"", *lines[2:]], 3, id="an empty line put in"),
    ],
)
def test_tampering_is_found_at_the_first_line_that_does_not_fit(log, tampered, broken):
    lines = log.path.read_bytes().splitlines()
    log.path.write_bytes(b"".join(line + b"\n" for line in tampered(lines)))
    found = verify(log.path)
    assert found.broken_line == broken
    assert found.why


def test_lines_cut_off_at_the_end_are_found_by_an_anchor(log):
    head = verify(log.path).head
    assert verify(log.path, anchor=head).anchor_line == 5
    lines = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(b"".join(lines[:4]))
    assert verify(log.path).broken_line == 0  # a shorter chain is a chain
    found = verify(log.path, anchor=head)
    assert found.broken_line == 5
    assert "cut off" in found.why


def test_a_file_that_is_no_audit_log_is_not_written_to(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("buy milk\nand bread\n")
    with pytest.raises(AuditError, match="is no audit log"):
        AuditLog(path).append("asked", {})
    assert path.read_text() == "buy milk\nand bread\n"


def test_a_hostile_question_stays_on_its_line_and_cannot_act_on_a_terminal(log):
    log.append("asked", {"question": '\n{"n": 9}\r\x1b[2J\u2028\u202e'})
    assert verify(log.path).entries == 6
    assert log.path.read_bytes().isascii()
    assert b"\x1b" not in log.path.read_bytes()


def test_others_cannot_read_the_log(log):
    assert log.path.stat().st_mode & 0o077 == 0
