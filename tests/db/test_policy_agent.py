"""Questions asked under a policy: what is hidden is in no prompt, event, trace, answer, tool, thread or example."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.db.policy import Policy, Rules
from agentsql.errors import PolicyError
from agentsql.settings import BudgetSettings, Settings
from agentsql.testing import ScriptedModel
from agentsql.types import Answered, Principal
from tests.db.policed_shop import EU, POLICY, RULES, shop, tells

US = Principal("uma", {"region": "US"})
NAMED = replace(POLICY, principals={"anna": EU, "uma": US})
HIDDEN = ("email", "salaries", "amount", "rich", "mailing")
"""Names that nobody may read who is not allowed to."""

MakeAgent = Callable[..., tuple[SQLAgent, ScriptedModel]]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MakeAgent]:
    """Give an agent on the shop with a scripted model, under the policy unless another is given."""
    opened: list[SQLAgent] = []
    shop(tmp_path / "shop.sqlite")

    def open_it(*replies: str, policy: Policy | None = NAMED, **options: object) -> tuple[SQLAgent, ScriptedModel]:
        model = ScriptedModel(*replies)
        agent = SQLAgent(tmp_path / "shop.sqlite", sql_model=model, policy=policy, **options)  # type: ignore[arg-type]
        opened.append(agent)
        return agent, model

    yield open_it
    for agent in opened:
        agent.close()


def _prompts(model: ScriptedModel) -> str:
    return "\n".join(message.content for asked in model.asked for message in asked).casefold()


@pytest.mark.parametrize("graph", ["default", "vote", "direct"])
def test_prompts_events_and_the_answer_hold_nothing_hidden(make, graph):
    near = (
        "SELECT emial FROM customers",
        "SELECT wo FROM salary",
        "SELECT amont FROM ritch",
        "SELECT mail FROM mailin",
    )
    settings = Settings(budget=BudgetSettings(corrections=3, calls=40))
    agent, model = make(*near, "SELECT name, card FROM customers", graph=graph, settings=settings, principal="anna")
    agent.wait_for_values(60)
    events = list(agent.stream("How much do the customers earn, and how can they be reached?"))
    assert "customers" in _prompts(model)
    seen = _prompts(model) + repr(events).casefold() + repr(agent.resources().schema).casefold()
    assert [name for name in HIDDEN if name in seen] == []
    assert not tells(seen)


def test_a_question_is_answered_from_what_its_asker_sees(make):
    agent, _ = make("SELECT name FROM customers ORDER BY name", graph="direct")
    assert agent.ask("Who is there?", principal="anna").rows == (("Ann",), ("Cem",))
    assert agent.ask("Who is there?", principal=US).rows == (("CANARY Bob",), ("CANARY Dee",))
    assert agent.run_sql("SELECT count(*) FROM orders", principal="uma").rows == ((1,),)


async def test_every_way_of_asking_takes_a_principal(make):
    agent, _ = make("SELECT count(*) FROM orders", graph="direct")
    assert (await agent.aask("How many?", principal="anna")).rows == ((2,),)
    async for event in agent.astream("How many?", principal="uma"):
        last = event
    assert isinstance(last, Answered)
    assert last.answer.rows == ((1,),)


def test_the_agents_own_principal_asks_where_a_call_does_not_say(make):
    agent, _ = make("SELECT count(*) FROM orders", graph="direct", principal="anna")
    assert agent.ask("How many?").rows == ((2,),)
    assert [table.name for table in agent.schema] == ["customers", "events", "orders"]
    assert agent.database.run("SELECT * FROM salaries").error.kind == "unknown_table"
    assert "salaries" not in agent.as_tool().description


def test_a_caller_that_the_policy_has_to_know_is_asked_who_it_is(make):
    agent, model = make("SELECT 1")
    with pytest.raises(PolicyError, match="needs the attribute 'region'"):
        agent.ask("How many?")
    with pytest.raises(PolicyError, match="knows no principal 'ana'; did you mean 'anna'"):
        agent.ask("How many?", principal="ana")
    assert model.asked == []
    with pytest.raises(PolicyError, match="needs the attribute 'region'"):
        make(principal=Principal("x"))


def test_a_thread_is_gone_on_with_by_the_one_who_began_it(make):
    agent, model = make("SELECT name FROM customers", graph="direct")
    agent.ask("Who is in the US?", principal="uma", thread_id="t")
    agent.ask("And here?", principal="anna", thread_id="t")
    assert "Who is in the US?" not in "".join(message.content for message in model.asked[-1])
    agent.ask("And now?", principal="uma", thread_id="t")
    assert "Who is in the US?" in "".join(message.content for message in model.asked[-1])


def test_the_words_and_values_of_others_are_not_linked(make):
    agent, _ = make()
    for principal, found in (("anna", False), ("uma", True)):
        agent.resources(principal=principal).values.is_empty  # noqa: B018 - begins to read the values
        view = agent._parts.views.of(principal)
        view.refresh()
        assert view.values.wait(60)
        assert bool(agent.resources(principal=principal).values.columns_holding("CANARY Bob")) is found
    assert not agent._parts.views.of("uma").values.index.columns_holding("b-CANARY@x.org")


class _Store:
    """A store that finds all it has."""

    def __init__(self, *examples: tuple[str, str]) -> None:
        from agentsql.retrieval.example import Example
        from agentsql.retrieval.view import Found

        made = [Example(question, sql, "shop") for question, sql in examples]
        self.found = tuple(Found(one, 0.9) for one in made)

    def __len__(self) -> int:
        return len(self.found)

    def search(self, _text: str, _k: int, **_only: object) -> tuple[object, ...]:
        return self.found


def test_examples_are_shown_only_if_the_asker_could_run_them(make, monkeypatch):
    pytest.importorskip("numpy")
    kept = ("How many orders?", "SELECT count(*) FROM orders")
    store = _Store(
        kept,
        ("Who earns most?", "SELECT max(amount) FROM salaries"),
        ("What is Bob's mail?", "SELECT email FROM customers"),
        ("Is CANARY Bob there?", "SELECT 1 FROM customers WHERE name = 'CANARY Bob'"),
    )
    monkeypatch.setattr("agentsql.parts.open_examples", lambda _settings: store)
    agent, _ = make()
    shown = agent.resources(principal="anna").examples
    assert [one.example.question for one in shown.search("x", 9, only="shop")] == [kept[0]]
    assert shown.search("x", 9) == ()


def test_an_example_that_sqlglot_alone_cannot_parse_is_shown(make, monkeypatch):
    pytest.importorskip("numpy")
    store = _Store(("Which?", "SELECT name FROM customers LIMIT 7 % 3"))
    monkeypatch.setattr("agentsql.parts.open_examples", lambda _settings: store)
    agent, _ = make()
    assert len(agent.resources(principal="anna").examples.search("x", 9, only="shop")) == 1


def test_an_example_that_the_asker_cannot_run_is_not_kept(make):
    from agentsql.errors import UsageError

    agent, _ = make()
    with pytest.raises(UsageError, match="there is no table `salaries`"):
        agent.add_example("Who?", "SELECT * FROM salaries", principal="anna")


def test_without_a_policy_a_principal_changes_nothing(make):
    agent, _ = make("SELECT count(*) FROM salaries", policy=None, graph="direct")
    assert agent.ask("How many?", principal=EU).rows == ((2,),)


def test_a_policy_that_does_not_fit_stops_the_agent(make):
    with pytest.raises(PolicyError, match="'nothing'"):
        make(policy=Policy(Rules(denied_tables=("nothing",))))


def test_the_settings_name_a_policy_and_who_asks(make, tmp_path):
    from agentsql.settings import load_settings

    file = tmp_path / "policy.toml"
    file.write_text('[tables]\ndeny = ["salaries"]\n[principals.anna]\n')
    settings = load_settings(flags={"database.policy": str(file), "database.principal": "anna"}).settings
    agent, _ = make(policy=None, settings=settings)
    assert agent.schema.table("salaries") is None
    assert RULES.denied_tables == ("salaries",)
