"""The contract of a model behind any server or library."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from agentsql.types import Completion, Message


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
        max_tokens: int = 512,
        json_schema: Mapping[str, Any] | None = None,
        grammar: str | None = None,
        logprobs: bool = False,
        deadline_s: float | None = None,
        on_token: Callable[[str], None] | None = None,
    ) -> tuple[Completion, ...]:
        """Give `n` completions.

        Args:
            json_schema: the text must be JSON of this schema.
            grammar: the text must match this GBNF grammar with a `root` rule.
            deadline_s: seconds for the call, retries included; None takes the endpoint's own.
            on_token: called with each piece of text as it arrives; only with n = 1.

        Raises:
            ModelError: one of its subclasses, by cause.
        """

    async def close(self) -> None:
        """Close its connections; a shared local server goes on for other users."""
