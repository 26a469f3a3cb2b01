"""The tables a question may need, found in a schema that is too large for a prompt."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql import SQLAgent
from agentsql.folders import cache_folder
from agentsql.retrieval import embed
from agentsql.settings import SchemaSettings, Settings
from agentsql.state import first_state
from agentsql.steps import short_list as module
from agentsql.steps.short_list import rank_tables, short_list
from agentsql.testing import ScriptedModel

SMALL = replace(Settings(), schema=SchemaSettings(prompt_tokens=500))
"""Room for about half of the tables."""
TOPICS = "invoice supplier warehouse payroll vehicle lecture recipe library museum harbour".split()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A database of 32 tables, two of them about air travel."""
    path = tmp_path / "large.sqlite"
    connection = sqlite3.connect(path)
    for number in range(3):
        for topic in TOPICS:
            connection.execute(
                f"CREATE TABLE {topic}_{number} (id INTEGER PRIMARY KEY, remark TEXT, amount_{topic} REAL)"
            )
    connection.executescript(
        "CREATE TABLE airport (code TEXT PRIMARY KEY, town TEXT);"
        "CREATE TABLE flight (flight_no TEXT, origin TEXT REFERENCES airport (code), passengers INT);"
        "INSERT INTO airport VALUES ('FRA', 'Frankfurt'), ('LIS', 'Lisbon');"
    )
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def agent(large: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SQLAgent]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "_WAIT_S", 300.0)  # the machine may be busy
    module._vectors.cache_clear()
    with SQLAgent(large, sql_model=ScriptedModel(), settings=SMALL) as opened:
        yield opened


async def test_words_values_and_keys_find_tables(agent: SQLAgent) -> None:
    asked = first_state("How many passengers start in Frankfurt?", "")
    listed = await short_list(asked, agent.resources(), tables=2, meaning=False)
    assert sorted(listed) == ["airport", "flight"]


async def test_meaning_finds_what_no_word_does(agent: SQLAgent) -> None:
    asked = first_state("Which planes take off with the most people?", "")
    assert await rank_tables(asked, agent.resources(), meaning=False) == ()
    assert (await rank_tables(asked, agent.resources(), meaning=True))[:2] == ("flight", "airport")


async def test_table_vectors_are_made_once_and_kept_on_disk(agent: SQLAgent, monkeypatch) -> None:
    asked = first_state("Which planes take off?", "")
    ranked = await rank_tables(asked, agent.resources(), meaning=True)
    (file,) = (cache_folder() / "schemas").glob("tables-*.npz")
    assert file.stat().st_mode & 0o077 == 0
    written = file.stat().st_mtime_ns
    module._vectors.cache_clear()
    assert await rank_tables(asked, agent.resources(), meaning=True) == ranked
    file.write_bytes(b"spoilt")
    module._vectors.cache_clear()
    assert await rank_tables(asked, agent.resources(), meaning=True) == ranked
    assert file.stat().st_mtime_ns > written


async def test_of_a_schema_that_changed_only_the_changed_table_is_embedded(
    agent: SQLAgent, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = first_state("Which planes take off?", "")
    await rank_tables(asked, agent.resources(), meaning=True)
    connection = sqlite3.connect(large)
    connection.execute("ALTER TABLE airport ADD COLUMN runways INT")
    connection.commit()
    connection.close()
    embedded: list[str] = []
    encode = embed._SentenceEmbedder.encode
    monkeypatch.setattr(
        embed._SentenceEmbedder, "encode", lambda self, texts: [embedded.extend(texts), encode(self, texts)][1]
    )
    await rank_tables(asked, replace(agent.resources(), schema=agent.database.schema()), meaning=True)
    assert [text for text in embedded if "runway" in text] == embedded[:1]
    assert len(embedded) == 2, "one table, and the question"


async def test_without_the_libraries_words_do_alone(agent: SQLAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    embed._loaded.cache_clear()
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    resources = agent.resources()
    listed = await short_list(first_state("How many passengers?", ""), resources)
    assert listed[0] == "flight"
    (note,) = resources.log.notes
    assert note.startswith("tables are sought by their words alone: ")
    assert "pip install" in note


async def test_a_question_does_not_wait_for_ever(agent: SQLAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(module, "_WAIT_S", 0.05)
    monkeypatch.setattr(module, "load_embedder", lambda _model: released.wait(5))
    resources = agent.resources()
    try:
        listed = await short_list(first_state("How many passengers?", ""), resources)
    finally:
        released.set()
    assert listed[0] == "flight"
    assert resources.log.notes == [
        "the tables are still being embedded; until then they are sought by their words alone"
    ]
