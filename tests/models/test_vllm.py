"""A real vLLM server with a tiny random model: not what it says, but how it is asked. `make test-slow` runs this."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.errors import ContextTooLongError, ModelNotFoundError
from agentsql.models.spec import open_endpoint
from agentsql.settings import ModelSettings
from agentsql.testing import tiny_database
from agentsql.types import Message

pytestmark = pytest.mark.slow

BUILD = Path(__file__).resolve().parents[2] / "build" / "vllm"
QUESTION = [Message("system", "You write SQL. " * 50), Message("user", "Count the rows.")]
START_S = 300


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not (BUILD / "ready").exists():
        pytest.skip("needs a vLLM for the CPU; make it with scripts/vllm_cpu.sh")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("vllm") / "log"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    command = [
        *(BUILD / "venv/bin/python", "-m", "vllm.entrypoints.openai.api_server", "--model", BUILD / "model"),
        *("--served-model-name", "chat", "sql", "--load-format", "dummy", "--host", "127.0.0.1", "--port", str(port)),
        *("--max-model-len", "2048", "--enforce-eager", "--kv-cache-memory-bytes", "64M"),
        *("--enable-prompt-tokens-details", "--max-logprobs", "5"),
    ]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, env=environment, start_new_session=True)
    try:
        _await_health(f"http://127.0.0.1:{port}/health", server, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        os.killpg(server.pid, 15)
        server.wait(60)


def _await_health(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(f"not healthy after {START_S} s:\n{log.read_text()[-3000:]}")


async def ask(spec: str, messages: list[Message] = QUESTION, **options):
    endpoint = open_endpoint(spec, settings=ModelSettings(retries=0, deadline_s=60))
    try:
        return await endpoint.complete(messages, **options)
    finally:
        await endpoint.close()


async def test_two_greedy_texts_are_the_same_and_take_two_requests(url: str) -> None:
    one, two = await ask(f"vllm:sql@{url}", n=2, max_tokens=8)
    assert one.text == two.text
    assert one.degraded == ("n",)


async def test_several_texts_with_logprobs_come_from_one_request(url: str) -> None:
    texts = await ask(f"vllm:sql@{url}", n=3, temperature=1.0, max_tokens=8, logprobs=True)
    assert len(texts) == 3
    assert all(one.logprob is not None and one.logprob < 0 and one.degraded == () for one in texts)
    assert sum(one.usage.calls for one in texts) == 1


async def test_a_grammar_binds_a_model_that_knows_no_sql(url: str) -> None:
    grammar = 'root ::= "SELECT " [a-z]{1,8} " FROM " [a-z]{1,8}'
    (one,) = await ask(f"vllm:sql@{url}", grammar=grammar, max_tokens=64)
    assert re.fullmatch(r"SELECT [a-z]{1,8} FROM [a-z]{1,8}", one.text)
    assert one.degraded == ()


async def test_a_json_schema_binds_it_too(url: str) -> None:
    # No object: between its parts a model without sense writes blanks until it is cut off.
    (one,) = await ask(f"vllm:chat@{url}", json_schema={"enum": ["yes", "no"]}, max_tokens=64)
    assert json.loads(one.text) in ("yes", "no")


async def test_a_prompt_that_begins_alike_is_taken_from_the_cache(url: str) -> None:
    await ask(f"vllm:chat@{url}", max_tokens=2)
    (again,) = await ask(f"vllm:chat@{url}", [QUESTION[0], Message("user", "Something else?")], max_tokens=2)
    assert again.usage.cached_tokens > again.usage.prompt_tokens / 2


async def test_text_arrives_in_pieces(url: str) -> None:
    pieces: list[str] = []
    (one,) = await ask(f"vllm:chat@{url}", max_tokens=12, on_token=pieces.append)
    assert len(pieces) > 1
    assert "".join(pieces) == one.text
    assert one.usage.completion_tokens == 12


async def test_a_wrong_model_name_is_answered_with_those_it_has(url: str) -> None:
    with pytest.raises(ModelNotFoundError, match=r"chat.*sql"):
        await ask(f"vllm:sqll@{url}")


async def test_a_prompt_that_is_too_long_says_by_how_much(url: str) -> None:
    with pytest.raises(ContextTooLongError) as caught:
        await ask(f"vllm:sql@{url}", [Message("user", "word " * 3000)], max_tokens=10)
    assert caught.value.limit == 2048
    assert caught.value.needed is not None
    assert caught.value.needed > 3000


async def test_requests_run_side_by_side(url: str) -> None:
    endpoint = open_endpoint(f"vllm:sql@{url}", settings=ModelSettings())
    try:
        answers = await asyncio.gather(*(endpoint.complete(QUESTION, max_tokens=16) for _ in range(16)))
    finally:
        await endpoint.close()
    assert len({one.text for (one,) in answers}) == 1


def test_a_whole_question_goes_through_two_roles_on_it(url: str, tmp_path: Path) -> None:
    database = tiny_database(tmp_path / "tiny.sqlite")
    with SQLAgent(database, sql_model=f"vllm:sql@{url}", chat_model=f"vllm:chat@{url}") as agent:
        answer = agent.ask("How many singers are there?")
    assert answer.status in ("failed", "refused")
    assert answer.usage.calls >= 2
