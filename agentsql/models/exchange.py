"""One request to one server and what comes back, streamed or not, as completions or a classified failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openai
from httpx2 import HTTPError
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from agentsql.models.endpoint import ChatClient
from agentsql.models.failures import CallFailure, classify
from agentsql.types import Completion, Message, Usage

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_LANGCHAIN_MESSAGES = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}

CALL_ERRORS = (openai.OpenAIError, HTTPError, ValueError, KeyError, TypeError, AttributeError)
"""What the client raises: the last four when the server's JSON is not a chat completion."""


class RequestFailed(Exception):  # noqa: N818 - it is caught by the endpoint and never reaches a caller
    """One request gave no completion."""

    def __init__(self, failure: CallFailure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class TokenRelay:
    """Hands a text on as it arrives, and only what is new of it when another server has to begin it again.

    Servers of one model write the same text as a rule; where the second one differs, nothing more is handed on.
    """

    def __init__(self, on_token: Callable[[str], None]) -> None:
        self._on_token = on_token
        self._handed = ""
        self._arrived = ""

    def begin(self) -> None:
        """Take what arrives from now on for a new beginning."""
        self._arrived = ""

    def take(self, text: str) -> None:
        self._arrived += text
        if self._arrived.startswith(self._handed) and (fresh := self._arrived[len(self._handed) :]):
            self._handed = self._arrived
            self._on_token(fresh)


class Exchange:
    """One request."""

    def __init__(self, messages: Sequence[Message], fields: Mapping[str, Any], relay: TokenRelay | None) -> None:
        self._messages = messages
        self._fields = fields
        self._relay = relay

    async def send(self, client: ChatClient) -> tuple[Completion, ...]:
        """Give the completions that came, each with its own usage on the first.

        Raises:
            RequestFailed: no answer, an error, or an answer that is no chat completion.
        """
        prompt = langchain_messages(self._messages)
        try:
            if self._relay is None:
                return await self._whole(client, prompt)
            return (await self._streamed(client, prompt, self._relay),)
        except CALL_ERRORS as exc:
            raise RequestFailed(classify(exc)) from exc

    async def _whole(self, client: ChatClient, prompt: list[BaseMessage]) -> tuple[Completion, ...]:
        result = await client.chat.agenerate([prompt], extra_body={**self._fields, **client.address.fields})
        completions: list[Completion] = []
        for generation in result.generations[0]:
            message: Any = getattr(generation, "message", None)
            usage = usage_of(message.usage_metadata) if not completions else Usage()
            details = generation.generation_info or {}
            completions.append(
                Completion(
                    generation.text,
                    finish_reason=details.get("finish_reason") or "stop",
                    logprob=_mean_logprob([details.get("logprobs")]),
                    usage=usage,
                )
            )
        if not completions:
            raise ValueError("the answer holds no choices")
        usage = completions[0].usage
        listed = sum(
            len(((generation.generation_info or {}).get("logprobs") or {}).get("content") or ())
            for generation in result.generations[0]
        )
        # llama.cpp reports the tokens of one completion where it was asked for several.
        usage = replace(usage, completion_tokens=max(usage.completion_tokens, listed))
        return (replace(completions[0], usage=usage), *completions[1:])

    async def _streamed(self, client: ChatClient, prompt: list[BaseMessage], relay: TokenRelay) -> Completion:
        relay.begin()
        pieces: list[str] = []
        logprobs: list[Any] = []
        finish_reason = None
        usage = Usage()
        async for chunk in client.chat.astream(prompt, extra_body={**self._fields, **client.address.fields}):
            if text := chunk.text:
                pieces.append(text)
                relay.take(text)
            logprobs.append(chunk.response_metadata.get("logprobs"))
            finish_reason = chunk.response_metadata.get("finish_reason") or finish_reason
            if chunk.usage_metadata:
                usage = usage_of(chunk.usage_metadata)
        if finish_reason is None:
            raise RequestFailed(CallFailure("unreachable", "the stream ended before the answer did"))
        return Completion("".join(pieces), finish_reason, _mean_logprob(logprobs), usage)


def langchain_messages(messages: Sequence[Message]) -> list[BaseMessage]:
    """Give `messages` as LangChain's classes."""
    return [_LANGCHAIN_MESSAGES[message.role](message.content) for message in messages]


def usage_of(metadata: Any) -> Usage:
    """Give LangChain's usage metadata as ours, with calls and seconds 0; zeros where the server does not say."""
    if not metadata:
        return Usage()
    details = metadata.get("input_token_details") or {}
    return Usage(
        prompt_tokens=metadata["input_tokens"],
        completion_tokens=metadata["output_tokens"],
        cached_tokens=details.get("cache_read") or 0,
    )


def _mean_logprob(reports: Sequence[Any]) -> float | None:
    """Give the mean over all tokens of the `logprobs` objects of one text, or None where there are none."""
    values = [token["logprob"] for report in reports if report for token in report.get("content") or ()]
    return sum(values) / len(values) if values else None
