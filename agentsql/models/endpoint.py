"""The contract of a model behind any server or library, and the one client of OpenAI-compatible servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from agentsql.types import Completion, Message, Usage

if TYPE_CHECKING:
    import httpx2
    from langchain_openai import ChatOpenAI


@runtime_checkable
class Endpoint(Protocol):
    """A chat model that can be asked for completions."""

    name: str
    """Its spec, for messages and traces; never holds a key."""

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        n: int = 1,
        temperature: float = 0.0,
        top_p: float = 1.0,
        top_k: int = 0,
        max_tokens: int = 512,
        json_schema: Mapping[str, Any] | None = None,
        grammar: str | None = None,
        logprobs: bool = False,
        deadline_s: float | None = None,
        on_token: Callable[[str], None] | None = None,
    ) -> tuple[Completion, ...]:
        """Give `n` completions.

        Args:
            top_k: likeliest tokens of which each is drawn; 0 leaves it to the server, which has its own number (40 in
                llama.cpp). Callers name it only where they want another, so an endpoint that does without is served.
            json_schema: the text must be JSON of this schema.
            grammar: the text must match this GBNF grammar with a `root` rule.
            deadline_s: seconds for the call, retries included; None takes the endpoint's own.
            on_token: called with each piece of text as it arrives; only with n = 1. A server that dies meanwhile is
                replaced: should its replacement write something else, the pieces stop before the end.

        Raises:
            ModelError: one of its subclasses, by cause.
        """

    async def close(self) -> None:
        """Close its connections; a shared local server goes on for other users."""


def with_call_usage(completions: Sequence[Completion], *, seconds: float) -> tuple[Completion, ...]:
    """Give the completions of one call with the call's whole usage on the first and none on the others."""
    usage = sum((one.usage for one in completions), Usage())
    whole = replace(usage, calls=1, seconds=seconds)
    return tuple(replace(one, usage=Usage() if number else whole) for number, one in enumerate(completions))


@dataclass(frozen=True, slots=True)
class Address:
    """Where one OpenAI-compatible server listens."""

    url: str
    """Base URL, ends in `/v1` as a rule."""
    key: str = field(default="", repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What every request to it says besides, such as the adapter to use."""


@dataclass(frozen=True, slots=True)
class ChatClient:
    """A LangChain chat model of one server with the connections below it."""

    address: Address
    chat: ChatOpenAI
    connections: httpx2.AsyncClient

    async def token_count(self, messages: Sequence[Message]) -> int | None:
        """Give the prompt tokens that a vLLM server counts for `messages`; None if it does not say."""
        import httpx2

        asked = [{"role": message.role, "content": message.content} for message in messages]
        try:
            response = await self.connections.post(
                f"{self.address.url.removesuffix('/v1')}/tokenize",
                json={"model": self.chat.model_name, "messages": asked},
                headers={"Authorization": f"Bearer {self.address.key or 'none'}"},
                timeout=5.0,
            )
            return int(response.json()["count"])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError):
            return None

    async def model_names(self) -> tuple[str, ...]:
        """Give the names that the server serves, as it lists them."""
        page = await self.chat.root_async_client.models.list(timeout=5.0)
        return tuple(model.id for model in page.data)

    async def close(self) -> None:
        await self.connections.aclose()


def open_client(address: Address, model: str) -> ChatClient:
    """Open a client that neither retries nor times out by itself: its caller does both, over all replicas."""
    # Imported here because the import takes 0.9 s.
    from langchain_openai import ChatOpenAI
    from openai import DefaultAsyncHttpxClient, Timeout

    async def key() -> str:
        return address.key or "none"

    loopback = address.url.startswith(("http://127.0.0.1:", "http://localhost:", "http://[::1]:"))
    connections = DefaultAsyncHttpxClient(
        timeout=Timeout(None, connect=10.0),
        trust_env=not loopback,  # a proxy cannot reach our loopback
        verify=not loopback,  # there are no certificates to check, and loading them takes 50 ms
    )
    chat = ChatOpenAI(
        model=model,
        base_url=address.url,
        api_key=key,  # a coroutine, so that no second, synchronous client is made, and no repr shows it
        http_async_client=connections,
        openai_proxy="",
        max_retries=0,
        stream_usage=True,
        stream_chunk_timeout=None,
        use_responses_api=False,
    )
    return ChatClient(address, chat, connections)
