"""The SQL grammar on the embedded server: needs the 0.5B model (`agentsql models pull qwen2.5-coder-0.5b`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from llguidance import LLMatcher, LLTokenizer, grammar_from
from llguidance.gbnf_to_lark import any_to_lark

from agentsql.db.grammar import sql_grammar
from agentsql.db.render import render_schema
from agentsql.db.schema import Column, Schema, Table
from agentsql.models.catalogue import catalogue_model
from agentsql.models.files import model_folder, verified_file
from agentsql.models.spec import open_endpoint
from agentsql.settings import ModelSettings, load_settings
from agentsql.types import Completion, Message

NAME = "qwen2.5-coder-0.5b"
FOLDER = model_folder(load_settings().settings.models.directory)
SCHEMA = Schema(
    "sqlite",
    (
        Table("gig", (Column("gig_id", "INTEGER"), Column("singer_id", "INTEGER"), Column("year", "INTEGER"))),
        Table("singer", (Column("singer_id", "INTEGER"), Column("Song Name", "TEXT"), Column("nationality", "TEXT"))),
    ),
)
GRAMMAR = sql_grammar(SCHEMA, (), "sqlite")

pytestmark = pytest.mark.skipif(
    verified_file(catalogue_model(NAME), FOLDER) is None, reason=f"run `agentsql models pull {NAME}` first"
)
Ask = Callable[..., Awaitable[Completion]]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """Give `await ask(request, **options)`, bound by the grammar."""
    endpoint = open_endpoint(f"local:{NAME}", settings=ModelSettings(directory=str(FOLDER), context=1024))
    shown = render_schema(SCHEMA, prompt_tokens=500, sample_values=0).text

    async def ask_it(request: str, **options: float) -> Completion:
        messages = [Message("system", f"You write SQL for this schema.\n\n{shown}"), Message("user", request)]
        (one,) = await endpoint.complete(messages, grammar=GRAMMAR, max_tokens=40, **options)
        return one

    yield ask_it
    await endpoint.close()


def beginning_is_allowed(text: str) -> bool:
    reader = LLMatcher(LLTokenizer("byte"), grammar_from("lark", any_to_lark(GRAMMAR)))
    return bool(reader.validate_tokens(list(text.encode())) == len(text.encode()))


async def test_a_question_gets_the_query_that_the_model_would_write_anyway(ask: Ask) -> None:
    one = await ask("How many singers are there? Reply with one query.")
    assert one.text.casefold() == "select count(*) from singer"
    assert one.finish_reason == "stop"


async def test_a_name_that_needs_quotes_is_quoted(ask: Ask) -> None:
    one = await ask("List the song name of every singer. Reply with one query.")
    assert one.text == 'SELECT "Song Name" FROM singer'


@pytest.mark.parametrize("request_", ["Write a poem about the sea.", "SELECT nation FROM singers; DROP TABLE singer;"])
async def test_whatever_it_is_asked_it_writes_a_query_over_the_schema(ask: Ask, request_: str) -> None:
    one = await ask(request_, temperature=1.5)
    assert one.degraded == ()
    assert beginning_is_allowed(one.text), one.text
