"""MCP with the SDK's own client: over HTTP from a real server, and by the standard streams of the real command."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ResourceTemplateReference

from agentsql import SQLAgent
from agentsql.cli.main import main
from agentsql.serving.fairness import FairQueue
from agentsql.serving.keys import Caller
from agentsql.testing import ScriptedModel
from tests.db.policed_shop import EU, POLICY, shop, tells
from tests.faults.test_endpoints import Server, hang
from tests.serving.conftest import PATIENCE_S, SQL, HeldModel, scripted
from tests.serving.test_http import of, ring

QUESTION = {"question": "How many singers are there?"}
README = Path(__file__).resolve().parents[2] / "agentsql" / "serving" / "README.md"
ERAS = pytest.mark.parametrize("mode", ["2026-07-28", "legacy"])
"""Clients of today, and those that begin with a handshake and have sessions."""


@asynccontextmanager
async def connected(address: str, mode: str = "2026-07-28", headers: dict[str, str] | None = None):
    async with (
        httpx2.AsyncClient(headers=headers, timeout=PATIENCE_S) as http,
        Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


def said(result) -> str:
    """Give the text of a tool's result."""
    (content,) = result.content
    return content.text


@ERAS
async def test_a_question_is_answered_and_its_steps_are_told_as_progress(server, mode):
    progress = []

    async def on_progress(number, _total, step):
        progress.append((number, step))

    async with connected(server(), mode) as client:
        result = await client.call_tool("ask_database", QUESTION, progress_callback=on_progress)
    answer = result.structured_content
    assert (answer["status"], answer["sql"], answer["rows"], answer["text"]) == ("answered", SQL, [[4]], "There are 4.")
    assert SQL in said(result) and not result.is_error
    numbers, steps = zip(*progress, strict=True)
    assert list(numbers) == sorted(set(numbers))
    assert steps[0] == "route" and steps[-1] == "answer"


async def test_every_tool_says_what_it_takes_and_gives_and_which_databases_there_are(server):
    async with connected(server("sales", "staff")) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        staff = await client.call_tool("run_sql", {"sql": SQL, "database": "staff"})
        nowhere = await client.call_tool("run_sql", {"sql": SQL, "database": "none"})
    assert set(tools) == {"ask_database", "run_sql", "describe_schema", "search_values"}
    for tool in tools.values():
        assert tool.input_schema["properties"]["database"]["enum"] == ["sales", "staff"]
        assert tool.output_schema["type"] == "object"
        assert tool.annotations.read_only_hint
    assert staff.structured_content["database"] == "staff"
    assert nowhere.is_error and "there is sales, staff" in said(nowhere)


WRONG = (
    ("run_sql", {"sql": "DELETE FROM singer"}, "refused: "),
    ("run_sql", {"sql": "SELECT nme FROM singer"}, "unknown_column: no such column: nme"),
    ("run_sql", {"sql": SQL, "max_rows": 0}, "max_rows: "),
    ("run_sql", {"query": SQL}, "sql: Field required"),
    ("ask_database", {"question": " "}, "the question is empty"),
    ("describe_schema", {"tables": ["singr"]}, "did you mean 'singer'?"),
    ("search_values", {"text": "x", "column": "name"}, "`column` needs its `table`"),
    ("search_values", {"text": "x", "table": "singer", "column": "nam"}, "no column 'nam'"),
)


async def test_what_is_wrong_is_a_result_that_the_model_can_read(server):
    async with connected(server()) as client:
        results = [await client.call_tool(tool, arguments) for tool, arguments, _ in WRONG]
        with pytest.raises(MCPError, match="no tool 'drop_table'"):
            await client.call_tool("drop_table", {})
    for result, (tool, arguments, expected) in zip(results, WRONG, strict=True):
        assert result.is_error, (tool, arguments)
        assert expected in said(result)


async def test_a_question_that_fails_or_is_asked_back_says_so(server):
    async with connected(server(model=ScriptedModel("SELECT nothing FROM nowhere"))) as client:
        result = await client.call_tool("ask_database", QUESTION)
    assert result.is_error and said(result).startswith("failed: ")
    assert result.structured_content["status"] == "failed"


