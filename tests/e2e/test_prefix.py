"""All prompts of one database begin with the same bytes, its schema among them, whatever step asks what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, cycle
from pathlib import Path

from agentsql import Settings, SQLAgent
from agentsql.db.render import render_schema
from agentsql.testing import ScriptedModel
from agentsql.types import Message

MARKS = {
    "Sort what a person says": "route",
    "needs no query": "reply",
    "but it fails": "correct",
    "with different results": "select",
    "Now tell the person": "answer",
    "Write one SQLite query": "generate",
    "List the tables and columns": "link",
    "List the tables of the schema": "prune",
}
FAILS = "SELECT nothing FROM nowhere"


def step_of(messages: Sequence[Message]) -> str:
    return next(step for mark, step in MARKS.items() if mark in messages[-1].content)


class Replies:
    """Answers each step so that in the end all have asked: a tie about old singers, failures about new ones."""

    def __init__(self) -> None:
        guesses = cycle(["SELECT name FROM singer WHERE age > 40", "SELECT country FROM singer WHERE age > 40"])
        self._guesses = chain([FAILS], guesses)

    def __call__(self, messages: Sequence[Message]) -> str:
        asked = messages[-1].content
        match step_of(messages):
            case "route":
                return '{"intent": "chat"}' if "Nice" in asked else '{"intent": "sql"}'
            case "generate":
                return FAILS if "new singers" in asked else next(self._guesses)
            case "correct":
                return "SELECT count(*) FROM singer"
            case "select":
                return '{"choice": 2}'
            case "link":
                return '{"columns": ["singer.age", "singer.name"]}'
            case "prune":
                return '{"tables": ["singer"]}'
        return "There are some."


def asked_of(database: Path, graph: str, questions: Sequence[str]) -> list[tuple[Message, ...]]:
    model = ScriptedModel(Replies())
    with SQLAgent(database, sql_model=model, graph=graph) as agent:
        for question in questions:
            agent.ask(question, thread_id="one")
    return model.asked


QUESTIONS = (
    "Which of the old singers are there?",
    "How many new singers are there?",
    "Nice, what else can you do?",
    "And those from France?",
)


def test_every_step_of_the_default_graph_begins_alike(tiny: Path) -> None:
    asked = asked_of(tiny, "default", QUESTIONS)
    assert {step_of(messages) for messages in asked} == set(MARKS.values()) - {"link", "prune"}
    (system,) = {messages[0] for messages in asked}
    with SQLAgent(tiny, sql_model=ScriptedModel("")) as agent:
        shown = Settings().schema
        schema = render_schema(agent.schema, prompt_tokens=shown.prompt_tokens, sample_values=shown.sample_values).text
    assert system.role == "system"
    assert system.content.endswith(schema)
    assert "singer_in_concert" in schema


def test_another_process_with_another_cache_sends_the_same_bytes(tiny: Path, tmp_path: Path, monkeypatch) -> None:
    first = asked_of(tiny, "default", QUESTIONS[:1])
    warm = asked_of(tiny, "default", QUESTIONS[:1])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    cold = asked_of(tiny, "default", QUESTIONS[:1])
    assert first[0][0] == warm[0][0] == cold[0][0]


def test_a_graph_that_prunes_has_one_beginning_for_each_set_of_tables(tiny: Path) -> None:
    asked = asked_of(tiny, "feather", QUESTIONS[:1])
    assert {"link", "prune", "generate"} <= {step_of(messages) for messages in asked}
    beginnings = {messages[0].content for messages in asked}
    assert len(beginnings) == 2
    assert {messages[0].content for messages in asked if step_of(messages) in ("link", "prune")} < beginnings
