"""The local server for real: needs the 0.5B model (`agentsql models pull qwen2.5-coder-0.5b`)."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from agentsql.errors import ContextTooLongError, ModelUnreachableError
from agentsql.models.catalogue import catalogue_model
from agentsql.models.files import model_folder, verified_file
from agentsql.models.server import ensure_server, running_servers, serve_command, serve_config, serves, stop_server
from agentsql.models.server_state import LocalServer, read_state, runtime_folder, server_files, write_state
from agentsql.models.spec import open_endpoint
from agentsql.settings import ModelSettings, load_settings
from agentsql.types import Message

from .gguf import write_adapter

NAME = "qwen2.5-coder-0.5b"
FOLDER = model_folder(load_settings().settings.models.directory)
SETTINGS = ModelSettings(directory=str(FOLDER), context=1024, retries=1)

needs_model = pytest.mark.skipif(
    verified_file(catalogue_model(NAME), FOLDER) is None, reason=f"run `agentsql models pull {NAME}` first"
)


@pytest.fixture(autouse=True)
def own_servers(tmp_path, monkeypatch):
    """Give each test servers of its own, and leave none behind."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield
    stop_server()
    assert processes() == []


def processes():
    """Give the ids of server processes of this test's cache folder."""
    found = []
    for state in runtime_folder().glob("*.json"):
        server = read_state(state)
        if server and Path(f"/proc/{server.pid}").exists():
            found.append(server.pid)
    return found


def wait_until_gone(pid):
    deadline = time.monotonic() + 15
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not Path(f"/proc/{pid}").exists()


def get(server, path, key):
    request = urllib.request.Request(server.url + path, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=5) as response:
        return response.status


@needs_model
async def test_a_server_is_started_once_answers_and_comes_back_after_a_crash():
    reports = []
    endpoint = open_endpoint(f"local:{NAME}", settings=SETTINGS, progress=reports.append)
    question = [Message("system", "You write SQL."), Message("user", "Count the rows of t.")]
    try:
        (first,) = await endpoint.complete(question, grammar='root ::= "SELECT " [a-z]{1,5}')
        (server,) = running_servers()
        os.kill(server.pid, signal.SIGKILL)
        (again,) = await endpoint.complete(question, grammar='root ::= "SELECT " [a-z]{1,5}')
        (other,) = running_servers()
        with pytest.raises(ContextTooLongError) as caught:
            await endpoint.complete([Message("user", "word " * 5000)])
        (one,) = await endpoint.complete(question, max_tokens=8)
        many = await endpoint.complete(question, n=10, max_tokens=4, temperature=0.8)
    finally:
        await endpoint.close()
    assert first.text.startswith("SELECT ")
    assert first.text == again.text
    assert other.pid != server.pid
    assert caught.value.needed > caught.value.limit == 1024 + 7 * 512
    assert [one.degraded for one in many] == [()] * 10
    assert 20 < sum(one.usage.completion_tokens for one in many) <= 40
    # Ten share two readings of the prompt: eight slots, then two.
    assert sum(one.usage.prompt_tokens for one in many) == 2 * one.usage.prompt_tokens
    assert [str(report) for report in reports] == [f"loading {NAME}"] * 2


@needs_model
def test_two_commands_at_once_share_one_server_that_only_its_key_opens():
    program = (
        "import sys; from agentsql.models.server import ensure_server; from agentsql.settings import ModelSettings;"
        f"print(ensure_server({NAME!r}, ModelSettings(directory={str(FOLDER)!r}, context=1024)).pid)"
    )
    commands = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    pids = {command.communicate(timeout=60)[0].strip() for command in commands}
    (server,) = running_servers()
    assert pids == {str(server.pid)}
    assert server.url.startswith("http://127.0.0.1:")
    assert get(server, "/models", server.key) == 200
    with pytest.raises(urllib.error.HTTPError, match=r"401"):
        get(server, "/models", "guess")
    files = server_files(NAME)
    assert (files.state.stat().st_mode & 0o777, runtime_folder().stat().st_mode & 0o777) == (0o600, 0o700)
    assert server.key not in repr(server)
    assert server.key not in Path(f"/proc/{server.pid}/cmdline").read_text()
    assert server.key not in files.log.read_text()
    assert ensure_server(NAME, replace(SETTINGS, context=512)).pid == server.pid
    larger = ensure_server(NAME, replace(SETTINGS, context=2048))
    assert (larger.pid != server.pid, larger.context) == (True, 2048)
    assert wait_until_gone(server.pid)
    assert stop_server("another") == ()
    assert stop_server(NAME) == (NAME,)
    assert wait_until_gone(larger.pid)


@needs_model
def test_a_server_stops_when_nobody_uses_it():
    server = ensure_server(NAME, replace(SETTINGS, idle_minutes=1 / 60))
    assert wait_until_gone(server.pid)
    assert running_servers() == ()
    assert not server_files(NAME).state.exists()