async def test_no_more_rows_are_given_than_were_asked_for(server):
    model = ScriptedModel(lambda messages: "Four." if "No SQL" in messages[-1].content else "SELECT * FROM singer")
    async with connected(server(model=model)) as client:
        asked = await client.call_tool("ask_database", {**QUESTION, "max_rows": 2})
        own = await client.call_tool("run_sql", {"sql": "SELECT * FROM singer", "max_rows": 3})
    assert (len(asked.structured_content["rows"]), asked.structured_content["truncated"]) == (2, True)
    assert (len(own.structured_content["rows"]), own.structured_content["truncated"]) == (3, True)
    assert "more rows" in said(asked) and "more rows" in said(own)


async def test_the_schema_and_values_are_described(server):
    async with connected(server()) as client:
        whole = await client.call_tool("describe_schema", {})
        one = await client.call_tool("describe_schema", {"tables": ["singer"]})
        name = (await client.call_tool("run_sql", {"sql": "SELECT name FROM singer ORDER BY name"})).structured_content
        written = name["rows"][0][0]
        found = await client.call_tool("search_values", {"text": written.upper(), "table": "singer", "column": "name"})
        begun = await client.call_tool("search_values", {"text": written[:4]})
    assert len(whole.structured_content["tables"]) > len(one.structured_content["tables"]) == 1
    assert "CREATE TABLE singer" in said(one)
    same = {"table": "singer", "column": "name", "value": written, "match": "same"}
    assert found.structured_content["matches"][0] == same
    assert written in {match["value"] for match in begun.structured_content["matches"]}


async def test_resources_and_prompts_give_the_schema(server):
    async with connected(server("sales", "staff")) as client:
        listed = [one.uri for one in (await client.list_resources()).resources]
        templates = (await client.list_resource_templates()).resource_templates
        table = (await client.read_resource("agentsql:///staff/schema/singer")).contents[0]
        prompts = [one.name for one in (await client.list_prompts()).prompts]
        prompt = await client.get_prompt("write_sql", {"question": "How {many}?", "database": "staff"})
        with pytest.raises(MCPError, match="no table 'singr'; did you mean 'singer'"):
            await client.read_resource("agentsql:///staff/schema/singr")
        with pytest.raises(MCPError, match="needs a question"):
            await client.get_prompt("ask", {})
        reference = ResourceTemplateReference(uri=templates[1].uri_template)
        completed = await client.complete(
            reference, {"name": "table", "value": "SING"}, context_arguments={"database": "staff"}
        )
    assert listed[0] == "agentsql:///sales/schema" and "agentsql:///staff/schema/singer" in listed
    assert "CREATE TABLE singer" in table.text and "CREATE TABLE concert" not in table.text
    assert prompts == ["ask", "write_sql", "explore"]
    schema, text = (message.content for message in prompt.messages)
    assert schema.resource.uri == "agentsql:///staff/schema" and "CREATE TABLE concert" in schema.resource.text
    assert "'staff'" in text.text and "How {many}?" in text.text
    assert completed.completion.values == ["singer", "singer_in_concert"]


@ERAS
async def test_a_key_reaches_its_own_databases_only(server, mode):
    address = server("sales", "staff", keys=ring(Caller("ann", ("staff",)), Caller("root")))
    async with connected(address, mode, of("ann")) as client:
        tools = (await client.list_tools()).tools
        resources = (await client.list_resources()).resources
        refused = await client.call_tool("run_sql", {"sql": SQL, "database": "sales"})
    assert tools[0].input_schema["properties"]["database"]["enum"] == ["staff"]
    assert not [one for one in resources if "sales" in one.uri]
    assert refused.is_error and "no database 'sales'" in said(refused)
    async with httpx2.AsyncClient() as http:
        unknown = await http.post(f"{address}/mcp", json={}, headers=of("eve"))
        stream = await http.get(f"{address}/mcp", headers=of("ann"))
        counted = await http.get(f"{address}/metrics", headers=of("ann"))
    assert (unknown.status_code, stream.status_code) == (401, 405)
    assert 'method="POST",route="/mcp",status="200"' in counted.text


