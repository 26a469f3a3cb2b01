"""The step that finds what of the schema a question speaks of."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from agentsql.db.value_index import ValueIndex
from agentsql.settings import SchemaSettings, Settings, ValueSettings
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


async def test_a_value_that_no_sample_shows_is_found_by_the_index(run, tmp_path) -> None:
    path = tmp_path / "schools.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE school (name TEXT, county TEXT)")
    counties = ["Alameda", *(f"County {number}" for number in range(60))]
    connection.executemany("INSERT INTO school VALUES (?, ?)", [(f"School {one}", one) for one in counties])
    connection.commit()
    connection.close()
    done = await run(link, question="How many schools are in Alameda?", database=path)
    assert done.updates["links"].values == (("school", "county", "Alameda"),)
    assert done.event.notes == ()


async def test_without_an_index_the_samples_serve_and_numbers_among_them_do_not(run) -> None:
    settings = Settings(values=ValueSettings(distinct=0))
    done = await run(link, question="Singers from France or the Netherlands, 29?", settings=settings)
    assert done.updates["links"].values == (("singer", "country", "France"), ("singer", "country", "Netherlands"))
    assert done.event.notes == ()


async def test_the_trace_says_that_values_are_still_being_read(run, monkeypatch) -> None:
    monkeypatch.setattr("agentsql.db.value_store.ValueStore.refresh", lambda self, schema: None)
    monkeypatch.setattr("agentsql.db.value_store.ValueStore.index", ValueIndex(current=False))
    done = await run(link, question="Singers from France?")
    assert done.updates["links"].values == (("singer", "country", "France"),)
    assert done.event.notes == ("the values of the database are being read; until then those of the schema are linked",)
