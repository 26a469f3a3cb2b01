"""What becomes an example: masked by its own SQL, and only if that SQL runs."""

from __future__ import annotations

import pytest

from agentsql.errors import UsageError
from agentsql.retrieval.embed import load_embedder
from agentsql.steps.examples import masked_by_links, masked_by_sql
from agentsql.types import Links


def test_a_solved_question_is_masked_by_its_own_sql():
    sql = "SELECT T1.name FROM singer AS T1 JOIN singer_in_concert AS T2 ON T1.id = T2.id WHERE T1.country = 'France'"
    question = "Which singers of France sang in a concert? Give the name."
    assert masked_by_sql(question, sql, "sqlite") == "Which <mask> of <unk> sang in a <mask>? Give the name."


def test_a_question_is_masked_by_what_it_names():
    links = Links(("singer",), (("singer", "country"),), (("singer", "country", "France"),))
    assert masked_by_links("Singers whose country is France", links) == "<mask> whose <mask> is <unk>"


def test_only_sql_that_runs_is_kept_and_only_once(make_agent):
    agent, _ = make_agent()
    assert agent.add_example(" How many singers? ", "SELECT count(*) FROM singer; ", source="chat") is True
    assert agent.add_example("how many singers", "SELECT count(*) FROM singer") is False
    (example,) = agent.resources().examples
    assert (example.question, example.sql, example.db) == ("How many singers?", "SELECT count(*) FROM singer", "tiny")
    assert (example.masked, example.dialect, example.source) == ("How many <mask>?", "sqlite", "chat")
    (found,) = agent.resources().examples.search("How many <mask>?", 1)
    assert found.similarity == pytest.approx(1, abs=1e-4)
    assert load_embedder().dimension == 384


@pytest.mark.parametrize(
    ("question", "sql", "problem"),
    [
        ("How many?", "SELECT count(*) FROM singers", "does not run on 'tiny'"),
        ("Delete them", "DELETE FROM singer", "does not run on 'tiny'"),
        ("How many?", "SELECT 1; SELECT 2", "does not run on 'tiny'"),
        ("   ", "SELECT 1", "the question is empty"),
    ],
)
def test_what_does_not_run_is_not_kept(make_agent, question, sql, problem):
    agent, _ = make_agent()
    with pytest.raises(UsageError, match=problem):
        agent.add_example(question, sql)
    assert len(agent.resources().examples) == 0
