"""The step that shows solved questions: what it finds, what it must not show, what it costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agentsql.errors import ExampleStoreError
from agentsql.retrieval.example import Example
from agentsql.retrieval.store import open_examples
from agentsql.settings import ExamplesSettings, Settings
from agentsql.steps.examples import masked_by_sql
from agentsql.steps.retrieve import evaluated_databases, retrieve
from agentsql.testing import check_step
from agentsql.types import Candidate, QueryFailure

SOLVED = [
    ("How many pilots are there?", "SELECT count(*) FROM pilots", "flights"),
    ("What is the number of shops?", "SELECT count(*) FROM shop", "shops"),
    ("Show the names of all students from Spain.", "SELECT name FROM student WHERE country = 'Spain'", "school"),
    ("Which dog is the oldest?", "SELECT name FROM dog ORDER BY age DESC LIMIT 1", "kennel"),
    ("How many singers are there?", "SELECT count(*) FROM singer", "tiny"),
    ("How old is the oldest singer?", "SELECT max(age) FROM singer", "tiny"),
    ("how many SINGERS are there", "SELECT count(*) FROM the_singers", "opera"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A store of seven solved questions; the real model."""
    settings = ExamplesSettings(str(tmp_path_factory.mktemp("retrieve") / "examples"))
    open_examples(settings).add(
        Example(question, sql, db, masked_by_sql(question, sql, "sqlite"), "sqlite") for question, sql, db in SOLVED
    )
    return settings.folder


@pytest.fixture
def ask(run, folder):
    async def ask(question="How many singers are there?", *, exclude="", options=None, **state):
        settings = Settings(examples=ExamplesSettings(folder, exclude=exclude))
        return await run(retrieve, question=question, settings=settings, options=options, **state)

    return ask


async def test_questions_of_the_same_kind_are_shown_whatever_they_are_about(ask):
    done = await ask("How many concerts are there?", options={"k": 2})
    (second, best) = done.updates["examples"]
    assert {best[1], second[1]} <= {sql for _, sql, _ in SOLVED if "count" in sql}
    assert done.event.notes[-1].startswith("similar (")
    assert done.model.asked == []


async def test_the_same_question_that_was_confirmed_before_comes_last(ask):
    *_, last = (await ask()).updates["examples"]
    assert last[0] in ("How many singers are there?", "how many SINGERS are there")


async def test_while_this_database_is_evaluated_neither_its_examples_nor_the_question_are_shown(ask):
    done = await ask(exclude="this", options={"k": 9, "threshold": -1.0})
    assert {sql for _, sql in done.updates["examples"]} == {sql for _, sql, db in SOLVED if db not in ("tiny", "opera")}


async def test_more_databases_can_be_left_out_by_name(ask):
    done = await ask(exclude="Flights, shops,this", options={"k": 9, "threshold": -1.0})
    assert {sql for _, sql in done.updates["examples"]} == {sql for _, sql, db in SOLVED if db in ("school", "kennel")}


async def test_examples_can_be_kept_to_this_database(ask):
    done = await ask(options={"databases": "same", "threshold": -1.0})
    assert {sql for _, sql in done.updates["examples"]} == {
        "SELECT count(*) FROM singer",
        "SELECT max(age) FROM singer",
    }


async def test_the_first_sound_candidate_ranks_examples_by_its_skeleton(ask):
    candidates = (
        Candidate("full-1", "SELECT nonsense FROM nowhere", failure=QueryFailure("unknown_table", "no")),
        Candidate("full-2", "SELECT title FROM concert ORDER BY year DESC LIMIT 1"),
    )
    options = {"k": 1, "threshold": -1.0}
    done = await ask("How many concerts are there?", candidates=candidates, options=options)
    assert done.updates["examples"] == ((SOLVED[3][0], SOLVED[3][1]),)


@pytest.mark.parametrize("options", [{"threshold": 0.999}, {"tokens": 5}, {"k": 0}])
async def test_nothing_is_shown_where_nothing_is_similar_enough_or_fits(ask, options):
    assert (await ask("How many concerts did Joe Sharp give in 2014?", options=options)).updates["examples"] == ()


async def test_a_store_of_another_format_stops_the_question_with_the_command_that_mends_it(ask, run, tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": 99}')
    with pytest.raises(ExampleStoreError, match="agentsql examples rebuild"):
        await run(retrieve, settings=Settings(examples=ExamplesSettings(str(tmp_path))))


async def test_it_keeps_the_contract_of_a_step(tiny):
    assert await check_step(retrieve, database=tiny) == {"examples": ()}


def test_without_examples_nothing_heavy_is_loaded(tiny):
    code = (
        "import asyncio, sys\nfrom agentsql import SQLAgent\nfrom agentsql.steps.retrieve import retrieve\n"
        "from agentsql.testing import ScriptedModel\n"
        "with SQLAgent(sys.argv[1], sql_model=ScriptedModel('x')) as agent:\n"
        "    before = set(sys.modules)\n"
        "    print(asyncio.run(retrieve({'question': 'How many?'}, agent.resources())))\n"
        "print(sorted({'faiss', 'numpy', 'sentence_transformers', 'torch'} & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tiny)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["{'examples': ()}", "[]"]


def test_this_stands_for_the_database_that_is_asked():
    assert evaluated_databases(" a, this ,", "b") == {"a", "b"}
    assert evaluated_databases("", "b") == frozenset()
