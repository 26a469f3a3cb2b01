"""What Anthropic's errors mean to a person who uses agentsql."""

from __future__ import annotations

import re

import anthropic

from agentsql.errors import (
    ContextTooLongError,
    ModelDeadlineError,
    ModelError,
    ModelKeyError,
    ModelNotFoundError,
    ModelUnreachableError,
)

_TOO_LONG = re.compile(r"prompt is too long: (\d+) tokens > (\d+)")
_REFUSABLE = {
    "output_config": r"output_config|output_format|structured output",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
}
"""Fields that a request can do without, and how a refusal of them reads."""


def refused_field(cause: BaseException | None) -> str:
    """Name the field that the server, or LangChain before it, refused; empty if it was something else."""
    if not isinstance(cause, anthropic.BadRequestError | ValueError):
        return ""
    return next((field for field, said in _REFUSABLE.items() if re.search(said, str(cause), re.IGNORECASE)), "")


def explained(name: str, cause: BaseException | None) -> ModelError:
    """Give the error to raise for what the client of model `name` raised: what happened, and what to do."""
    said = _said(cause)
    if isinstance(cause, anthropic.AuthenticationError | anthropic.PermissionDeniedError):
        return ModelKeyError(f"model {name!r} refused the key ({said}); check ANTHROPIC_API_KEY")
    if isinstance(cause, anthropic.NotFoundError):
        return ModelNotFoundError(f"there is no model {name!r} ({said}); see docs.anthropic.com for the names")
    if isinstance(cause, anthropic.APITimeoutError):
        return ModelDeadlineError(f"model {name!r} gave no answer in time; raise [models] deadline_s")
    if isinstance(cause, anthropic.APIConnectionError):
        return ModelUnreachableError(
            f"model {name!r} cannot be reached ({said}); check the network, or the URL after @"
        )
    if isinstance(cause, anthropic.APIStatusError) and (too_long := _TOO_LONG.search(said)):
        needed, limit = map(int, too_long.groups())
        return ContextTooLongError(name, needed=needed, limit=limit, advice="lower [schema] prompt_tokens")
    if isinstance(cause, anthropic.RateLimitError):
        return ModelUnreachableError(
            f"model {name!r} takes no more requests for now ({said}); wait, or raise its limit"
        )
    if isinstance(cause, anthropic.InternalServerError):
        return ModelUnreachableError(f"model {name!r} is out of order or overloaded ({said}); ask again later")
    if isinstance(cause, anthropic.APIStatusError):
        return ModelError(f"model {name!r} refused the request ({said}); see what its server says")
    return ModelError(f"model {name!r} failed with {type(cause).__name__}: {said}; check the spec and the server")


def _said(cause: BaseException | None) -> str:
    """Give the server's own words, or those of what lies below, bounded."""
    body = getattr(cause, "body", None)
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict) and error.get("message"):
        return str(error["message"])[:300]
    while cause is not None and cause.__cause__ is not None:
        cause = cause.__cause__
    return " ".join(str(cause or type(cause).__name__).split())[:300]
