"""An endpoint that may be called from any event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from agentsql.loop import BackgroundLoop
from agentsql.models.endpoint import Endpoint
from agentsql.types import Completion, Message


class AnyLoopEndpoint:
    """Calls an endpoint in the one loop that its connections live in: an open one is of no use to another loop."""

    def __init__(self, endpoint: Endpoint, loop: BackgroundLoop) -> None:
        self.name = endpoint.name
        self._endpoint = endpoint
        self._loop = loop

    async def complete(self, messages: Sequence[Message], **options: Any) -> tuple[Completion, ...]:
        """Do as the endpoint does; `on_token` is called in a thread of the agent's."""
        return await asyncio.wrap_future(self._loop.start(self._endpoint.complete(messages, **options)))

    async def close(self) -> None:
        """Do nothing: the endpoint is its agent's to close."""
