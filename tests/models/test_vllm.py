"""A real vLLM server with a tiny random model: not what it says, but how it is asked. `make test-vllm` runs this."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.errors import ContextTooLongError, ModelError, ModelNotFoundError
from agentsql.models.spec import open_endpoint
from agentsql.settings import BudgetSettings, ModelSettings, Settings
from agentsql.testing import tiny_database
from agentsql.types import Message

pytestmark = pytest.mark.slow

QUESTION = [Message("system", "You write SQL. " * 50), Message("user", "Count the rows.")]
OBJECT = {
    "type": "object",
    "properties": {"tables": {"type": "array", "items": {"enum": ["singer", "concert"]}, "maxItems": 2}},
    "required": ["tables"],
    "additionalProperties": False,
}


@pytest.fixture
def url(vllm_url: str) -> str:
    """One server with three model names: chat and sql, which are the model itself, and tuned, its adapter."""
    return vllm_url


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
    assert len({one.text for one in texts}) == 3
    assert all(one.logprob is not None and one.logprob < 0 and one.degraded == () for one in texts)
    assert sum(one.usage.calls for one in texts) == 1
    assert texts[0].usage.completion_tokens == 24


async def test_the_same_sampled_question_gets_the_same_texts(url: str) -> None:
    first, again = [await ask(f"vllm:sql@{url}", n=3, temperature=1.0, max_tokens=8) for _ in range(2)]
    assert [one.text for one in first] == [one.text for one in again]


async def test_a_grammar_binds_a_model_that_knows_no_sql(url: str) -> None:
    grammar = 'root ::= "SELECT " [a-z]{1,8} " FROM " [a-z]{1,8}'
    (one,) = await ask(f"vllm:sql@{url}", grammar=grammar, max_tokens=64)
    assert re.fullmatch(r"SELECT [a-z]{1,8} FROM [a-z]{1,8}", one.text)
    assert one.degraded == ()


async def test_a_grammar_binds_each_of_several_texts(url: str) -> None:
    grammar = 'root ::= "SELECT " [a-z]{1,8}'
    texts = await ask(f"vllm:sql@{url}", n=4, temperature=1.0, grammar=grammar, max_tokens=64)
    assert all(re.fullmatch(r"SELECT [a-z]{1,8}", one.text) for one in texts)


async def test_a_grammar_that_is_none_is_an_error(url: str) -> None:
    with pytest.raises(ModelError, match=r"refused the request"):
        await ask(f"vllm:sql@{url}", grammar="root ::= nothing-of-this-name", max_tokens=8)


async def test_a_json_schema_binds_it_too(url: str) -> None:
    (one,) = await ask(f"vllm:chat@{url}", json_schema={"enum": ["yes", "no"]}, max_tokens=64)
    assert json.loads(one.text) in ("yes", "no")


async def test_a_json_object_has_only_the_names_that_its_schema_knows(url: str) -> None:
    (one,) = await ask(f"vllm:chat@{url}", json_schema=OBJECT, max_tokens=100)
    assert set(json.loads(one.text)["tables"]) <= {"singer", "concert"}


async def test_a_prompt_that_begins_alike_is_taken_from_the_cache(url: str) -> None:
    await ask(f"vllm:chat@{url}", max_tokens=2)
    (again,) = await ask(f"vllm:chat@{url}", [QUESTION[0], Message("user", "Something else?")], max_tokens=2)
    assert again.usage.cached_tokens > again.usage.prompt_tokens / 2


async def test_the_two_roles_of_one_model_share_their_cache(url: str) -> None:
    shared = Message("system", "A schema that both roles read. " * 30)
    await ask(f"vllm:chat@{url}", [shared, Message("user", "Which tables?")], max_tokens=2)
    (other,) = await ask(f"vllm:sql@{url}", [shared, Message("user", "Write SQL.")], max_tokens=2)
    assert other.usage.cached_tokens > other.usage.prompt_tokens / 2


async def test_an_adapter_is_a_model_of_its_own_beside_its_base(url: str) -> None:
    (base,) = await ask(f"vllm:sql@{url}", max_tokens=16)
    (tuned,) = await ask(f"vllm:tuned@{url}", max_tokens=16)
    (again,) = await ask(f"vllm:chat@{url}", max_tokens=16)
    assert tuned.text != base.text
    assert again.text == base.text


async def test_an_adapter_takes_grammars_and_several_texts_as_its_base_does(url: str) -> None:
    grammar = 'root ::= "SELECT " [a-z]{1,8}'
    texts = await ask(
        f"vllm:tuned@{url}", n=3, temperature=1.0, grammar=grammar, logprobs=True, max_tokens=64, deadline_s=60
    )
    assert all(re.fullmatch(r"SELECT [a-z]{1,8}", one.text) and one.logprob is not None for one in texts)


async def test_text_arrives_in_pieces(url: str) -> None:
    pieces: list[str] = []
    (one,) = await ask(f"vllm:chat@{url}", max_tokens=12, on_token=pieces.append)
    assert len(pieces) > 1
    assert "".join(pieces) == one.text
    assert one.usage.completion_tokens == 12


async def test_a_wrong_model_name_is_answered_with_those_it_has(url: str) -> None:
    with pytest.raises(ModelNotFoundError, match=r"did you mean 'sql'.*'chat', 'sql', 'tuned'"):
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
    settings = Settings(budget=BudgetSettings(calls=3))
    models = {"sql_model": f"vllm:tuned@{url}", "chat_model": f"vllm:chat@{url}"}
    with SQLAgent(database, settings=settings, **models) as agent:
        answer = agent.ask("How many singers are there?")
    assert answer.status in ("failed", "refused")
    assert answer.usage.calls >= 2
