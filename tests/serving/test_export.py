"""Rows as files over HTTP."""

from __future__ import annotations

import io
import json

import openpyxl
import pyarrow.parquet as pq
import pytest

SQL = "SELECT name, age FROM singer WHERE age > 40 ORDER BY age"
READ = {
    "csv": lambda content: [tuple(line.split(",")) for line in content.decode().splitlines()],
    "json": lambda content: [("name", "age"), *((one["name"], str(one["age"])) for one in json.loads(content))],
    "xlsx": lambda content: [
        tuple(map(str, row)) for row in openpyxl.load_workbook(io.BytesIO(content)).active.values
    ],
    "parquet": lambda content: [
        ("name", "age"), *((one["name"], str(one["age"])) for one in pq.read_table(io.BytesIO(content)).to_pylist())
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", READ)
def test_the_rows_of_a_query_come_as_a_file(client, kind):
    done = client().post("/api/export", json={"sql": SQL, "format": kind})
    assert done.headers["content-disposition"] == f'attachment; filename="tiny.{kind}"'
    assert READ[kind](done.content) == [("name", "age"), ("Rose White", "41"), ("Joe Sharp", "52")]


def test_no_spreadsheet_runs_a_text(client):
    done = client().post("/api/export", json={"sql": "SELECT '=1+1' AS x", "format": "csv"})
    assert done.text == "x\n'=1+1\n"


@pytest.mark.parametrize("sql", ["SELECT nothing FROM singer", "DELETE FROM singer"])
def test_a_query_without_rows_is_no_file(client, sql):
    done = client().post("/api/export", json={"sql": sql, "format": "csv"})
    assert (done.status_code, done.json()["error"]["code"]) == (409, "query_failed")
