"""The endpoint of an OpenAI-compatible server: local, vLLM's, or anyone's."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from agentsql.errors import ModelDeadlineError, ModelError
from agentsql.models.endpoint import ChatClient, with_call_usage
from agentsql.models.explain import call_error, unknown_model
from agentsql.models.options import CallArguments, CallOptions, ServerKind, refused_option, request_body
from agentsql.models.replicas import Replica, pick_replica
from agentsql.settings import ModelSettings
from agentsql.types import Completion, Message

if TYPE_CHECKING:
    from agentsql.models.failures import CallFailure

logger = logging.getLogger(__name__)

_BACKOFF_S = 0.5
_BACKOFF_MOST_S = 8.0
_MANY = 1000
"""Requests at a time to a server that batches. A local one gets one at a time: side by side, each would read the schema
in a slot of its own, and four questions on one schema took 11 s in place of 1.4 s."""


class ServedEndpoint:
    """A model on one or several equal OpenAI-compatible servers; used from one event loop."""

    def __init__(
        self,
        name: str,
        model: str,
        replicas: Sequence[Replica],
        *,
        kind: ServerKind,
        settings: ModelSettings,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self._model = model
        self._replicas = tuple(replicas)
        self._kind: ServerKind = kind
        self._settings = settings
        self._jitter = jitter
        self._refused: frozenset[str] = frozenset()
        """Options that this server has refused before; it is not asked for them again."""
        self._turn = asyncio.Semaphore(1 if kind == "llama.cpp" else _MANY)

    async def complete(
        self,
        messages: Sequence[Message],
        **arguments: Unpack[CallArguments],
    ) -> tuple[Completion, ...]:
        """Give `n` completions; see `Endpoint.complete`.

        The deadline begins when the server has been found: a first use of a local model may download it.
        """
        options = CallOptions(**arguments)
        limit_s = self._settings.deadline_s if options.deadline_s is None else options.deadline_s
        if not any(replica.url for replica in self._replicas):
            await self._replicas[0].client()
        started = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(limit_s) as scope:
                completions = await self._collect(messages, options, give_up_at=started + limit_s)
        except TimeoutError as exc:
            if not scope.expired():
                raise
            raise ModelDeadlineError(
                f"model {self.name!r} gave no answer within {limit_s:g} s; raise [models] deadline_s, shorten the"
                " prompt, or use a smaller model or a faster machine"
            ) from exc
        return with_call_usage(completions, seconds=asyncio.get_running_loop().time() - started)

    async def close(self) -> None:
        """Close the connections."""
        for replica in self._replicas:
            await replica.close()

    async def _collect(
        self, messages: Sequence[Message], options: CallOptions, *, give_up_at: float
    ) -> list[Completion]:
        """Ask until there are n completions: in one request where the server can, else one after another."""
        completions: list[Completion] = []
        while len(completions) < options.n:
            missing = replace(options, n=options.n - len(completions))
            came = await self._ask(messages, missing, given=len(completions), give_up_at=give_up_at)
            completions += came
            if len(came) == 1 < missing.n:
                self._refused |= {"n"}
        degraded = request_body(self._kind, options, self._refused).degraded
        if options.logprobs and completions[0].logprob is None and "logprobs" not in degraded:
            degraded += ("logprobs",)
        return [replace(one, degraded=degraded) for one in completions[: options.n]]

    async def _ask(
        self, messages: Sequence[Message], options: CallOptions, *, given: int, give_up_at: float
    ) -> tuple[Completion, ...]:
        """Send one request, again where that may help, and give its completions."""
        from agentsql.models.exchange import Exchange, RequestFailed, TokenRelay

        relay = TokenRelay(options.on_token) if options.on_token else None
        failures = 0
        while True:
            replica = pick_replica(self._replicas, messages[0].content if messages else "")
            fields = request_body(self._kind, options, self._refused, given=given).fields
            exchange = Exchange(messages, fields, relay)
            replica.in_flight += 1
            try:
                client = await replica.client()
                async with self._turn:
                    completions = await exchange.send(client)
            except RequestFailed as exc:
                failure = exc.failure
            else:
                replica.answered()
                return completions
            finally:
                replica.in_flight -= 1
            if failure.cause == "refused" and (option := refused_option(self._kind, fields, failure.detail)):
                logger.info("%s refuses %s; asking without it", self.name, option)
                self._refused |= {option}
                continue
            failures += 1
            wait_s = self._wait_s(failure, failures)
            spent = failures > self._settings.retries or asyncio.get_running_loop().time() + wait_s > give_up_at
            if spent or not failure.passing:
                raise await self._error(failure, replica, client, messages, failures)
            replica.failed()
            logger.info("%s: %s; trying again in %.1f s", self.name, failure.detail, wait_s)
            await asyncio.sleep(wait_s)

    def _wait_s(self, failure: CallFailure, failures: int) -> float:
        """Give the seconds before the next try: the server's wish, nothing if another replica is up, else backoff."""
        if failure.retry_after_s is not None and len(self._replicas) == 1:
            return failure.retry_after_s
        if failures < len(self._replicas):
            return 0.0
        return float(min(_BACKOFF_MOST_S, _BACKOFF_S * 2 ** (failures - 1)) * (0.5 + self._jitter() / 2))

    async def _error(
        self, failure: CallFailure, replica: Replica, client: ChatClient, messages: Sequence[Message], tries: int
    ) -> ModelError:
        if failure.cause == "unknown_model":
            return unknown_model(self._model, replica.url, await _served_names(client))
        if failure.cause == "too_long" and failure.needed is None and self._kind == "vllm":
            failure = replace(failure, needed=await client.token_count(messages))
        return call_error(failure, name=self.name, model=self._model, kind=self._kind, url=replica.url, tries=tries)


async def _served_names(client: ChatClient) -> tuple[str, ...] | None:
    from agentsql.models.exchange import CALL_ERRORS

    try:
        return await client.model_names()
    except CALL_ERRORS:
        return None
