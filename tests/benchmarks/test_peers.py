"""What the comparison with other systems rests on: counting at the server, copies of databases, and its tables."""

from __future__ import annotations

import asyncio
import json
import runpy
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from peers.copies import change, databases_in, fresh_copy
from peers.proxy import CountingProxy, Tally
from peers.systems import SYSTEMS, Adapter, AdapterStoppedError, System
from peers.table import tables
from peers.worst_case import WorstCase, worst_message

ROOT = Path(__file__).resolve().parents[2]
SHEET = [json.loads(line) for line in (ROOT / "benchmarks" / "peers" / "adversarial.jsonl").read_text().splitlines()]
HELD_S = 20.0


class ScriptedServer(ThreadingHTTPServer):
    """Answers with what `replies` holds, in turn, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[tuple[int, str, bytes]] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.hold = threading.Event()
        self.hold.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append(json.loads(body))
        self.server.keys.append(self.headers["authorization"])
        status, kind, reply = self.server.replies.pop(0)
        self.server.hold.wait(HELD_S)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as scripted:
        thread = threading.Thread(target=scripted.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield scripted
        scripted.hold.set()
        scripted.shutdown()
        thread.join()


def whole(choices: int = 1, *, tokens: int = 7, listed: int = 0) -> tuple[int, str, bytes]:
    logprobs = {"content": [{"token": "x"}] * listed} if listed else None
    found = {
        "choices": [
            {"index": number, "message": {"content": "SELECT 1"}, "logprobs": logprobs} for number in range(choices)
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": tokens, "prompt_tokens_details": {"cached_tokens": 60}},
    }
    return 200, "application/json", json.dumps(found).encode()


async def ask(url: str, **body: Any) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return await client.post(f"{url}/chat/completions", json={"model": "m", **body})


async def test_the_proxy_counts_what_the_server_says_and_passes_the_reply_on_untouched(server: ScriptedServer) -> None:
    server.replies = [whole(), whole()]
    proxy = CountingProxy(server.url, key="secret")
    url = await proxy.start()
    replies = [await ask(url), await ask(url)]
    await proxy.close()
    tally = proxy.tally
    assert [reply.content for reply in replies] == [whole()[2]] * 2
    assert (tally.requests, tally.failed, tally.completions) == (2, 0, 2)
    assert (tally.prompt_tokens, tally.completion_tokens, tally.cached_tokens) == (200, 14, 120)
    assert (tally.models, server.keys) == ({"m"}, ["Bearer secret"] * 2)
    assert tally.seconds > 0


async def test_several_completions_of_a_request_are_counted_token_by_token(server: ScriptedServer) -> None:
    server.replies = [whole(3, tokens=5, listed=5)]
    proxy = CountingProxy(server.url)
    await ask(await proxy.start(), n=3)
    await proxy.close()
    assert server.asked[0]["logprobs"] is True
    assert (proxy.tally.requests, proxy.tally.completions, proxy.tally.completion_tokens) == (1, 3, 15)


async def test_a_stream_is_asked_for_its_usage_and_counted_as_one_completion(server: ScriptedServer) -> None:
    events = [{"choices": [{"index": 0, "delta": {"content": word}}]} for word in ("SELECT", " 1")]
    events.append({"choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 2}})
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    server.replies = [(200, "text/event-stream", text.encode())]
    proxy = CountingProxy(server.url)
    reply = await ask(await proxy.start(), stream=True, stream_options={"other": 1})
    await proxy.close()
    assert reply.text == text
    assert server.asked[0]["stream_options"] == {"other": 1, "include_usage": True}
    tally = proxy.tally
    assert (tally.completions, tally.prompt_tokens, tally.completion_tokens) == (1, 30, 2)


async def test_what_is_still_being_passed_on_is_waited_for_before_counts_are_read(server: ScriptedServer) -> None:
    server.replies = [whole()]
    server.hold.clear()
    proxy = CountingProxy(server.url)
    asking = asyncio.create_task(ask(await proxy.start()))
    while not server.asked:
        await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_later(0.1, server.hold.set)
    await proxy.settle()
    assert proxy.tally.prompt_tokens == 100
    await asking
    await proxy.close()


async def test_an_error_of_the_server_reaches_the_client_and_counts_as_a_failed_request(server: ScriptedServer) -> None:
    server.replies = [(400, "application/json", b'{"error": {"message": "too long"}}')]
    proxy = CountingProxy(server.url)
    reply = await ask(await proxy.start())
    await proxy.close()
    assert (reply.status_code, reply.json()) == (400, {"error": {"message": "too long"}})
    assert (proxy.tally.requests, proxy.tally.failed, proxy.tally.completions) == (1, 1, 0)


async def test_a_server_that_is_not_there_is_a_bad_gateway() -> None:
    proxy = CountingProxy("http://127.0.0.1:9/v1")
    reply = await ask(await proxy.start())
    await proxy.close()
    assert (reply.status_code, proxy.tally.failed) == (502, 1)


async def test_a_reply_that_comes_after_the_question_counts_for_the_question_that_asked(server: ScriptedServer) -> None:
    server.replies = [whole()]
    server.hold.clear()
    proxy = CountingProxy(server.url)
    first = proxy.tally
    asking = asyncio.create_task(ask(await proxy.start()))
    while not server.asked:
        await asyncio.sleep(0.01)
    proxy.tally = Tally()
    server.hold.set()
    await asking
    await proxy.close()
    assert (first.requests, first.prompt_tokens) == (1, 100)
    assert (proxy.tally.requests, proxy.tally.prompt_tokens) == (0, 0)


async def test_a_client_that_goes_away_is_not_waited_for(server: ScriptedServer) -> None:
    server.replies = [whole()]
    server.hold.clear()
    proxy = CountingProxy(server.url)
    asking = asyncio.create_task(ask(await proxy.start()))
    while not server.asked:
        await asyncio.sleep(0.01)
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    async with asyncio.timeout(HELD_S / 2):  # the server itself would hold it longer
        while not proxy.tally.failed:
            await asyncio.sleep(0.01)
    await proxy.close()
    assert (proxy.tally.requests, proxy.tally.completions) == (1, 0)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE singer (id INTEGER PRIMARY KEY, name TEXT)")
        connection.execute("INSERT INTO singer VALUES (1, 'Ada'), (2, CAST(x'ff' AS TEXT))")
    path.chmod(0o444)
    return path


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT * FROM singer", ""),
        ("UPDATE singer SET name = 'Bo' WHERE id = 1", "modified"),
        ("UPDATE singer SET name = name", ""),
        ("DELETE FROM singer WHERE id = 9", ""),
        ("CREATE INDEX singer_by_name ON singer (name)", "modified"),
        ("DROP TABLE singer", "modified"),
        ("PRAGMA user_version = 3", "modified"),
        ("PRAGMA journal_mode = WAL", "touched"),
    ],
)
def test_a_database_is_modified_if_its_schema_or_rows_are_others(source: Path, statement: str, expected: str) -> None:
    copy = source.parent / "copies" / "a.sqlite"
    before = fresh_copy(source, copy)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute(statement)
    assert change(before, copy) == expected


def test_what_is_written_but_never_committed_does_not_modify(source: Path) -> None:
    copy = source.parent / "a.sqlite"
    before = fresh_copy(source, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("DELETE FROM singer")
        assert change(before, copy) != "modified"
    assert change(before, copy) == ""


def test_a_file_that_is_gone_or_overwritten_is_modified(source: Path) -> None:
    copy = source.parent / "a.sqlite"
    before = fresh_copy(source, copy)
    copy.write_bytes(b"no database")
    assert change(before, copy) == "modified"
    copy.unlink()
    assert change(before, copy) == "modified"


def test_a_fresh_copy_takes_the_place_of_one_that_was_spoilt(source: Path) -> None:
    copy = source.parent / "a.sqlite"
    fresh_copy(source, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("DROP TABLE singer")
    before = fresh_copy(source, copy)
    assert change(before, copy) == ""
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM singer").fetchone() == (2,)


def test_each_statement_of_the_sheet_does_harm_where_nothing_stops_it(tmp_path: Path) -> None:
    runpy.run_path(str(ROOT / "examples" / "bookshop.py"))["build"](made := tmp_path / "bookshop.made")
    harmless = []
    for one in SHEET:
        copy = tmp_path / one["id"] / "bookshop.sqlite"
        before, files = fresh_copy(made, copy), databases_in(copy.parent)
        statement = one["sql"].replace("copy.db", str(copy.parent / "copy.db"))
        statement = statement.replace("stolen.db", str(copy.parent / "stolen.db"))
        with closing(sqlite3.connect(copy)) as connection:
            connection.executescript(statement)
        if not change(before, copy) and databases_in(copy.parent) == files:
            harmless.append(one["sql"])
    assert (len(SHEET), len({one["id"] for one in SHEET}), harmless) == (50, 50, [])


def test_the_worst_case_is_given_in_the_form_that_a_system_asks_for() -> None:
    tool = {"function": {"name": "run_sql", "parameters": {"properties": {"sql": {"type": "string"}}}}}
    said = {"role": "user", "content": "Delete it"}
    called = worst_message({"messages": [said], "tools": [tool]}, "DROP TABLE a")["tool_calls"][0]["function"]
    assert (called["name"], json.loads(called["arguments"])) == ("run_sql", {"sql": "DROP TABLE a"})
    after = worst_message({"messages": [said, {"role": "tool", "content": "ok"}], "tools": [tool]}, "DROP TABLE a")
    assert after["content"] == "Done."
    react = {"role": "user", "content": "Action Input: the input\nBegin!\nQuestion: Delete it"}
    assert "Action Input: DROP TABLE a" in worst_message({"messages": [react]}, "DROP TABLE a")["content"]
    react["content"] += "\nAction Input: DROP TABLE a\nObservation: "
    assert worst_message({"messages": [react]}, "DROP TABLE a")["content"].endswith("Final Answer: Done.")
    schema = {"json_schema": {"schema": {"type": "object", "properties": {"intent": {"enum": ["chat", "sql"]}}}}}
    routed = worst_message({"messages": [said], "response_format": schema}, "DROP TABLE a")
    assert json.loads(routed["content"]) == {"intent": "sql"}
    assert worst_message({"messages": [said]}, "DROP TABLE a")["content"] == "DROP TABLE a"


async def test_an_adapter_answers_through_the_proxy_and_its_database_is_written_to(
    source: Path, tmp_path: Path
) -> None:
    worst = WorstCase()
    proxy = CountingProxy(await worst.start())
    copy = tmp_path / "a.sqlite"
    before = fresh_copy(source, copy)
    adapter = Adapter(SYSTEMS["bare"], url=await proxy.start(), model="m", folder=tmp_path)
    await adapter.start()
    worst.sql = "SELECT COUNT(*) FROM singer"
    counted = await adapter.ask("How many?", copy, "", limit_s=30)
    unharmed = change(before, copy)
    worst.sql = "DROP TABLE singer"
    dropped = await adapter.ask("Drop it", copy, "", limit_s=30)
    await adapter.stop()
    await proxy.close()
    await worst.close()
    assert (counted, unharmed) == ({"sql": "SELECT COUNT(*) FROM singer", "text": "[(2,)]", "error": ""}, "")
    assert (dropped["sql"], change(before, copy)) == ("DROP TABLE singer", "modified")
    assert (proxy.tally.requests, proxy.tally.completions) == (2, 2)


async def test_an_adapter_that_passes_its_time_limit_is_ended(
    server: ScriptedServer, source: Path, tmp_path: Path
) -> None:
    server.replies = [whole()]
    server.hold.clear()
    adapter = Adapter(SYSTEMS["bare"], url=server.url, model="m", folder=tmp_path)
    await adapter.start()
    with pytest.raises(AdapterStoppedError, match=r"no answer within 0\.2 s"):
        await adapter.ask("How many?", source, "", limit_s=0.2)


async def test_a_peer_whose_environment_is_missing_says_how_to_make_it(tmp_path: Path) -> None:
    adapter = Adapter(System("vanna2", "nothing"), url="http://x/v1", model="m", folder=tmp_path)
    with pytest.raises(AdapterStoppedError, match=r"setup\.sh nothing"):
        await adapter.start()


def row(peer: str, number: int, *, right: bool, benchmark: str = "spider", **other: Any) -> dict[str, Any]:
    usage = {"requests": 2, "completions": 3, "prompt_tokens": 400, "completion_tokens": 30}
    return {
        "benchmark": benchmark, "graph": peer, "model": "m", "question_id": str(number), "sql": "SELECT 1",
        "status": "answered", "correct": right, "suite": right, "seconds": float(number), "usage": usage,
        "change": "", "new_files": [], **other,
    }  # fmt: skip


def test_the_table_gives_accuracy_cost_and_changes_of_each_system_the_best_first() -> None:
    rows = [row("bare", 1, right=False, status="fails"), row("bare", 2, right=True, change="modified")]
    rows += [row("agentsql-default", number, right=True) for number in (1, 2)]
    text = tables(rows, against="agentsql-default")
    _, _, head, _, first, second = text.splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, first, second)]
    best, other = (dict(zip(cells[0], line, strict=True)) for line in cells[1:])
    assert (best[""], best["test suite"], best["modified"]) == ("agentsql-default", "2 (100.0 %, 34 to 100)", "0")
    assert other["test suite"] == "1 (50.0 %, 9 to 91)"
    assert (other["no answer"], other["requests"], other["completions"]) == ("50.0 %", "2.00", "3.00")
    assert (other["tokens in"], other["seconds, mean"], other["modified"]) == ("400", "1.5", "1")
    assert other["against agentsql-default"] == "+0 -1 of 2, p 1"


def test_the_table_of_the_sheet_counts_modified_databases_not_answers() -> None:
    rows = [row("a", 1, right=False, benchmark="adversarial", change="modified", new_files=["copy.db"])]
    rows += [row("a", 2, right=False, benchmark="adversarial", change="touched", status="error", sql="")]
    text = tables(rows, against="agentsql-default")
    assert [cell.strip() for cell in text.splitlines()[-1].strip("|").split("|")] == [
        "a", "2", "1 (50 %)", "1", "1", "1", "1", "2.00"
    ]  # fmt: skip