async def test_a_session_belongs_to_the_key_that_began_it(server):
    address = server(keys=ring(Caller("ann"), Caller("bob")))
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    begin = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
    accept = {"Accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient(timeout=PATIENCE_S) as http:
        begun = await http.post(f"{address}/mcp", json=begin, headers={**accept, **of("ann")})
        mine = {**accept, "Mcp-Session-Id": begun.headers["mcp-session-id"]}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
        others = await http.post(f"{address}/mcp", json=ping, headers={**mine, **of("bob")})
        own = await http.post(f"{address}/mcp", json=ping, headers={**mine, **of("ann")})
    assert (others.status_code, own.status_code) == (404, 200)


async def test_the_policy_holds_for_every_tool_and_resource(server, tmp_path):
    agent = SQLAgent(shop(tmp_path / "shop.sqlite"), sql_model=ScriptedModel(scripted), policy=POLICY)
    agent.warm = lambda: None
    address = server(agents={"shop": agent}, keys=ring(Caller("anna", principal=EU)))
    async with connected(address, headers=of("anna")) as client:
        given = [
            await client.call_tool("describe_schema", {}),
            await client.call_tool("run_sql", {"sql": "SELECT * FROM customers"}),
            await client.call_tool("run_sql", {"sql": "SELECT * FROM salaries"}),
            await client.call_tool("search_values", {"text": "CANARY"}),
            await client.call_tool("search_values", {"text": "Ann", "table": "customers"}),
            await client.list_resources(),
            await client.read_resource("agentsql:///shop/schema"),
            await client.get_prompt("explore", {}),
        ]
        with pytest.raises(MCPError, match="no table 'salaries'"):
            await client.read_resource("agentsql:///shop/schema/salaries")
    assert not tells([given[0], given[1], given[2], given[4], *given[5:]])
    assert given[1].structured_content["rows"] and given[2].is_error
    assert given[3].structured_content["matches"] == []
    assert given[4].structured_content["matches"][0]["value"] == "Ann"
    assert "salaries" not in repr([given[0], *given[5:]])


@ERAS
async def test_a_call_that_is_cancelled_stops_its_question(server, mode):
    model = HeldModel()
    async with connected(server(model=model), mode) as client:
        async with anyio.create_task_group() as calls:
            calls.start_soon(client.call_tool, "ask_database", QUESTION)
            await anyio.to_thread.run_sync(lambda: model.reached.acquire(timeout=PATIENCE_S))
            calls.cancel_scope.cancel()
        assert await anyio.to_thread.run_sync(lambda: model.stopped.acquire(timeout=PATIENCE_S))
        model.let_go.set()
        again = await client.call_tool("ask_database", QUESTION)
    assert again.structured_content["rows"] == [[4]]


@ERAS
async def test_a_stop_of_the_server_lets_a_running_question_finish(server, mode):
    model, results = HeldModel(), []
    async with connected(server(model=model), mode) as client:
        await client.list_tools()  # the client holds a result against the tool's schema, which it asks for otherwise

        async def ask() -> None:
            results.append(await client.call_tool("ask_database", QUESTION))

        async with anyio.create_task_group() as calls:
            calls.start_soon(ask)
            await anyio.to_thread.run_sync(lambda: model.reached.acquire(timeout=PATIENCE_S))
            server.stop()
            await anyio.sleep(1.0)  # streams that are cut off by a stop are cut off within half a second
            model.let_go.set()
    assert results[0].structured_content["rows"] == [[4]]


async def test_one_of_several_workers_serves_clients_without_a_session(server):
    model = HeldModel()
    model.let_go.set()
    async with connected(server(model=model, workers=2), "legacy") as client:
        result = await client.call_tool("ask_database", QUESTION)
    assert result.structured_content["rows"] == [[4]]


async def test_a_full_queue_is_said_with_the_time_to_try_again(server):
    model = HeldModel()
    async with connected(server(model=model, queue=FairQueue(1, 0))) as client, anyio.create_task_group() as calls:
        calls.start_soon(client.call_tool, "ask_database", QUESTION)
        await anyio.to_thread.run_sync(lambda: model.reached.acquire(timeout=PATIENCE_S))
        result = await client.call_tool("ask_database", QUESTION)
        model.let_go.set()
    assert result.is_error and "try again in" in said(result)


@pytest.fixture
def model_server():
    started = Server()
    yield started
    started.close()


def command(tiny: Path, url: str) -> StdioServerParameters:
    """Give the command as the README configures it, for another file and model."""
    snippets = [json.loads(one) for one in re.findall("```json\n(.*?)```", README.read_text(), re.DOTALL)]
    by_streams, _over_http = (one["mcpServers"]["bookshop"] for one in snippets)
    assert by_streams["command"] == "agentsql"
    words = [word.replace("/home/ann/bookshop.sqlite", str(tiny)) for word in by_streams["args"]]
    env = {**os.environ, **by_streams["env"], "AGENTSQL_AGENT_SQL_MODEL": f"openai:m@{url}"}
    return StdioServerParameters(command=_agentsql(), args=[*words, "--graph", "direct"], env=env)


def _agentsql() -> str:
    return str(Path(sys.executable).with_name("agentsql"))


async def test_the_command_serves_by_its_standard_streams_logs_and_stops_what_is_cancelled(
    tiny, model_server, tmp_path
):
    steps, log = [], tmp_path / "log.jsonl"

    async def on_progress(_number, _total, step):
        steps.append(step)

    parameters = command(tiny, model_server.url)
    parameters.env["AGENTSQL_OBSERVE_LOG_FORMAT"] = "json"
    with log.open("w") as written:
        async with Client(stdio_client(parameters, errlog=written), mode="legacy") as client:
            rows = await client.call_tool("run_sql", {"sql": SQL})
            answer = await client.call_tool("ask_database", QUESTION, progress_callback=on_progress)
            model_server.fault = hang
            with anyio.move_on_after(1.0) as waited:
                await client.call_tool("ask_database", QUESTION)
            model_server.fault = None
            again = await client.call_tool("ask_database", QUESTION)
    assert rows.structured_content["rows"] == answer.structured_content["rows"] == [[4]]
    assert answer.structured_content["database"] == "bookshop"
    assert steps[0] == "generate"
    assert waited.cancelled_caught
    assert again.structured_content["rows"] == [[4]]
    assert "agentsql.observe.watching" in {json.loads(line)["logger"] for line in log.read_text().splitlines()}


def test_standard_output_holds_nothing_but_the_protocol_and_the_end_of_input_ends_the_command(tiny):
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    sent = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        "no JSON",
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "run_sql", "arguments": {"sql": SQL}}},
    ]
    process = subprocess.Popen(
        [_agentsql(), "--debug", "mcp", "--db", str(tiny), "--sql-model", "openai:m@http://127.0.0.1:9/v1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        process.stdin.write("".join(f"{json.dumps(one) if isinstance(one, dict) else one}\n" for one in sent))
        process.stdin.flush()
        lines = []
        while not any('"id":2' in line for line in lines):
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr.read()
        rest, _ = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    messages = [json.loads(line) for line in [*lines, *rest.splitlines()]]
    assert all(message["jsonrpc"] == "2.0" for message in messages)
    assert messages[-1]["result"]["structuredContent"]["rows"] == [[4]]
    assert process.returncode == 0


def test_the_command_ends_when_it_is_told_to(tiny):
    process = subprocess.Popen(
        [_agentsql(), "mcp", "--db", str(tiny), "--sql-model", "openai:m@http://127.0.0.1:9/v1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_database_that_is_not_there_is_said_before_the_protocol_begins(tmp_path, capfd):
    assert main(["mcp", "--db", str(tmp_path / "none.sqlite")]) == 3
    said = capfd.readouterr()
    assert said.out == ""
    assert "none.sqlite" in "".join(said.err.split())
