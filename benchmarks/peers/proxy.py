"""A proxy before an OpenAI-compatible server that counts what each question costs, whoever asks it.

What a system says of itself is not comparable: some count retries, some count nothing. The server's own `usage` is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from peers.wire import MOST_HEAD_BYTES, Request, read_request, write_head

_COUNTED = ("/v1/chat/completions", "/v1/completions")
_PASSED_ON = ("content-type", "accept")
_SETTLE_S = 10.0
_PATIENCE_S = 1800.0
"""The runner has a limit of its own and ends the client, which ends the request."""


@dataclass(slots=True)
class Tally:
    """What was asked of the server since this tally was laid under the proxy."""

    requests: int = 0
    """Sent for completions, those included that failed or were broken off."""
    failed: int = 0
    """Of these, answered with an error, or not at all."""
    completions: int = 0
    """A request may ask for several."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt tokens, those that the server had read before."""
    seconds: float = 0.0
    """Spent in the server, summed over requests."""
    models: set[str] = field(default_factory=set)
    """Names the requests gave."""


class CountingProxy:
    """Passes `/v1/*` on to `upstream` and counts into `tally`; lay a fresh one under it before each question."""

    def __init__(self, upstream: str, *, key: str = "", log: Path | None = None) -> None:
        """Store what `start` needs.

        Args:
            upstream: base URL that ends in `/v1`.
            key: for the server; a client of the proxy may give any.
            log: file for each request with its reply, a JSON line each.
        """
        self.tally = Tally()
        self._upstream = upstream.rstrip("/").removesuffix("/v1")
        self._key = key
        self._log = log
        self._client: httpx2.AsyncClient | None = None
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen on a free loopback port and give the base URL, which ends in `/v1`."""
        self._client = httpx2.AsyncClient(timeout=_PATIENCE_S, trust_env=False)
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=MOST_HEAD_BYTES)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def settle(self) -> None:
        """Wait until all that was asked is counted: a client may have its answer before a stream has ended."""
        if self._open:
            await asyncio.wait(self._open, timeout=_SETTLE_S)

    async def close(self) -> None:
        """Stop listening."""
        if self._server and self._client:
            self._server.close()
            await self._client.aclose()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if request:
            passing = asyncio.create_task(self._pass_on(request, writer))
            self._open.add(passing)
            passing.add_done_callback(self._open.discard)
            gone = asyncio.create_task(reader.read(1))
            # A client that was ended leaves a server that goes on generating into the next question's time.
            await asyncio.wait({passing, gone}, return_when=asyncio.FIRST_COMPLETED)
            for task in (passing, gone):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await task
        writer.close()

    async def _pass_on(self, request: Request, writer: asyncio.StreamWriter) -> None:
        assert self._client is not None
        counted = request.method == "POST" and request.path in _COUNTED
        tally = self.tally  # a reply that comes late still belongs to the question that asked for it
        body = request.body
        if counted:
            asked = json.loads(body)
            tally.requests += 1
            tally.models.add(str(asked.get("model", "")))
            body = json.dumps(_countable(asked)).encode()
        headers = {name: value for name, value in request.headers.items() if name in _PASSED_ON}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        started = asyncio.get_running_loop().time()
        status, reply = 0, b""
        try:
            async with self._client.stream(
                request.method, self._upstream + request.path, content=body, headers=headers
            ) as response:
                status = response.status_code
                write_head(writer, status, response.headers.get("content-type", "application/json"))
                async for piece in response.aiter_bytes():
                    reply += piece
                    writer.write(piece)
                    await writer.drain()
        except httpx2.HTTPError as exc:
            if not status:
                write_head(writer, 502, "application/json")
                writer.write(json.dumps({"error": {"message": f"no reply of the model server: {exc}"}}).encode())
        finally:
            if counted:
                tally.seconds += asyncio.get_running_loop().time() - started
                self._count(tally, asked, status, reply)

    def _count(self, tally: Tally, asked: Any, status: int, reply: bytes) -> None:
        tally.failed += status != 200
        replies = list(_objects(reply)) if status == 200 else []
        choices = [(one["index"], one) for found in replies for one in found.get("choices", ())]
        tally.completions += len({index for index, _ in choices})
        usage: dict[str, Any] = next((found["usage"] for found in reversed(replies) if found.get("usage")), {})
        listed = sum(len((one.get("logprobs") or {}).get("content") or ()) for _, one in choices)
        tally.prompt_tokens += usage.get("prompt_tokens", 0)
        # llama.cpp reports the tokens of one completion where it was asked for several.
        tally.completion_tokens += max(usage.get("completion_tokens", 0), listed)
        tally.cached_tokens += (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        if self._log:
            with self._log.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"request": asked, "status": status, "reply": reply.decode(errors="replace")}))
                file.write("\n")


def _countable(asked: dict[str, Any]) -> dict[str, Any]:
    """Give the request with what the counting needs: usage at the end of a stream, each token of several replies."""
    if asked.get("stream"):
        asked = {**asked, "stream_options": {**(asked.get("stream_options") or {}), "include_usage": True}}
    if (asked.get("n") or 1) > 1:
        asked = {**asked, "logprobs": True}
    return asked


def _objects(reply: bytes) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a reply, one, or one each event of a stream; what was broken off is left out."""
    pieces = reply.split(b"\n") if reply.lstrip().startswith(b"data:") else [reply]
    for piece in pieces:
        with contextlib.suppress(ValueError):
            found = json.loads(piece.strip().removeprefix(b"data:"))
            if isinstance(found, dict):
                yield found
