"""The step that chooses the tables the SQL model is shown."""

from __future__ import annotations

from dataclasses import replace

from agentsql.settings import SchemaSettings, Settings
from agentsql.steps.prune import prune

SMALL = replace(Settings(), schema=SchemaSettings(prompt_tokens=30))


async def test_a_schema_that_fits_is_left_whole(run) -> None:
    done = await run(prune)
    assert done.updates == {"tables": ()}


async def test_a_schema_that_does_not_fit_is_cut_to_what_the_question_names_and_its_neighbours(run) -> None:
    done = await run(prune, question="How many concerts were there?", settings=SMALL)
    assert done.updates == {"tables": ("concert", "singer_in_concert")}


async def test_the_model_may_name_the_tables(run) -> None:
    done = await run(prune, replies=('{"tables": ["Singer", "unknown"]}',), options={"by": "model"})
    assert done.updates == {"tables": ("singer",)}


async def test_a_model_that_names_no_table_prunes_nothing(run) -> None:
    done = await run(prune, replies=("I keep them all.",), options={"by": "model"})
    assert done.updates == {"tables": ()}
    assert done.event.notes == ("the chat model named no table of the schema; all are kept",)
