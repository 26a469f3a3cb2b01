"""The endpoint of a LangChain chat model that the caller brings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from agentsql.errors import ModelDeadlineError, ModelError, ModelUnreachableError
from agentsql.models.endpoint import with_call_usage
from agentsql.models.options import CallArguments, CallOptions
from agentsql.types import Completion, Message

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_FIELDS = {
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "top_k": ("top_k",),
    "max_tokens": ("max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict", "max_new_tokens"),
}
"""Names under which chat models keep an option; the first that a model has is set on a copy of it."""


class LangChainEndpoint:
    """A caller's chat model; retries and keys are its own business, and closing it too."""

    def __init__(self, model: BaseChatModel, *, deadline_s: float) -> None:
        self.name = f"langchain:{type(model).__name__}"
        self._model = model
        self._deadline_s = deadline_s

    async def complete(
        self,
        messages: Sequence[Message],
        **arguments: Unpack[CallArguments],
    ) -> tuple[Completion, ...]:
        """Give `n` completions by n calls side by side; constraints and logprobs are recorded as degraded."""
        options = CallOptions(**arguments)
        limit_s = self._deadline_s if options.deadline_s is None else options.deadline_s
        model, degraded = _configured(self._model, options)
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            async with asyncio.timeout(limit_s) as scope:
                completions = await asyncio.gather(*(_one(model, messages, options.on_token) for _ in range(options.n)))
        except ModelError:
            raise
        except Exception as exc:  # foreign code: a chat model may raise anything
            if isinstance(exc, TimeoutError) and scope.expired():
                raise ModelDeadlineError(
                    f"model {self.name!r} gave no answer within {limit_s:g} s; raise [models] deadline_s"
                ) from exc
            raise ModelUnreachableError(
                f"model {self.name!r} failed with {type(exc).__name__}; check it by its own `invoke` method"
            ) from exc
        completions = [replace(one, degraded=degraded) for one in completions]
        return with_call_usage(completions, seconds=clock() - started)

    async def close(self) -> None:
        """Do nothing: who brought the model closes it."""


def _configured(model: BaseChatModel, options: CallOptions) -> tuple[BaseChatModel, tuple[str, ...]]:
    """Give a copy of `model` with the options it has fields for, and the names of the others that were asked for."""
    fields = type(model).model_fields
    settings = {}
    degraded = []
    for option, names in _FIELDS.items():
        if option == "top_k" and not options.top_k:
            continue  # the model's own stays
        if found := next((name for name in names if name in fields), None):
            settings[found] = getattr(options, option)
        elif option != "top_p" or options.top_p != 1.0:
            degraded.append(option)
    degraded += [option for option in ("json_schema", "grammar", "logprobs") if getattr(options, option)]
    return model.model_copy(update=settings), tuple(degraded)


async def _one(model: BaseChatModel, messages: Sequence[Message], on_token: Callable[[str], None] | None) -> Completion:
    from agentsql.models.exchange import langchain_messages, usage_of

    prompt = langchain_messages(messages)
    if on_token is None:
        answer: Any = await model.ainvoke(prompt)
    else:
        answer = None
        async for chunk in model.astream(prompt):
            if chunk.text:
                on_token(chunk.text)
            answer = chunk if answer is None else answer + chunk
    if answer is None:
        return Completion("")
    metadata = answer.response_metadata
    reason = metadata.get("finish_reason") or metadata.get("stop_reason") or metadata.get("done_reason") or "stop"
    cut = str(reason).lower() in ("length", "max_tokens")
    return Completion(str(answer.text), "length" if cut else "stop", usage=usage_of(answer.usage_metadata))
