"""Files that training data is made of."""

from __future__ import annotations

import gzip
import json

import pytest

from agentsql.data.runs import QuestionsOf
from agentsql.data.samples import Dropped, Sample, read_samples
from agentsql.errors import TrainingDataError, UsageError

SCHEMA = "CREATE TABLE head (id INTEGER, age INTEGER)"
QUESTION, GOLD = "How many heads are there?", "SELECT count(*) FROM head"


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"question": QUESTION, "context": SCHEMA, "answer": GOLD}, id="sql-create-context"),
        pytest.param(
            {"id": 5, "domain": "heads", "sql_prompt": QUESTION, "sql_context": SCHEMA, "sql": GOLD},
            id="synthetic_text_to_sql",
        ),
        pytest.param({"id": "a", "table_id": "1", "question": QUESTION, "schema": SCHEMA, "sql": GOLD}, id="plain"),
    ],
)  # fmt: skip
def test_a_row_with_its_schema_is_read(row, write_lines):
    (sample,) = read_samples(write_lines(row))

    assert (sample.question, sample.gold, sample.schema_sql, sample.database) == (QUESTION, GOLD, SCHEMA, "")
    assert sample.source == "rows.jsonl"


def test_rows_of_one_schema_are_of_one_database(write_lines):
    row = {"question": QUESTION, "context": SCHEMA, "answer": GOLD}

    one, same, other = read_samples(write_lines(row, row, {**row, "context": f"{SCHEMA};"}))

    assert one.db_id == same.db_id != other.db_id
    assert (one.id, same.id) == ("0", "1")


def test_arrays_and_packed_lines_are_read_too(tmp_path):
    row = {"question": QUESTION, "context": SCHEMA, "answer": GOLD}
    (tmp_path / "a.json").write_text(json.dumps([row, row], indent=1))
    with gzip.open(tmp_path / "b.jsonl.gz", "wt") as file:
        file.write(json.dumps(row) + "\n\n" + json.dumps(row))

    assert [len(list(read_samples(tmp_path / name))) for name in ("a.json", "b.jsonl.gz")] == [2, 2]


def test_a_row_that_lacks_something_is_dropped_and_said(write_lines):
    row = {"question": QUESTION, "context": SCHEMA, "answer": GOLD}

    found = list(read_samples(write_lines(row, {**row, "answer": " "}, {**row, "question": None})))

    assert [one.reason for one in found if isinstance(one, Dropped)] == ["no SQL", "no question"]


def test_a_benchmark_is_read_by_its_own_reader(spider):
    first = next(read_samples(spider / "dev.json"))

    assert isinstance(first, Sample)
    assert first.database.endswith(f"{first.db_id}.sqlite") and first.hardness


def test_a_schema_gives_way_to_the_database_where_that_is_there(tiny, write_lines, tmp_path):
    row = {"db_id": "tiny", "question": QUESTION, "schema": SCHEMA, "sql": GOLD}
    path = write_lines(row, {**row, "db_id": "other"})

    one, other = read_samples(path, QuestionsOf(databases=tmp_path))

    assert (one.database, one.schema_sql) == (str(tiny), "")
    assert (other.database, other.schema_sql) == ("", SCHEMA)


def test_parquet_and_saved_datasets_are_read(tmp_path):
    datasets = pytest.importorskip("datasets")
    row = {"question": QUESTION, "context": SCHEMA, "answer": GOLD}
    made = datasets.Dataset.from_list([row, row])
    made.to_parquet(str(tmp_path / "rows.parquet"))
    made.save_to_disk(str(tmp_path / "one"))
    datasets.DatasetDict({"train": made, "test": made}).save_to_disk(str(tmp_path / "parts"))

    assert [len(list(read_samples(tmp_path / name))) for name in ("rows.parquet", "one", "parts")] == [2, 2, 4]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b"", "holds no row"),
        ("a.jsonl", b"[1]", "entry 1 of .* is no JSON object"),
        ("a.jsonl", b'{"question": ', "neither a JSON array nor JSON lines"),
        ("a.jsonl.gz", b"no gzip", "cannot be read"),
        ("a.parquet", b"no parquet", "is no Parquet file"),
    ],
)
def test_a_file_that_is_none_is_named(name, content, said, tmp_path):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(TrainingDataError, match=said):
        list(read_samples(tmp_path / name))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TrainingDataError, match="No such file"):
        list(read_samples(tmp_path / "none.jsonl"))


def test_a_layout_that_nobody_knows_is_shown(write_lines):
    with pytest.raises(UsageError, match="first row has who, what"):
        list(read_samples(write_lines({"who": 1, "what": 2})))


def test_a_packed_file_of_unknown_layout_is_shown(tmp_path):
    with gzip.open(tmp_path / "b.jsonl.gz", "wt") as file:
        file.write('{"who": 1}')

    with pytest.raises(TrainingDataError, match="first row has who"):
        list(read_samples(tmp_path / "b.jsonl.gz"))
