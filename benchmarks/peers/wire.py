"""As much of an HTTP/1.1 server as the counting proxy and the worst-case server need: one request a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

MOST_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read to its end."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Give the request of a connection, or None if the client went away before its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _version = first.split(" ", 2)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return Request(method, path, headers, await _chunks(reader))
        return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return body


def write_head(writer: asyncio.StreamWriter, status: int, content_type: str) -> None:
    """Begin a response that ends with the connection."""
    writer.write(f"HTTP/1.1 {status} -\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n".encode("latin-1"))
