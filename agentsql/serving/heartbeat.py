"""Keeps a stream of server-sent events alive while nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT


class EventStream(StreamingResponse):
    """A response of server-sent events."""

    media_type = "text/event-stream"


def stream_content(*names: str) -> dict[str, Any]:
    """Give the documentation of a stream whose events have these names, or none, and JSON as their data.

    A route names it in `responses`, with `response_class=Response`: FastAPI takes the type of any other response class
    for that of the route's errors too. `schema` is that of one event, as OpenAPI 3.1 has no word for it (3.2 has).
    """
    data = {"type": "string", "contentMediaType": "application/json"}
    properties: dict[str, Any] = {"data": data}
    if names:
        properties["event"] = {"type": "string", "enum": list(names)}
    schema = {"type": "object", "properties": properties, "required": sorted(properties)}
    return {EventStream.media_type: {"schema": schema}}


HEARTBEAT_S = 15.0
"""Proxies close connections that are silent for 30 to 60 seconds; FastAPI's own event streams take 15 too."""


async def with_heartbeats(source: AsyncGenerator[bytes], every_s: float = HEARTBEAT_S) -> AsyncGenerator[bytes]:
    """Yield what `source` yields, and a comment after each `every_s` seconds of silence; closing it closes `source`."""
    async with aclosing(source):
        while True:
            coming = asyncio.ensure_future(_next(source))
            try:
                while not (await asyncio.wait({coming}, timeout=every_s))[0]:
                    yield KEEPALIVE_COMMENT
            finally:
                if not coming.done():
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
            item = coming.result()
            if item is None:
                return
            yield item


async def _next(source: AsyncGenerator[bytes]) -> bytes | None:
    return await anext(source, None)
