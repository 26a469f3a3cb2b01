"""A caller's LangChain model as an endpoint."""

import asyncio

import pytest
from langchain_core.language_models import BaseChatModel, FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agentsql.errors import ModelDeadlineError, ModelUnreachableError
from agentsql.models.spec import open_endpoint
from agentsql.types import Message, Usage

QUESTION = [Message("system", "s"), Message("user", "u")]


class RecordingModel(BaseChatModel):
    """Answers with its own options, or raises, or sleeps."""

    temperature: float = 0.9
    num_predict: int = 1
    raises: bool = False
    sleep_s: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "recording"

    def _generate(self, *_, **__):
        raise NotImplementedError

    async def _agenerate(self, *_, **__):
        if self.raises:
            raise RuntimeError("quota of key sk-secret is spent")
        await asyncio.sleep(self.sleep_s)
        usage = {
            "input_tokens": 7,
            "output_tokens": 2,
            "total_tokens": 9,
            "input_token_details": {"cache_read": 5},
        }
        message = AIMessage(
            f"{self.temperature} {self.num_predict}",
            usage_metadata=usage,
            response_metadata={"finish_reason": "length"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


async def test_options_go_to_the_fields_that_the_model_has():
    model = RecordingModel()
    (completion,) = await open_endpoint(model).complete(QUESTION, temperature=0.3, max_tokens=64)
    assert (completion.text, completion.finish_reason, completion.degraded) == ("0.3 64", "length", ())
    assert model.temperature == 0.9


async def test_n_completions_are_n_calls_with_one_usage():
    first, second = await open_endpoint(RecordingModel()).complete(QUESTION, n=2)
    assert (first.usage.calls, first.usage.prompt_tokens, first.usage.cached_tokens) == (1, 14, 10)
    assert second.usage == Usage()


async def test_what_the_model_cannot_do_is_recorded():
    endpoint = open_endpoint(FakeListChatModel(responses=["x"]))
    (completion,) = await endpoint.complete(QUESTION, grammar="root ::= x", logprobs=True)
    assert completion.degraded == ("temperature", "max_tokens", "grammar", "logprobs")


class NarrowModel(RecordingModel):
    """Answers with its `top_k`."""

    top_k: int = 50

    async def _agenerate(self, *_, **__):
        return ChatResult(generations=[ChatGeneration(message=AIMessage(str(self.top_k)))])


async def test_top_k_is_set_where_it_is_asked_for_and_there():
    narrow, other = open_endpoint(NarrowModel()), open_endpoint(RecordingModel())
    asked = [await one.complete(QUESTION, top_k=top_k) for one in (narrow, other) for top_k in (0, 20)]
    assert [one.text for (one,) in asked[:2]] == ["50", "20"]
    assert [one.degraded for (one,) in asked] == [(), (), (), ("top_k",)]


async def test_tokens_of_a_chat_model_are_handed_on():
    pieces = []
    (completion,) = await open_endpoint(FakeListChatModel(responses=["abc"])).complete(QUESTION, on_token=pieces.append)
    assert (pieces, completion.text) == (["a", "b", "c"], "abc")


async def test_its_errors_are_named_by_class_only():
    with pytest.raises(ModelUnreachableError, match=r"RuntimeError") as caught:
        await open_endpoint(RecordingModel(raises=True)).complete(QUESTION)
    assert "secret" not in str(caught.value)


async def test_it_has_a_deadline():
    with pytest.raises(ModelDeadlineError, match=r"within 0.05 s"):
        await open_endpoint(RecordingModel(sleep_s=5)).complete(QUESTION, deadline_s=0.05)
