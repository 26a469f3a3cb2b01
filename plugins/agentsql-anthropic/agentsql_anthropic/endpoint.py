"""The endpoint: LangChain's chat model as agentsql asks it, with JSON by schema and errors that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

from anthropic import transform_schema

from agentsql.errors import ModelUnreachableError
from agentsql.models.adapter import LangChainEndpoint
from agentsql.models.options import CallArguments
from agentsql.settings import ModelSettings
from agentsql.types import Completion, Message
from agentsql_anthropic.failures import explained, refused_field
from agentsql_anthropic.model import Claude

_DEGRADED = {"output_config": "json_schema", "temperature": "temperature", "top_p": "top_p", "top_k": "top_k"}
"""Fields of a request, and what agentsql calls them."""


class AnthropicEndpoint:
    """One Claude model; it retries what may pass by itself, and leaves out what the model refuses."""

    def __init__(self, model: str, *, url: str, key: str, settings: ModelSettings) -> None:
        self.name = f"anthropic:{model}"
        self._deadline_s = settings.deadline_s
        self._withheld: frozenset[str] = frozenset()
        options: dict[str, Any] = {"model": model, "base_url": url, "api_key": key, "max_retries": settings.retries}
        self._chat = Claude(**options)
        self._client = self._chat._async_client  # made here, so that every copy of the chat model shares it

    async def complete(self, messages: Sequence[Message], **arguments: Unpack[CallArguments]) -> tuple[Completion, ...]:
        """Give `n` completions by n calls side by side; a field the model refuses is left out from then on.

        Raises:
            ModelError: one of its subclasses, by cause.
        """
        schema = arguments.pop("json_schema", None)
        sampled = {name for name, unset in (("top_p", 1.0), ("top_k", 0)) if arguments.get(name, unset) != unset}
        sent = {"temperature", *sampled, *(("output_config",) if schema is not None else ())}
        while True:
            withheld = self._withheld
            update: dict[str, Any] = {"withheld": withheld}
            if schema is not None and "output_config" not in withheld:
                update["output_config"] = {"format": {"type": "json_schema", "schema": transform_schema(dict(schema))}}
            endpoint = LangChainEndpoint(self._chat.model_copy(update=update), deadline_s=self._deadline_s)
            try:
                completions = await endpoint.complete(messages, **arguments)
            except ModelUnreachableError as exc:
                field = refused_field(exc.__cause__)
                if field not in sent - withheld:
                    raise explained(self.name, exc.__cause__) from exc
                self._withheld |= {field}
                continue
            degraded = tuple(_DEGRADED[field] for field in sorted(sent & withheld))
            return tuple(replace(one, degraded=(*one.degraded, *degraded)) for one in completions)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
