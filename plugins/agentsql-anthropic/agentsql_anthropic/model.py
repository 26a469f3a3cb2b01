"""LangChain's chat model with what agentsql knows of its prompts: a shared beginning, and options to leave out."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
from langchain_anthropic import ChatAnthropic

_CACHED = {"type": "ephemeral"}


class Claude(ChatAnthropic):
    """A chat model whose system message is kept by the server, as all questions on one database begin with it."""

    withheld: frozenset[str] = frozenset()
    """Fields that this model has refused."""

    @cached_property
    def _async_client(self) -> AsyncAnthropic:
        # LangChain's own client is one for the whole process, and fails in the second event loop that uses it.
        url = str(self.anthropic_api_url)
        loopback = url.startswith(("http://127.0.0.1:", "http://localhost:"))  # which no proxy can reach
        return AsyncAnthropic(**self._client_params, http_client=DefaultAsyncHttpxClient(trust_env=not loopback))

    def _get_request_payload(self, input_: Any, *, stop: list[str] | None = None, **options: Any) -> dict[str, Any]:
        # Newer models refuse `top_p` beside `temperature`, and 1 says what they do anyway.
        left_out = {*self.withheld, *(("top_p",) if self.top_p == 1.0 else ())}
        sent = self.model_copy(update=dict.fromkeys(left_out))
        payload: dict[str, Any] = ChatAnthropic._get_request_payload(sent, input_, stop=stop, **options)
        if isinstance(payload.get("system"), str):
            payload["system"] = [{"type": "text", "text": payload["system"], "cache_control": _CACHED}]
        return payload
