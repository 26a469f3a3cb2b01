"""The step that chooses the tables the SQL model is shown."""

from __future__ import annotations

from dataclasses import replace

from agentsql.settings import SchemaSettings, Settings
from agentsql.steps.prune import prune

SMALL = replace(Settings(), schema=SchemaSettings(prompt_tokens=125))
"""Room for two of the three tables."""


async def test_a_schema_that_fits_is_left_whole(run) -> None:
    done = await run(prune)
    assert done.updates == {"tables": ()}


async def test_a_schema_that_does_not_fit_is_cut_to_the_likeliest_tables_that_do(run) -> None:
    done = await run(prune, question="How many concerts were there?", settings=SMALL)
    assert done.updates == {"tables": ("concert", "singer_in_concert")}
    assert done.model.asked == []


async def test_the_list_is_no_longer_than_wanted_but_for_joining_tables(run) -> None:
    done = await run(prune, question="concert", settings=SMALL, options={"tables": 1, "meaning": False})
    assert done.updates == {"tables": ("concert",)}


async def test_a_question_that_names_nothing_prunes_nothing(run) -> None:
    done = await run(prune, question="Who?", settings=SMALL)
    assert done.updates == {"tables": ()}
    assert done.event.notes == ("the question names nothing of a schema that does not fit the prompt",)


async def test_the_model_judges_the_short_list_only(run) -> None:
    done = await run(
        prune,
        question="How many concerts were there?",
        settings=SMALL,
        replies=('{"tables": ["concert"]}',),
        options={"by": "model"},
    )
    assert done.updates == {"tables": ("concert",)}
    schema = done.model.options[0]["json_schema"]
    assert schema["properties"]["tables"]["items"]["enum"] == ["concert", "singer_in_concert"]
    assert "CREATE TABLE singer (" not in done.model.asked[0][0].content


async def test_the_model_may_choose_among_all_tables_that_fit(run) -> None:
    done = await run(prune, replies=('{"tables": ["Singer", "unknown"]}',), options={"by": "model"})
    assert done.updates == {"tables": ("singer",)}


async def test_what_the_model_chose_stays_joinable(run) -> None:
    done = await run(prune, replies=('{"tables": ["singer", "concert"]}',), options={"by": "model"})
    assert done.updates == {"tables": ("singer", "singer_in_concert", "concert")}


async def test_a_model_that_names_no_table_prunes_nothing(run) -> None:
    for reply in ("I keep them all.", '{"tables": "all"}', '{"tables": []}'):
        done = await run(prune, replies=(reply,), options={"by": "model"})
        assert done.updates == {"tables": ()}
        assert done.event.notes == ("the chat model named no table it was shown; all of them are kept",)
