"""Tells from an exception or an error response what went wrong with a model call, and whether to try again."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import openai

FailureCause = Literal["unreachable", "busy", "broken", "unknown_model", "key", "too_long", "refused"]

# `needed` counts the prompt and, where the server counts it too, the room for its answer.
_TOO_LONG = (
    # llama.cpp, tools/server: "request (9015 tokens) exceeds the available context size (8192 tokens)"
    r"request \((?P<needed>\d+) tokens\) exceeds the available context size \((?P<limit>\d+) tokens\)",
    # vLLM since 2026: "You passed 1193 input tokens and requested 7000 output tokens. However, the model's ..."
    r"passed (?P<prompt>\d+) input tokens and requested (?P<answer>\d+) .*?context length is only (?P<limit>\d+)",
    # vLLM: "maximum context length is 4096 tokens. However, you requested 64 output tokens and your prompt contains
    # at least 4033 input tokens, for a total of at least 4097 tokens"
    r"maximum context length is (?P<limit>\d+) tokens.*?for a total of at least (?P<needed>\d+) tokens",
    # vLLM: "'max_tokens' ... is too large: 8000. ... maximum context length is 4096 tokens and your request has 2778"
    r"is too large: (?P<answer>\d+)\..*?context length is (?P<limit>\d+) tokens and your request has (?P<prompt>\d+)",
    # vLLM 0.32 stops counting one token above the limit: "... 2048 tokens. However, your prompt contains at least 2049
    # input tokens"
    r"maximum context length is (?P<limit>\d+) tokens. However, your prompt contains at least",
    # vLLM and OpenAI: "maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the ..."
    r"maximum context length is (?P<limit>\d+) tokens.*?(?:requested|resulted in|request has) (?P<needed>\d+) ",
    r"context length(?: is only|:| is) (?P<limit>\d+)",
    r"context_length_exceeded|exceeds? (?:the|its|model's) (?:maximum )?context|prompt is too long",
)


@dataclass(frozen=True, slots=True)
class CallFailure:
    """Why one HTTP request to a model server gave no completion."""

    cause: FailureCause
    detail: str
    """The server's or library's own words, at most 300 characters."""
    retry_after_s: float | None = None
    """How long the server asked to wait."""
    needed: int | None = None
    limit: int | None = None

    @property
    def passing(self) -> bool:
        """True if the same request may succeed later or elsewhere."""
        return self.cause in ("unreachable", "busy", "broken")


def classify(exc: Exception) -> CallFailure:
    """Give the cause of an exception that the OpenAI client, LangChain or HTTP layer raised."""
    detail = _detail(exc)
    if isinstance(exc, openai.APIStatusError):
        return _of_status(exc, detail)
    if isinstance(exc, (openai.APIResponseValidationError, ValueError, KeyError, TypeError, AttributeError)):
        return CallFailure("broken", detail)
    if isinstance(exc, openai.APIError) and not isinstance(exc, openai.APIConnectionError):
        return _too_long(detail) or CallFailure("broken", detail)  # an error event within a stream
    return CallFailure("unreachable", detail)


def _of_status(exc: openai.APIStatusError, detail: str) -> CallFailure:
    status = exc.status_code
    if status in (401, 403):
        return CallFailure("key", detail)
    if status == 404:
        return CallFailure("unknown_model", detail)
    if status in (408, 409, 425, 429) or status >= 500:
        return CallFailure("busy", detail, retry_after_s(exc.response.headers, time.time()))
    if failure := _too_long(detail):
        return failure
    if re.search(r"model .*(not found|does not exist|not loaded)", detail, re.IGNORECASE):
        return CallFailure("unknown_model", detail)
    return CallFailure("refused", detail)


def _too_long(detail: str) -> CallFailure | None:
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", detail)
    for pattern in _TOO_LONG:
        if match := re.search(pattern, plain, re.DOTALL):
            sizes = {name: int(text) for name, text in match.groupdict().items()}
            parts = sizes.get("prompt", 0) + sizes.get("answer", 0)
            return CallFailure("too_long", detail, needed=sizes.get("needed", parts) or None, limit=sizes.get("limit"))
    return None


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Give the seconds that a `Retry-After` header asks for, as a number or an HTTP date; None without one."""
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def _detail(exc: Exception) -> str:
    """Give the innermost words: the server's `error.message` if it sent one, else the exception's, bounded."""
    body = getattr(exc, "body", None)
    text = body.get("message") if isinstance(body, dict) else None
    if not text and isinstance(exc, openai.APIConnectionError) and exc.__cause__ is not None:
        cause: BaseException = exc
        while cause.__cause__ is not None:
            cause = cause.__cause__
        text = f"{cause}" or type(cause).__name__
    return " ".join(str(text or exc or type(exc).__name__).split())[:300]
