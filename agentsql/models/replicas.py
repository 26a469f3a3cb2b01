"""The servers that answer for one endpoint: which to ask next, and which to leave alone for a while."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable, Sequence

from agentsql.models.endpoint import Address, ChatClient, open_client

Locate = Callable[[], Awaitable[Address]]
"""Gives a server's address, starting the server if that is needed."""

DOWN_S = 15.0
"""How long a replica that failed is passed over."""


class Replica:
    """One server, found and connected to on first use."""

    def __init__(self, model: str, locate: Locate, *, url: str = "") -> None:
        self.url = url
        """Base URL for messages; empty until it has been located."""
        self.in_flight = 0
        self.down_until = 0.0
        """Reading of `time.monotonic()` before which another replica is preferred."""
        self._model = model
        self._locate = locate
        self._address: Address | None = None
        self._client: ChatClient | None = None
        self._lock = asyncio.Lock()

    async def client(self) -> ChatClient:
        """Give the server's client; after a failure the server is located anew, as it may have moved or restarted."""
        async with self._lock:
            if self._client is None or self.down_until:
                address = await self._locate()
                if self._client is not None and address != self._address:
                    await self._client.close()
                    self._client = None
                if self._client is None:
                    self._client = open_client(address, self._model)
                self._address, self.url = address, address.url
            return self._client

    def failed(self) -> None:
        """Let others be preferred for a while."""
        self.down_until = time.monotonic() + DOWN_S

    def answered(self) -> None:
        """Take the server for healthy again."""
        self.down_until = 0.0

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None


def pick_replica(replicas: Sequence[Replica], prefix: str) -> Replica:
    """Give the replica to ask: healthy before failed, then the least busy, then the one that knows `prefix`.

    Args:
        prefix: the stable beginning of the prompt; equal ones go to one replica while it is free, so that its prefix
            cache serves them.
    """
    now = time.monotonic()

    def order(numbered: tuple[int, Replica]) -> tuple[float, int, int]:
        number, replica = numbered
        return max(0.0, replica.down_until - now), replica.in_flight, zlib.crc32(f"{number} {prefix}".encode())

    return min(enumerate(replicas), key=order)[1]
