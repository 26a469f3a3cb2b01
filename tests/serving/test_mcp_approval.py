"""A person's decision on queries that come by MCP, with the SDK's own client."""

from __future__ import annotations

from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult

from agentsql.serving.keys import Caller
from tests.serving.conftest import PATIENCE_S, SQL
from tests.serving.test_http import of, ring
from tests.serving.test_mcp import ERAS, QUESTION, said

NAMES = "SELECT name FROM singer ORDER BY name LIMIT 1"


@asynccontextmanager
async def connected(address: str, mode: str, *decisions: ElicitResult, asked: list | None = None, key: str = ""):
    """Give a client whose person decides so, and keeps what was asked; without decisions, one that cannot ask."""
    left = list(decisions)

    async def decide(_context, params) -> ElicitResult:
        if asked is not None:
            asked.append(params.message)
        return left.pop(0)

    headers = of(key) if key else {}
    callback = {"elicitation_callback": decide} if decisions else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=PATIENCE_S) as http,
        Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=mode, **callback) as client,
    ):
        yield client


def accepted(**content: str) -> ElicitResult:
    return ElicitResult(action="accept", content=content)


@ERAS
@pytest.mark.parametrize(
    ("decision", "status", "rows"),
    [
        pytest.param(accepted(decision="run"), "answered", [[4]], id="run"),
        pytest.param(accepted(decision="run", sql=NAMES), "answered", [["Joe Sharp"]], id="another query"),
        pytest.param(accepted(decision="refuse"), "refused", [], id="refused"),
        pytest.param(accepted(sql=NAMES), "refused", [], id="no decision"),
        pytest.param(ElicitResult(action="decline"), "refused", [], id="declined"),
        pytest.param(ElicitResult(action="cancel"), "refused", [], id="put away"),
    ],
)
async def test_the_person_is_asked_through_the_client_before_a_query_runs(server, mode, decision, status, rows):
    asked: list[str] = []
    async with connected(server(approve=True), mode, decision, asked=asked) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        result = await client.call_tool("ask_database", QUESTION)
    answer = result.structured_content
    assert (answer["status"], answer["rows"]) == (status, rows)
    assert result.is_error == (status == "refused")
    assert len(asked) == 1 and SQL in asked[0] and QUESTION["question"] in asked[0]
    assert "decide" not in tools


@ERAS
async def test_where_the_client_cannot_ask_the_query_waits_for_a_call_that_decides(server, mode):
    async with connected(server(approve=True), mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        waiting = await client.call_tool("ask_database", QUESTION)
        conversation = waiting.structured_content["conversation"]
        both = {"conversation": conversation, "decision": "refuse", "sql": NAMES}
        unclear = await client.call_tool("decide", both)
        done = await client.call_tool("decide", {"conversation": conversation, "decision": "run"})
        again = await client.call_tool("decide", {"conversation": conversation, "decision": "run"})
    assert "decide" in tools
    assert (waiting.structured_content["status"], waiting.structured_content["rows"]) == ("waiting", [])
    assert (
        not waiting.is_error
        and f"SQL: {SQL}" in said(waiting)
        and f"`decide` with conversation {conversation!r}" in said(waiting)
    )
    assert unclear.is_error and "leave `sql` out" in said(unclear)
    assert done.structured_content["rows"] == [[4]]
    assert again.is_error and "no longer waits" in said(again)


async def test_without_approval_nobody_is_asked_and_nobody_decides(server):
    async with connected(server(), "2026-07-28") as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        answer = await client.call_tool("ask_database", QUESTION)
    assert "decide" not in tools
    assert answer.structured_content["status"] == "answered"


async def test_a_decision_holds_for_the_query_that_was_shown_and_for_its_own_key(server):
    address = server(approve=True, keys=ring(Caller("ann"), Caller("bea")))
    approved = {"decision": accepted(decision="run")}
    async with connected(address, "2026-07-28", accepted(decision="run"), key="ann") as ann:
        asked = await ann.session.call_tool("ask_database", QUESTION, allow_input_required=True)
        state = asked.request_state
        async with connected(address, "2026-07-28", accepted(decision="run"), key="bea") as bea:
            anothers = await bea.call_tool("ask_database", QUESTION, input_responses=approved, request_state=state)
        other = f"{state.partition(' ')[0]} {'0' * 64}"
        made_up = await ann.call_tool("ask_database", QUESTION, input_responses=approved, request_state=other)
        own = await ann.call_tool("ask_database", QUESTION, input_responses=approved, request_state=state)
    for result in (anothers, made_up):
        assert result.is_error and "no longer waits" in said(result)
    assert own.structured_content["rows"] == [[4]]
