r"""`agentsql examples`, and `\good` in the chat."""

from __future__ import annotations

import json

import pytest

from agentsql.types import Answer

SOLVED = [
    {"question": "How many pets are there?", "query": "SELECT count(*) FROM pets", "db_id": "pets"},
    {"question": "List the names of all owners.", "query": "SELECT name FROM owners", "db_id": "pets"},
    {
        "question": "Which ship is the longest?",
        "query": "SELECT name FROM ship ORDER BY len DESC LIMIT 1",
        "db_id": "navy",
    },
]


@pytest.fixture
def solved(tmp_path):
    path = tmp_path / "solved.json"
    path.write_text(json.dumps(SOLVED))
    return str(path)


def _listed(run, *words):
    done = run("examples", "list", "--format", "json", *words)
    assert done.code == 0
    return json.loads(done.out)


def test_a_file_is_imported_once(run, solved):
    first = run("examples", "import", solved)
    assert (first.code, first.out) == (0, "")
    assert first.err.splitlines()[-1] == "3 of 3 added; the store has 3"
    assert run("examples", "import", solved).err.splitlines()[-1] == (
        "0 of 3 added, 3 were there already; the store has 3"
    )
    rows = _listed(run)
    assert [row["question"] for row in rows] == [one["question"] for one in SOLVED]
    assert {row["source"] for row in rows} == {"solved.json"}


def test_examples_are_listed_searched_and_removed(run, solved):
    run("examples", "import", solved)
    assert [row["db"] for row in _listed(run, "--db", "NAVY")] == ["navy"]
    assert [row["db"] for row in _listed(run, "--limit", "1")] == ["navy"]
    assert "3 in all; --limit shows more" in run("examples", "list", "--limit", "1").err
    found = run("examples", "search", "How many dogs are there?", "-k", "1", "--format", "json")
    (best,) = json.loads(found.out)
    assert best["question"] == "How many pets are there?"
    done = run("examples", "rm", best["id"], "0" * 16)
    assert done.code == 2
    assert done.err.splitlines() == [
        "1 deleted",
        "error: 1 of these ids name no example; `agentsql examples list` shows them",
    ]
    assert len(_listed(run)) == 2
    assert run("examples", "rebuild").err.splitlines()[-1] == "2 examples"


def test_a_question_is_searched_as_one_about_a_database(run, solved, pets):
    run("examples", "import", solved)
    words = ("examples", "search", "How many owners are there?", "--db", pets, "-k", "1", "--format", "json")
    (best,) = json.loads(run(*words).out)
    assert (best["question"], best["similarity"]) == ("How many pets are there?", 1.0)


def test_one_example_is_added_if_its_sql_runs(run, pets):
    done = run("examples", "add", "How many pets?", "SELECT count(*) FROM pets", "--db", pets)
    (row,) = _listed(run)
    assert (done.code, done.out.strip()) == (0, row["id"])
    assert (row["db"], row["source"]) == ("pets", "command line")
    again = run("examples", "add", "How many pets?", "SELECT count(*) FROM pets", "--db", pets)
    assert again.err.splitlines()[-1] == "it was there already"
    refused = run("examples", "add", "Remove them", "DELETE FROM pets", "--db", pets)
    assert refused.code == 2
    assert "does not run on 'pets'" in refused.err


def test_the_folder_can_be_named(run, solved, tmp_path):
    folder = str(tmp_path / "elsewhere")
    run("examples", "import", solved, "--folder", folder)
    assert len(_listed(run, "--folder", folder)) == 3
    assert _listed(run) == []


def test_an_empty_store_lists_and_finds_nothing(run):
    assert _listed(run) == []
    assert run("examples", "search", "How many?", "--format", "json").out.strip() == "[]"
    assert run("examples", "rebuild").code == 2


def test_a_damaged_store_names_the_rebuild(run, solved, tmp_path):
    run("examples", "import", solved, "--folder", str(tmp_path / "store"))
    (tmp_path / "store" / "manifest.json").write_text("{")
    done = run("examples", "list", "--folder", str(tmp_path / "store"))
    assert (done.code, "run `agentsql examples rebuild`" in done.err) == (2, True)


def test_good_keeps_the_last_answer(run, agent):
    done = run("chat", "--db", "pets.sqlite", stdin="Which pets are there?\n\\good\n\\good\n\\good All pets, please\n")
    assert done.code == 0
    assert [call for call in agent.calls if call.startswith("add_example")] == [
        *2 * ["add_example Which pets are there? | SELECT name, age FROM pets | chat"],
        "add_example All pets, please | SELECT name, age FROM pets | chat",
    ]
    assert "kept, and shown for similar questions from now on: Which pets are there?" in done.err
    assert "it was kept already: Which pets are there?" in done.err


def test_good_keeps_nothing_where_there_is_no_answer(run, agent):
    agent.answers["hello"] = Answer("hello", "chat", text="Hello!")
    done = run("chat", "--db", "pets.sqlite", stdin="hello\n\\good\n")
    assert (done.code, "has no answer to keep" in done.err) == (2, True)
    assert not any(call.startswith("add_example") for call in agent.calls)


def test_spider_train_is_read_whole(spider):
    from agentsql.retrieval.layouts import read_solved

    examples = read_solved(spider / "train_spider.json", dialect="sqlite")
    assert len(examples) > 6800
    assert len({one.db for one in examples}) > 100
