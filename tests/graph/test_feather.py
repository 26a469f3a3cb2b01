"""The graph that follows Feather-SQL, from pruning to the choice of the chat model."""

from __future__ import annotations

from agentsql import SQLAgent
from agentsql.testing import ScriptedModel

COUNT = "SELECT count(*) FROM singer WHERE country = 'France'"
NAMES = "SELECT name FROM singer WHERE country = 'France'"


def test_four_paths_give_eight_candidates_of_which_the_chat_model_chooses(tiny) -> None:
    chat = ScriptedModel('{"tables": ["singer"]}', '{"columns": ["singer.country"]}', '{"choice": 2}')
    sql = ScriptedModel(*[COUNT] * 4, "SELECT nam FROM singer", *[NAMES] * 3, NAMES)
    with SQLAgent(tiny, sql_model=sql, chat_model=chat, graph="feather") as agent:
        answer = agent.ask("Which singers are French?")
    assert [one.name for one in answer.candidates] == [
        *("full-1", "full-2", "pruned-1", "pruned-2", "pruned-links-1", "pruned-links-2"),
        *("full-links-1", "full-links-2", "pruned-links-1.fix"),
    ]
    assert [one.name for one in answer.candidates if one.failure] == ["pruned-links-1"]
    assert [options["n"] for options in sql.options[:4]] == [2, 2, 2, 2]
    assert {options["temperature"] for options in sql.options[:4]} == {0.2}
    assert answer.rows == (("Justin Brown",), ("Rose White",))
    assert answer.sql == NAMES


def test_with_nothing_pruned_or_linked_all_candidates_come_from_one_path(tiny) -> None:
    chat = ScriptedModel('{"tables": []}', '{"columns": []}')
    sql = ScriptedModel("SELECT 1 AS x")
    with SQLAgent(tiny, sql_model=sql, chat_model=chat, graph="feather") as agent:
        answer = agent.ask("What is it?")
    assert [options["n"] for options in sql.options] == [8]
    assert answer.rows == ((1,),)
