"""The whole default graph on a model that knows SQL, Qwen2.5-Coder 0.5B, on a real vLLM. `make test-vllm` runs this."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentsql import Settings, SQLAgent
from agentsql.settings import BudgetSettings, ModelSettings

from .serving import QWEN, serve_vllm

pytestmark = pytest.mark.slow

PATIENT = Settings(budget=BudgetSettings(seconds=1200), models=ModelSettings(deadline_s=1200))


@pytest.fixture(scope="module")
def specs() -> Iterator[tuple[str, str]]:
    served = serve_vllm(QWEN, options=("--max-model-len", "4096", "--kv-cache-memory-bytes", "256M"))
    try:
        yield served.specs()
    finally:
        assert served.end() == 0


def test_a_small_model_answers_through_the_default_graph(specs: tuple[str, str], tiny: Path) -> None:
    sql_model, chat_model = specs
    with SQLAgent(tiny, sql_model=sql_model, chat_model=chat_model, settings=PATIENT) as agent:
        count = agent.ask("How many singers are there?")
        french = agent.ask("What are the names of the singers from France?")
        hello = agent.ask("Hi there")
    assert (count.status, count.rows) == ("answered", ((4,),))
    assert french.status == "answered"
    assert {row[0] for row in french.rows} == {"Justin Brown", "Rose White"}
    assert hello.status == "chat"
    assert {event.step for event in count.trace} >= {
        "route",
        "link",
        "generate",
        "check",
        "execute",
        "select",
        "answer",
    }
    assert all(one.logprob is not None for one in count.candidates[:1])
    # Steps and questions share the prompt's beginning, and the server says so.
    assert french.usage.cached_tokens > french.usage.prompt_tokens / 3


def test_a_vote_asks_for_its_candidates_in_one_request(specs: tuple[str, str], tiny: Path) -> None:
    sql_model, chat_model = specs
    with SQLAgent(tiny, graph="vote", sql_model=sql_model, chat_model=chat_model, settings=PATIENT) as agent:
        answer = agent.ask("How many concerts were there in 2014?")
    assert (answer.status, answer.rows) == ("answered", ((2,),))
    assert len(answer.candidates) > 2
    assert all(one.logprob is not None for one in answer.candidates)
    generated = [event for event in answer.trace if event.step == "generate"]
    assert sum(event.usage.calls for event in generated) <= 2


def test_the_same_model_answers_when_it_is_asked_as_claude_is(specs: tuple[str, str], tiny: Path) -> None:
    pytest.importorskip("agentsql_anthropic", reason="needs plugins/agentsql-anthropic")
    model, _, url = specs[1].removeprefix("vllm:").partition("@")
    spec = f"anthropic:{model}@{url.removesuffix('/v1')}"
    with SQLAgent(tiny, sql_model=spec, settings=PATIENT) as agent:
        count = agent.ask("How many singers are there?")
    assert (count.status, count.rows) == ("answered", ((4,),))
    assert count.usage.prompt_tokens > count.usage.completion_tokens > 0
