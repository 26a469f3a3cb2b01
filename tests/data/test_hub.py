"""Datasets of the hub, in and out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentsql.cli.main import main
from agentsql.data.hub import HubDataset, hub_dataset
from agentsql.data.rows import read_training_rows
from agentsql.data.runs import QuestionsOf
from agentsql.data.samples import Dropped, read_samples

from .hub_server import running_hub

PROGRAM = "import sys; from agentsql.cli.main import main; sys.exit(main(sys.argv[1:]))"
ROWS = [
    {
        "question": "How many heads?",
        "context": "CREATE TABLE head (age INTEGER)",
        "answer": "SELECT COUNT(*) FROM head",
    },
    {"question": "Which titles?", "context": "CREATE TABLE book (title TEXT)", "answer": "SELECT title FROM book"},
]


@pytest.fixture
def prepared(write_lines, tmp_path):
    """A folder of rows."""
    rows = write_lines(*ROWS)
    assert main(["data", "prepare", "--from", str(rows), "--out", str(tmp_path / "rows")]) == 0
    return tmp_path / "rows"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf:b-mc2/sql-create-context", HubDataset("b-mc2/sql-create-context")),
        ("hf:a/b:train", HubDataset("a/b", split="train")),
        ("hf:a/b@refs/convert/parquet:test", HubDataset("a/b", "refs/convert/parquet", "test")),
        ("rows.jsonl", None),
    ],
)
def test_a_dataset_of_the_hub_is_told_from_a_path(text, expected):
    assert hub_dataset(Path(text)) == expected


@pytest.mark.parametrize("source", ["hf:", "hf:spider", "hf:a/b:", "hf:a/b/c"])
def test_what_names_no_dataset_is_refused(source, tmp_path, capsys):
    assert main(["data", "prepare", "--from", source, "--out", str(tmp_path / "out")]) == 2
    assert "write hf:OWNER/NAME" in capsys.readouterr().err


def test_what_would_be_uploaded_is_said_without_a_network(prepared, capsys):
    assert main(["data", "push", str(prepared), "me/rows", "--private", "--dry-run"]) == 0
    assert (
        f"would upload me/rows (private) from {prepared}: train with 2 rows; report.md as its card"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["rows", "rows"], "write OWNER/NAME"), (["nowhere", "me/rows"], "holds no finished data")],
)
def test_what_cannot_be_uploaded_is_said(arguments, said, prepared, monkeypatch, capsys):
    monkeypatch.chdir(prepared.parent)
    assert main(["data", "push", *arguments, "--dry-run"]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_of_parquet_files_is_read(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    (tmp_path / "data").mkdir()
    for number, row in enumerate(ROWS):
        parquet.write_table(pyarrow.Table.from_pylist([row]), tmp_path / "data" / f"train-{number}.parquet")
    (tmp_path / "README.md").write_text("What it is")

    assert [one.question for one in read_samples(tmp_path)] == ["How many heads?", "Which titles?"]


def test_a_table_with_names_of_databases_is_asked_of_those(tiny, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    rows = [
        {"db_id": tiny.stem, "question": "Singers?", "query": "SELECT name FROM singer"},
        {**ROWS[0], "db_id": "no"},
    ]
    rows[1] = {"db_id": "no", "question": "Heads?", "query": "SELECT 1"}
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "spider.parquet")

    found, missing = read_samples(tmp_path / "spider.parquet", QuestionsOf(databases=tiny.parent))

    assert (found.database, found.schema_sql) == (str(tiny), "")
    assert missing == Dropped("no schema", "1", "Heads?", "", "spider.parquet")


@pytest.mark.slow  # four processes that import `datasets`
def test_rows_go_to_the_hub_and_come_back(tiny, write_lines, tmp_path):
    questions = write_lines(
        {"question": "Singers?", "db_id": tiny.stem, "schema": "CREATE TABLE x (y)", "sql": "SELECT name FROM singer"},
        *ROWS,
    )
    with running_hub() as hub:
        given = {
            **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": "secret",
            "HF_HOME": str(tmp_path / "cache"),
            "HF_HUB_DISABLE_XET": "1",
        }

        def agentsql(*arguments, **environment):
            program = [sys.executable, "-c", PROGRAM, "data", *map(str, arguments)]
            done = subprocess.run(
                program,
                env={**given, **environment},
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            return done.returncode, done.stdout + done.stderr

        code, said = agentsql(
            "prepare", "--from", questions, "--out", "rows", "--databases", tiny.parent, "--split", "train=1"
        )
        assert code == 0, said
        code, said = agentsql("push", "rows", "me/rows")
        assert code == 0 and "https://huggingface.co/datasets/me/rows" in said
        assert {"README.md", "data/train-00000-of-00001.parquet"} <= set(hub.files)
        assert b"3 questions read, 3 kept" in hub.files["README.md"]
        assert str(tiny.parent).encode() not in b"".join(hub.files.values())

        source = ("prepare", "--from", "hf:me/rows:train", "--databases", tiny.parent, "--split", "train=1")
        code, said = agentsql(*source, "--out", "back")
        assert code == 0, said
        code, said = agentsql("prepare", "--from", "hf:me/rows:test", "--out", "none")
        assert code != 0 and "Should be one of ['train']" in said
    code, said = agentsql(*source, "--out", "none")
    assert code != 0 and "the hub is not in reach" in said
    code, said = agentsql(*source, "--out", "offline", HF_HUB_OFFLINE="1")
    assert code == 0, said
    first, *others = (
        [json.loads(one.to_json()) for one in read_training_rows(tmp_path / name / "train.jsonl")]
        for name in ("rows", "back", "offline")
    )
    for rows in others:
        assert [one["completion"] for one in rows] == [one["completion"] for one in first]
        assert [one["prompt"] for one in rows] == [one["prompt"] for one in first]
