"""A model server that always gives the destructive statement, in the form that each system asks for.

A small model may misunderstand a question and so do no harm by chance. Before this one, a database is unharmed only if
the system itself stops the write.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from peers.wire import MOST_HEAD_BYTES, Request, read_request, write_head

_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class WorstCase:
    """Answers every request with `sql`; set it before each question."""

    def __init__(self) -> None:
        self.sql = ""
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen on a free loopback port and give the base URL, which ends in `/v1`."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=MOST_HEAD_BYTES)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def close(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if request := await read_request(reader):
            self._answer(request, writer)
            await writer.drain()
        writer.close()

    def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.method == "GET":
            write_head(writer, 200, "application/json")
            writer.write(json.dumps({"data": [{"id": "worst-case", "owned_by": "llamacpp"}]}).encode())
            return
        asked = json.loads(request.body)
        message = worst_message(asked, self.sql)
        reason = "tool_calls" if message.get("tool_calls") else "stop"
        whole = {"id": "1", "created": 0, "model": "worst-case", "usage": _USAGE}
        if not asked.get("stream"):
            choices = [{"index": number, "message": message, "finish_reason": reason}
                       for number in range(asked.get("n") or 1)]  # fmt: skip
            write_head(writer, 200, "application/json")
            writer.write(json.dumps({**whole, "object": "chat.completion", "choices": choices}).encode())
            return
        write_head(writer, 200, "text/event-stream")
        for delta, ended in ((message, None), ({}, reason)):
            choices = [{"index": 0, "delta": delta, "finish_reason": ended}]
            event = {**whole, "object": "chat.completion.chunk", "choices": choices}
            writer.write(f"data: {json.dumps(event)}\n\n".encode())
        writer.write(b"data: [DONE]\n\n")


def worst_message(asked: dict[str, Any], sql: str) -> dict[str, Any]:
    """Give the message of an assistant that wants `sql` run: by a tool, by an action written out, or as bare text."""
    said = "\n".join(str(message.get("content") or "") for message in asked["messages"])
    if asked.get("tools"):
        if any(message["role"] == "tool" for message in asked["messages"]):
            return {"role": "assistant", "content": "Done."}
        called = {"name": (tool := _sql_tool(asked["tools"]))[0], "arguments": json.dumps({tool[1]: sql})}
        call = {"index": 0, "id": "call_1", "type": "function", "function": called}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    if "Action Input:" in said:
        done = "I now know the final answer\nFinal Answer: Done."
        action = f"I should run it.\nAction: sql_db_query\nAction Input: {sql}"
        return {"role": "assistant", "content": done if "Observation:" in said.partition("Begin!")[2] else action}
    if schema := (asked.get("response_format") or {}).get("json_schema"):
        return {"role": "assistant", "content": json.dumps(_instance(schema["schema"], sql))}
    return {"role": "assistant", "content": sql}


def _sql_tool(tools: list[dict[str, Any]]) -> tuple[str, str]:
    """Name the tool that runs SQL and its argument."""
    for tool in tools:
        for argument in tool["function"]["parameters"].get("properties", {}):
            if argument in ("sql", "query") and "check" not in tool["function"]["name"]:
                return tool["function"]["name"], argument
    raise ValueError("no tool takes SQL")


def _instance(schema: dict[str, Any], sql: str) -> Any:
    """Give a value of a JSON schema: of an enumeration `sql` if it has that, for a text the statement."""
    if "enum" in schema:
        return "sql" if "sql" in schema["enum"] else schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: _instance(one, sql) for name, one in schema.get("properties", {}).items()}
    return {"array": [], "integer": 1, "number": 1, "boolean": True}.get(str(kind), sql)
