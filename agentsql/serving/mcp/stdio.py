"""MCP over the standard streams: `agentsql mcp`, started by the client itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
from mcp.server.stdio import stdio_server

from agentsql.serving.keys import LOCAL
from agentsql.serving.mcp.server import mcp_server
from agentsql.serving.server import ServeOptions, open_service
from agentsql.serving.service import Service


def run_stdio(options: ServeOptions, say: Callable[[str], None]) -> None:
    """Serve whoever started this process, until its standard input ends or it is told to stop.

    Args:
        say: called with each line for a person; must not write to standard output.

    Raises:
        DatabaseError, ModelError, …: as `SQLAgent` does.
    """
    with _wire() as (reading, writing):
        service = open_service(options, say)
        asyncio.run(_serve(service, reading, writing))


async def _serve(service: Service, reading: int, writing: int) -> None:
    loop = asyncio.get_running_loop()
    await service.open()
    serving = asyncio.create_task(_exchange(service, reading, writing))
    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C ends it there
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, serving.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    finally:
        await service.close()


async def _exchange(service: Service, reading: int, writing: int) -> None:
    server = mcp_server(service, lambda _context: LOCAL)
    writer = anyio.wrap_file(open(writing, "w", encoding="utf-8", newline="\n", closefd=False))  # noqa: SIM115
    lines: Any = _lines(reading)
    try:
        async with stdio_server(lines, writer) as (read, write):
            await server.run(read, write, server.create_initialization_options())
    except* (BrokenPipeError, anyio.BrokenResourceError):
        pass  # the client is gone


async def _lines(reading: int) -> AsyncIterator[str]:
    """Yield the lines of a file descriptor, read by a thread that need not end for the process to end."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Queue[bytes] = asyncio.Queue()

    def read() -> None:
        chunk = b"-"
        while chunk:
            try:
                chunk = os.read(reading, 65536)
            except OSError:
                chunk = b""
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(arrived.put_nowait, chunk)

    threading.Thread(target=read, name="mcp-stdin", daemon=True).start()
    rest = b""
    while chunk := await arrived.get():
        *complete, rest = (rest + chunk).split(b"\n")
        for line in complete:
            yield line.decode("utf-8", "replace")
    if rest.strip():
        yield rest.decode("utf-8", "replace")


@contextmanager
def _wire() -> Iterator[tuple[int, int]]:
    """Give descriptors of the standard streams that nothing else writes to or reads from.

    Prints and child processes, such as the embedded model's, write to standard error meanwhile, and read nothing.
    """
    sys.stdout.flush()
    reading, writing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    try:
        yield reading, writing
    finally:
        sys.stdout.flush()
        os.dup2(reading, 0)
        os.dup2(writing, 1)
        os.close(writing)
        # `reading` stays open: the thread that reads it may hang in it.
