"""Words a failed model call as the error that a caller sees."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agentsql.errors import (
    ContextTooLongError,
    ModelError,
    ModelKeyError,
    ModelNotFoundError,
    ModelUnreachableError,
    nearest,
)

if TYPE_CHECKING:
    from agentsql.models.failures import CallFailure
    from agentsql.models.options import ServerKind

_KEY_ADVICE = {
    "llama.cpp": "run `agentsql models stop`, then ask again",
    "vllm": "set VLLM_API_KEY to one that it accepts",
    "openai": "set OPENAI_API_KEY to one that it accepts",
}
_START_ADVICE = {
    "llama.cpp": "run `agentsql models ps`, and ask again to start it anew",
    "vllm": "start it (`vllm serve MODEL`), or give its address after the @ in vllm:MODEL@URL",
    "openai": "start it, or give its address after the @ in openai:MODEL@URL",
}
_LENGTH_ADVICE = {
    "llama.cpp": "lower [schema] prompt_tokens or raise [models] context",
    "vllm": "lower [schema] prompt_tokens or serve the model with a higher --max-model-len",
    "openai": "lower [schema] prompt_tokens or use a model with a longer context",
}


def call_error(failure: CallFailure, *, name: str, model: str, kind: ServerKind, url: str, tries: int) -> ModelError:
    """Give the error for a failure of any cause except an unknown model; see `unknown_model`."""
    after = f" (tried {tries} times)" if tries > 1 else ""
    match failure.cause:
        case "unreachable":
            return ModelUnreachableError(
                f"no answer from {url} for {name!r}{after}: {failure.detail}; {_START_ADVICE[kind]}"
            )
        case "busy":
            return ModelUnreachableError(
                f"the server at {url} did not take the request for {name!r}{after}: {failure.detail}; try again later,"
                " or send it fewer questions at once"
            )
        case "broken":
            return ModelUnreachableError(
                f"the server at {url} sent no chat completion for {name!r}{after}: {failure.detail}; check that the URL"
                " is that of an OpenAI-compatible server, as a rule ending in /v1"
            )
        case "key":
            return ModelKeyError(f"the server at {url} refused the key for {name!r}; {_KEY_ADVICE[kind]}")
        case "too_long":
            return ContextTooLongError(
                model,
                needed=failure.needed,
                limit=failure.limit,
                advice=_LENGTH_ADVICE[kind],
            )
    return ModelError(f"the server at {url} refused the request for {name!r}: {failure.detail}")


def unknown_model(model: str, url: str, served: Sequence[str] | None) -> ModelNotFoundError:
    """Give the error for a 404; `served` is what the server lists, or None if it lists nothing."""
    if served is None:
        return ModelNotFoundError(
            f"the server at {url} knows neither model {model!r} nor the list of its models; check that the URL is that"
            " of an OpenAI-compatible server, as a rule ending in /v1"
        )
    hint = nearest(model, served)
    if not hint and (close := difflib.get_close_matches(model, [one.rpartition("/")[2] for one in served], n=1)):
        hint = f"; did you mean {next(one for one in served if one.endswith(close[0]))!r}?"
    return ModelNotFoundError(
        f"the server at {url} has no model {model!r}{hint}; it serves {', '.join(map(repr, served)) or 'none'}"
    )
