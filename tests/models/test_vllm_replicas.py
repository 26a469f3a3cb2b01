"""Two real vLLM servers, one of which is killed while it works. `make test-vllm` runs this."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from agentsql.models.spec import open_endpoint
from agentsql.settings import ModelSettings
from agentsql.types import Message

from .serving import serve_tiny

pytestmark = pytest.mark.slow

QUESTIONS = 40


async def test_a_dead_server_costs_a_retry_and_no_question_and_comes_back() -> None:
    served = serve_tiny("--replicas", "2")
    try:
        sql, _ = served.specs()
        first, second = sql.partition("@")[2].split(",")
        (victim,) = [pid for pid, command in served.children().items() if f"--port {port(second)} " in command]
        endpoint = open_endpoint(sql, settings=ModelSettings())
        answered = 0

        async def ask(number: int) -> None:
            nonlocal answered
            messages = [Message("system", f"Schema {number}. " * 20), Message("user", "Count the rows.")]
            (one,) = await endpoint.complete(messages, max_tokens=24, on_token=lambda _: None)
            assert one.usage.completion_tokens == 24
            answered += 1
            if answered == QUESTIONS // 4:
                os.killpg(victim, signal.SIGKILL)  # others are being answered by it

        try:
            await asyncio.gather(*map(ask, range(QUESTIONS)))
            assert answered == QUESTIONS
            assert first != second
            await asyncio.to_thread(served.wait_for, "died with status -9; starting it again in 1 s")
            await asyncio.to_thread(served.wait_for, "healthy again", timeout_s=500)
        finally:
            await endpoint.close()
        alone = open_endpoint(f"vllm:sql@{second}", settings=ModelSettings(retries=0))
        try:
            (one,) = await alone.complete([Message("user", "Hello")], max_tokens=2)
            assert one.usage.completion_tokens == 2
        finally:
            await alone.close()
    finally:
        assert served.end() == 0
    assert served.log[-1] == "stopped"
    assert not any("GET /health" in line for line in served.log)


def port(url: str) -> str:
    return url.removesuffix("/v1").rpartition(":")[2]
