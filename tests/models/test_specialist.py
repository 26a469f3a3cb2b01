"""The adapters that come with agentsql."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.errors import ModelFileError
from agentsql.models.catalogue import catalogue
from agentsql.models.spec import open_endpoint
from agentsql.models.specialist import adapter_file, for_sql

HAVING = [one for one in catalogue().values() if one.sql_adapter]


@pytest.mark.parametrize("model", HAVING, ids=lambda one: one.name)
def test_an_adapter_is_there_small_and_has_a_card(model):
    file = Path(adapter_file(model.name, "sql"))
    assert file.read_bytes()[:4] == b"GGUF"
    assert file.stat().st_size < 20_000_000
    assert model.sql_adapter in (file.parent / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("wished", "spec"),
    [
        *((f"local:{one.name}", f"local:{one.name}+sql") for one in HAVING),
        *((f"local:{one.name}+none", f"local:{one.name}+none") for one in HAVING),
        ("local:qwen2.5-coder-1.5b", "local:qwen2.5-coder-1.5b"),
        ("vllm:qwen2.5-coder-0.5b@http://h/v1", "vllm:qwen2.5-coder-0.5b@http://h/v1"),
        ("local:mine.gguf", "local:mine.gguf"),
    ],
)
def test_the_sql_role_is_played_by_the_adapter_of_a_model_that_has_one(wished, spec):
    assert for_sql(wished) == spec


def test_an_adapter_that_does_not_exist_is_refused():
    with pytest.raises(ModelFileError, match=r"no SQL adapter comes with 'smollm2-135m'; those with one: qwen"):
        open_endpoint("local:smollm2-135m+sql")


@pytest.mark.parametrize(
    ("wished", "sql", "chat"),
    [
        ("local:qwen2.5-coder-0.5b", "local:qwen2.5-coder-0.5b+sql", "local:qwen2.5-coder-0.5b"),
        ("local:qwen2.5-coder-0.5b+none", "local:qwen2.5-coder-0.5b+none", "local:qwen2.5-coder-0.5b+none"),
        ("local:qwen2.5-coder-1.5b", "local:qwen2.5-coder-1.5b", "local:qwen2.5-coder-1.5b"),
    ],
)
def test_the_chat_role_stays_with_the_model_itself(tiny, wished, sql, chat):
    with SQLAgent(tiny, sql_model=wished) as agent:
        assert {role: one.name for role, one in agent.resources().endpoints.items()} == {"sql": sql, "chat": chat}
