"""Solved questions from files of other layouts."""

from __future__ import annotations

import json

import pytest

from agentsql.errors import UsageError
from agentsql.retrieval.example import Example, deletion_line, to_line
from agentsql.retrieval.layouts import read_solved

SPIDER = {"db_id": "concert", "query": "SELECT 1", "question": "One?", "sql": {"select": []}, "query_toks": ["SELECT"]}
BIRD = {"db_id": "school", "SQL": "SELECT 2", "question": "Two?", "evidence": "two is 2"}
OWN = {"id": "x", "db": "shop", "sql": "SELECT 3", "question": "Three?", "masked": "<unk>?", "source": "chat"}


@pytest.mark.parametrize("write", [json.dumps, lambda all_: "\n".join(map(json.dumps, all_)) + "\n\n"])
def test_the_layouts_of_spider_bird_and_our_own_are_read(tmp_path, write):
    (tmp_path / "solved.json").write_text("\ufeff" + write([SPIDER, BIRD, OWN, SPIDER]), encoding="utf-8")
    assert read_solved(tmp_path / "solved.json", dialect="sqlite") == [
        Example("One?", "SELECT 1", "concert", dialect="sqlite", source="solved.json"),
        Example("Two?", "SELECT 2", "school", dialect="sqlite", source="solved.json"),
        Example("Three?", "SELECT 3", "shop", "<unk>?", "sqlite", source="chat"),
    ]


def test_the_file_of_a_store_comes_without_what_was_deleted(tmp_path):
    one, two = Example("One?", "SELECT 1", "a"), Example("Two?\u2028", "SELECT 2", "a")
    (tmp_path / "examples-1.jsonl").write_bytes(to_line(one) + to_line(two) + deletion_line(one.id))
    (read,) = read_solved(tmp_path / "examples-1.jsonl")
    assert read.id == two.id


def test_entries_without_a_database_take_the_one_given(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"question": "q", "sql": "SELECT 1"}')
    assert read_solved(tmp_path / "a.jsonl", db="shop")[0].db == "shop"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[{"question": "q"}]', r"entry 1 of .* is no solved question: 'sql' is missing; give"),
        ('{"question": "q", "sql": "SELECT 1"}\n{"question": 3, "sql": "SELECT 1"}', "line 2 .* must be a text"),
        ('[{"question": " ", "sql": "SELECT 1"}]', "'question' is missing"),
        ("[1]", "entry 1 of .* is no JSON object"),
        ("id,question\n1,q", "neither a JSON array nor JSON lines"),
    ],
)
def test_an_entry_that_is_no_solved_question_is_named(tmp_path, text, problem):
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(UsageError, match=problem):
        read_solved(tmp_path / "bad.json")


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"cannot read .*none\.json"):
        read_solved(tmp_path / "none.json")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        read_solved(tmp_path / "bytes")
