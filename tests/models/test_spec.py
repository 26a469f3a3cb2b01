"""Model specs: what each opens, and which are refused."""

import subprocess
import sys

import pytest

from agentsql.errors import ModelFileError, ModelNotFoundError, PluginError, UsageError
from agentsql.models.endpoint import Endpoint
from agentsql.models.spec import open_endpoint
from agentsql.settings import ModelSettings


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ("qwen", UsageError, "is not of the form local:NAME"),
        ("local:", UsageError, "is not of the form"),
        ("vlm:x@http://h", PluginError, "there is no model 'vlm'; did you mean 'vllm'"),
        ("vllm:x", UsageError, "has no address"),
        ("vllm:x@host:8000", UsageError, "has no address"),
        ("vllm:x@ftp://host", UsageError, "is not vllm:MODEL@http"),
        ("vllm:x@http://", UsageError, "is no http address"),
        ("vllm:@http://host", UsageError, "is not vllm:MODEL@http"),
        ("vllm:x@http://me:secret@host", UsageError, "put the key into VLLM_API_KEY"),
        ("local:qwen2.5-coder-3b", ModelNotFoundError, "did you mean"),
        ("local:/nowhere/x.gguf", ModelFileError, "no model file"),
        ("local:qwen2.5-coder-0.5b+/nowhere/tuned.gguf", ModelFileError, "no model file '/nowhere/tuned.gguf'"),
    ],
)
def test_a_wrong_spec_is_refused_before_anything_is_called(spec, error, message):
    with pytest.raises(error, match=message) as caught:
        open_endpoint(spec)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "urls"),
    [
        ("vllm:org/model@http://host:8000", ["http://host:8000/v1"]),
        ("vllm:m@https://host/prefix/v1/", ["https://host/prefix/v1"]),
        ("vllm:m@http://a:1/v1,http://b:2", ["http://a:1/v1", "http://b:2/v1"]),
        ("openai:gpt-x", ["https://api.openai.com/v1"]),
    ],
)
def test_an_address_without_a_path_gets_v1(spec, urls):
    assert [replica.url for replica in open_endpoint(spec)._replicas] == urls


def test_a_plugin_opens_its_own_specs_and_may_give_a_chat_model():
    from langchain_core.language_models import FakeListChatModel

    def opener(rest, **_):
        return FakeListChatModel(responses=[rest])

    endpoint = open_endpoint("mine:anything:at@all", find_opener={"mine": opener}.__getitem__)
    assert isinstance(endpoint, Endpoint)
    assert endpoint.name == "langchain:FakeListChatModel"


def test_an_endpoint_is_taken_as_it_is():
    endpoint = open_endpoint("openai:gpt-x", settings=ModelSettings())
    assert open_endpoint(endpoint) is endpoint


def test_opening_a_local_model_loads_nothing_heavy():
    program = (
        "import sys; from agentsql.models.spec import open_endpoint; open_endpoint('local:qwen2.5-coder-0.5b');"
        "open_endpoint('vllm:m@http://h');"
        "heavy = {'langchain_openai', 'langchain_core', 'openai', 'xllamacpp', 'huggingface_hub', 'pydantic'};"
        "sys.exit(', '.join(heavy & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
