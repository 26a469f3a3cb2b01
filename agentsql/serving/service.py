"""What the routes work with: the agents, the keys, the queue and the conversations of one server process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from agentsql.folders import data_folder
from agentsql.graph.conversations import Conversations, Place, open_conversations
from agentsql.serving.fairness import FairQueue
from agentsql.serving.keys import LOCAL, Caller, KeyRing
from agentsql.serving.metrics import Metrics
from agentsql.serving.problems import ApiError
from agentsql.serving.rates import RateLimit

if TYPE_CHECKING:
    from agentsql.agent import SQLAgent


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take."""

    body_bytes: int = 1_000_000
    body_s: float = 30.0
    """Within which a body must have arrived."""


@dataclass(slots=True)
class Service:
    """One server process; its agents are the caller's to open, and closed by `close`."""

    agents: Mapping[str, SQLAgent]
    """By the names that callers use; the first is asked where a request names none."""
    queue: FairQueue
    keys: KeyRing | None = None
    """None lets everybody in, which is for a server that listens on loopback only."""
    hosts: tuple[str, ...] = ()
    """Values of the Host header that are answered; empty means any."""
    origins: tuple[str, ...] = ()
    """Web origins whose pages may call this server."""
    workers: int = 1
    """Processes that share the address; this is one of them."""
    approve: bool = False
    """Let a person decide on each query of a question that comes by MCP."""
    limits: Limits = field(default_factory=Limits)
    metrics: Metrics = field(default_factory=Metrics)
    rates: RateLimit = field(default_factory=RateLimit)
    busy: set[str] = field(default_factory=set)
    """Ids of the threads in which a question is being answered."""
    _conversations: Conversations | None = None

    @property
    def conversations(self) -> Conversations:
        """The conversations, open while the application runs."""
        assert self._conversations is not None, "the application has not been started"
        return self._conversations

    async def open(self) -> None:
        """Open the conversations, and start to load the models."""
        await self.open_conversations()
        for agent in self.agents.values():
            agent.warm()

    async def open_conversations(self) -> None:
        """Open the conversations alone, which shows whether they can be kept."""
        place: str | Path = data_folder() / "threads.sqlite"
        for agent in self.agents.values():
            place = agent.settings.agent.conversations or place
        self._conversations = await open_conversations(place)

    async def close(self) -> None:
        """Close the agents and the conversations."""
        for agent in self.agents.values():
            await asyncio.to_thread(agent.close)
        if self._conversations is not None:
            await self._conversations.close()
            self._conversations = None
        self.rates.close()


@dataclass(frozen=True, slots=True)
class Served:
    """A database as its caller may use it."""

    name: str
    agent: SQLAgent
    caller: Caller

    @property
    def place(self) -> Place:
        """Where this caller's conversations about it are."""
        return Place(self.caller.name, self.name)


def service_of(request: Request) -> Service:
    """Give the service of the application that handles the request."""
    return cast(Service, request.app.state.service)


ServiceOf = Annotated[Service, Depends(service_of)]
_bearer = HTTPBearer(auto_error=False, description="A key made with `agentsql keys add NAME`.")


def caller_of(
    service: ServiceOf, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller:
    """Give who asks, and count the request against the limit of that key."""
    caller: Caller | None = LOCAL
    if service.keys is not None:
        caller = service.keys.find(credentials.credentials) if credentials else None
    if caller is None:
        service.metrics.rejected.labels("invalid_api_key").inc()
        missing = "the key is not known" if credentials else "a key is needed"
        raise ApiError(401, "invalid_api_key", f"{missing}; send it as `Authorization: Bearer KEY`")
    if caller.per_minute and (wait_s := service.rates.wait_s(caller.name, caller.per_minute)):
        service.metrics.rejected.labels("rate_limit_exceeded").inc()
        message = f"this key may send {caller.per_minute} requests a minute; ask again later"
        raise ApiError(429, "rate_limit_exceeded", message, retry_after_s=wait_s)
    return caller


CallerOf = Annotated[Caller, Depends(caller_of)]


def names_for(service: Service, caller: Caller) -> list[str]:
    """Give the databases that a caller may reach, in the order they were given to the server."""
    return [name for name in service.agents if not caller.databases or name in caller.databases]


def served(service: Service, caller: Caller, name: str | None) -> Served:
    """Give the database of that name, or the caller's first one; what is another's is as if it were not there."""
    names = names_for(service, caller)
    chosen = (names[0] if names else "") if name is None else name
    if chosen not in names:
        known = f"there is {', '.join(names)}" if names else "this key may reach none"
        raise ApiError(404, "unknown_database", f"there is no database {chosen!r}; {known}", param="database")
    return Served(chosen, service.agents[chosen], caller)
