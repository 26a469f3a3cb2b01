"""A key is a principal of the policy, by whichever door it comes: rows, masks and what the model is shown follow it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from agentsql import SQLAgent
from agentsql.serving.app import create_app
from agentsql.serving.fairness import FairQueue
from agentsql.serving.keys import KeyRing, hash_key
from agentsql.serving.service import Service
from agentsql.testing import ScriptedModel
from tests.db.policed_shop import shop

POLICY = """
[rows]
customers = "region = {principal.region}"
[masks]
"customers.card" = "last4"
[roles.boss]
rows = {}
masks = {}
[principals.boss]
roles = ["boss"]
"""
CARDS = "SELECT name, card FROM customers ORDER BY id"
EVERYTHING = [
    ["Ann", "4111-CANARY-2222"], ["CANARY Bob", "5500-CANARY-3333"], ["Cem", "6011-CANARY-4444"],
    ["CANARY Dee", "7777-CANARY-5555"],
]  # fmt: skip
MASKED = [["Ann", "****2222"], ["Cem", "****4444"]]
QUESTION = "Which card has whom?"


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(lambda messages: "See the rows." if "No SQL" in messages[-1].content else CARDS)


@pytest.fixture
def http(tmp_path, model) -> Iterator[TestClient]:
    """Give a client of an application whose keys and policy are read from their files."""
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    keys = tmp_path / "keys.toml"
    eu = '{ name = "Ann", attributes = { region = "EU" } }'
    keys.write_text(
        f'[ann]\nhash = "{hash_key("ann")}"\nprincipal = {eu}\n'
        f'[chief]\nhash = "{hash_key("chief")}"\nprincipal = "boss"\n'
    )
    agent = SQLAgent(shop(tmp_path / "shop.sqlite"), sql_model=model, policy=policy, principal="boss")
    agent.warm = lambda: None  # it would be counted among what the model is asked
    app = create_app(Service({"shop": agent}, FairQueue(8, 20), KeyRing(keys, {})))
    with TestClient(app, base_url="http://localhost") as opened:
        yield opened


def ask(http: TestClient, headers: dict[str, str]) -> list:
    return http.post("/api/ask", json={"question": QUESTION}, headers=headers).json()["rows"]


def stream(http: TestClient, headers: dict[str, str]) -> list:
    text = http.post("/api/ask/stream", json={"question": QUESTION}, headers=headers).text
    (answered,) = [block for block in text.split("\n\n") if block.startswith("event: answered")]
    return json.loads(answered.partition("data: ")[2])["rows"]


def run(http: TestClient, headers: dict[str, str]) -> list:
    return http.post("/api/sql", json={"sql": CARDS}, headers=headers).json()["rows"]


def chat(http: TestClient, headers: dict[str, str]) -> list:
    body = {"model": "shop", "messages": [{"role": "user", "content": QUESTION}]}
    content = http.post("/v1/chat/completions", json=body, headers=headers).json()["choices"][0]["message"]["content"]
    table = [line.replace("\\", "").strip("| ").split(" | ") for line in content.splitlines() if line.startswith("|")]
    return table[2:]


@pytest.mark.parametrize("door", [ask, stream, run, chat])
def test_a_key_sees_what_the_policy_shows_its_principal(http, door: Callable[..., list]):
    assert door(http, {"Authorization": "Bearer ann"}) == MASKED
    assert door(http, {"Authorization": "Bearer chief"}) == EVERYTHING


def test_nothing_that_is_hidden_from_a_key_is_in_its_prompts_or_its_schema(http, model):
    headers = {"Authorization": "Bearer ann"}
    ask(http, {"Authorization": "Bearer chief"})
    before = len(model.asked)
    ask(http, headers)
    chat(http, headers)
    told = [message.content for messages in model.asked[before:] for message in messages]
    schema = http.get("/api/schema", headers=headers).json()
    assert told
    assert "CANARY Dee" not in repr(told) and "4111" not in repr(told)
    assert "CANARY Dee" not in repr(schema) and "4111" not in repr(schema)
    assert "4111" in repr(http.get("/api/schema", headers={"Authorization": "Bearer chief"}).json())
