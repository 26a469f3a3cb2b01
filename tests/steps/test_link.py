"""The step that finds what of the schema a question speaks of."""

from __future__ import annotations

from dataclasses import replace

from agentsql.settings import SchemaSettings, Settings
from agentsql.steps.link import link
from agentsql.types import Links, Turn


async def test_words_find_tables_columns_and_values(run) -> None:
    done = await run(link, question="What is the average age of singers from France?")
    assert done.updates["links"] == Links(
        tables=("singer",), columns=(("singer", "age"),), values=(("singer", "country", "France"),)
    )
    assert done.model.asked == []


async def test_the_turns_before_count_too(run) -> None:
    history = (Turn("How many concerts were there in 2014?", "SELECT 1"),)
    done = await run(link, question="And in 2015?", history=history)
    assert done.updates["links"].tables == ("concert",)


async def test_the_model_may_name_columns_and_only_real_ones_count(run) -> None:
    reply = '{"columns": ["singer.name", "SINGER.Country", "singer.salary", "nonsense"]}'
    done = await run(link, question="Who is it?", replies=(reply,), options={"by": "model"})
    assert done.updates["links"] == Links(tables=("singer",), columns=(("singer", "name"), ("singer", "country")))
    assert done.event.notes == (
        "the chat model linked 'singer.salary', which is not in the schema",
        "the chat model linked 'nonsense', which is not in the schema",
    )


async def test_the_server_holds_the_model_to_the_columns_it_is_shown(run) -> None:
    done = await run(
        link,
        question="In which years were there concerts?",
        replies=('{"columns": ["concert.year"]}',),
        options={"by": "model"},
        settings=replace(Settings(), schema=SchemaSettings(prompt_tokens=40)),
    )
    assert done.updates["links"].columns[0] == ("concert", "year")
    items = done.model.options[0]["json_schema"]["properties"]["columns"]["items"]
    assert items["enum"] == ["concert.concert_id", "concert.title", "concert.year"]
    assert "CREATE TABLE singer" not in done.model.asked[0][0].content
