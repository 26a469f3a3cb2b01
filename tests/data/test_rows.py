"""Lines of training files."""

from __future__ import annotations

import json

import pytest

from agentsql.data.rows import About, PreferenceRow, TrainingRow, read_preference_rows, read_training_rows
from agentsql.errors import TrainingDataError
from agentsql.types import Message

PROMPT = (Message("system", "Schema"), Message("user", "How many?"))
ABOUT = About("sql", "tiny", "How many?", "SELECT 1", tables=("singer",), columns=("singer.age",), hardness="easy")
ROW = TrainingRow(PROMPT, "SELECT 1", ABOUT)
PAIR = PreferenceRow(PROMPT, "SELECT 1", "SELECT 2", ABOUT)


def test_rows_come_back_as_they_were_written(tmp_path):
    (tmp_path / "rows.jsonl").write_text(f"{ROW.to_json()}\n\n", encoding="utf-8")
    (tmp_path / "pairs.jsonl").write_text(f"{PAIR.to_json()}\n", encoding="utf-8")

    assert list(read_training_rows(tmp_path / "rows.jsonl")) == [ROW]
    assert list(read_preference_rows(tmp_path / "pairs.jsonl")) == [PAIR]


def test_a_line_holds_the_keys_of_trl():
    found = json.loads(ROW.to_json())

    assert found["prompt"] == [
        {"role": "system", "content": "Schema"},
        {"role": "user", "content": "How many?"},
    ]
    assert found["completion"] == [{"role": "assistant", "content": "SELECT 1"}]
    assert (found["task"], found["db_id"], found["gold"]) == ("sql", "tiny", "SELECT 1")


def test_a_lone_surrogate_does_not_end_the_writing():
    row = TrainingRow(PROMPT, "SELECT '\ud800'", ABOUT)

    assert "SELECT '?'" in row.to_json().encode("utf-8").decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"prompt": []}, "'prompt' must be a list of at least one message"),
        ({"prompt": [{"role": "user"}]}, "'prompt' must hold messages with a role and a content"),
        ({"prompt": [{"role": "robot", "content": ""}]}, "'prompt' has the role 'robot'"),
        ({"completion": "SELECT 1"}, "'completion' must be a list of one message of the assistant"),
        ({"task": "poem"}, "'task' is 'poem'; it must be one of sql, schema, correct, select"),
        ({"tables": "singer"}, "'tables' must be a list of names"),
        ({"gold": 1}, "'gold' must be a text"),
    ],
)
def test_a_wrong_line_is_named_with_its_number(changed, said, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{ROW.to_json()}\n{json.dumps({**json.loads(ROW.to_json()), **changed})}\n", encoding="utf-8")

    with pytest.raises(TrainingDataError, match=f"line 2 of .*rows.jsonl is no training row: {said}"):
        list(read_training_rows(path))


def test_a_file_that_is_no_utf_8_and_one_that_is_not_there_are_told_apart(tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(b"\xff\xfe\n")

    with pytest.raises(TrainingDataError, match=r"line 1 of .*rows\.jsonl is no training row"):
        list(read_training_rows(tmp_path / "rows.jsonl"))
    with pytest.raises(TrainingDataError, match=r"none\.jsonl cannot be read: No such file"):
        list(read_training_rows(tmp_path / "none.jsonl"))