@needs_model
async def test_prefixes_of_two_databases_both_stay_warm():
    endpoint = open_endpoint(f"local:{NAME}", settings=SETTINGS)
    schemas = [f"CREATE TABLE {table} (id INTEGER, name TEXT);\n" * 8 for table in ("film", "album")]
    cached = []
    try:
        for number in range(2):
            for schema in schemas:
                question = [Message("system", schema), Message("user", f"question {number}")]
                (completion,) = await endpoint.complete(question, max_tokens=2)
                cached.append(completion.usage.cached_tokens / completion.usage.prompt_tokens)
    finally:
        await endpoint.close()
    assert max(cached[:2]) < 0.3
    assert min(cached[2:]) > 0.8


@needs_model
async def test_model_and_adapter_share_a_server_and_keep_their_prompts_and_answers_apart(tmp_path):
    adapter = write_adapter(tmp_path / "adapter.gguf")
    model = open_endpoint(f"local:{NAME}", settings=SETTINGS)
    adapted = open_endpoint(f"local:{NAME}+{adapter}", settings=SETTINGS)
    greeting = [Message("system", "You are friendly. " * 10), Message("user", "Hello")]
    try:
        (before,) = await model.complete(greeting, max_tokens=8)
        first = [(await one.complete(greeting, max_tokens=8))[0] for one in (adapted, model)]
        again = [(await one.complete(greeting, max_tokens=8))[0] for one in (adapted, model)]
    finally:
        await model.close()
        await adapted.close()
    (server,) = running_servers()
    assert server.adapters == (str(adapter),)
    assert before.text == first[1].text == again[1].text
    assert first[0].text != before.text
    assert [one.usage.cached_tokens for one in first] == [0, 0]
    assert [one.usage.cached_tokens for one in again] == [one.usage.prompt_tokens - 1 for one in again]


@needs_model
async def test_of_two_servers_one_is_killed_at_work_and_every_question_is_answered(monkeypatch):
    configs = [replace(serve_config(NAME, SETTINGS), name=name, key="shared", idle_s=600) for name in ("one", "two")]
    started = [start_server(config) for config in configs]
    urls = ",".join(read_state(server_files(config.name).state).url for config in configs)
    monkeypatch.setenv("OPENAI_API_KEY", "shared")
    endpoint = open_endpoint(f"openai:{NAME}@{urls}", settings=ModelSettings())
    answered = []

    async def ask(number):
        question = [Message("system", f"You know the number {number}."), Message("user", "Say hello.")]
        (one,) = await endpoint.complete(question, max_tokens=6, on_token=lambda _: None)
        answered.append(one.usage.completion_tokens)
        if len(answered) == 3:
            started[0].kill()

    try:
        await asyncio.gather(*map(ask, range(12)))
    finally:
        await endpoint.close()
        for process in started:
            process.kill()
            process.wait()
    assert len(answered) == 12
    assert min(answered) > 1


def start_server(config):
    """Start the server of `config` and give its process once it answers."""
    process = subprocess.Popen(serve_command(), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdin.write(json.dumps(asdict(config)).encode())
    process.stdin.close()
    deadline = time.monotonic() + 60
    while not serves(config):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def test_a_server_that_cannot_load_its_file_shows_its_log_and_leaves_nothing(tmp_path):
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(
        ModelUnreachableError, match=r"(?s)ended at its start with status .* its log .*broken.gguf.log"
    ) as caught:
        ensure_server(str(path), SETTINGS)
    assert "failed to load model" in str(caught.value)
    assert running_servers() == ()


def test_a_state_left_by_a_crash_is_no_server_and_its_process_id_is_not_killed():
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        stale = LocalServer("gone", "http://127.0.0.1:9/v1", "key", bystander.pid, "/x.gguf", 1024, 0.0)
        write_state(server_files("gone").state, stale)
        assert running_servers() == ()
        assert stop_server("gone") == ()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"name": "x"})])
def test_a_state_file_that_cannot_be_read_is_no_server(tmp_path, text):
    path = tmp_path / "state.json"
    path.write_text(text)
    assert read_state(path) is None


@needs_model
async def test_a_server_that_was_stopped_starts_with_the_last_prompt_in_its_cache():
    messages = [Message("system", "You write SQL. " + "A table has columns. " * 60), Message("user", "Count rows.")]
    usages = []
    for _ in range(2):
        endpoint = open_endpoint(f"local:{NAME}", settings=SETTINGS)
        try:
            (completion,) = await endpoint.complete(messages, max_tokens=2)
        finally:
            await endpoint.close()
        usages.append(completion.usage)
        stop_server()
    (kept,) = runtime_folder().glob("*.slot")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert usages[0].cached_tokens == 0
    assert usages[1].cached_tokens >= usages[1].prompt_tokens - 1
