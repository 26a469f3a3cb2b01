"""Rows into files that other programs open."""

import json
from datetime import date
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest

from agentsql.errors import UsageError
from agentsql.export import export_rows

COLUMNS = ("name", "name", "n", "blob")
ROWS = (("Rex", None, 1, b"\x01"), ("=1+1", "two\nlines", 2.5, None))


def test_csv_disarms_formulas_and_says_so(tmp_path):
    rows = (("=1+1", -5, "-5"), ("@x", "+49 30", "a=b"))
    note = export_rows(tmp_path / "x.csv", ("a", "b", "c"), rows)
    assert (tmp_path / "x.csv").read_text() == "a,b,c\n'=1+1,-5,-5\n'@x,'+49 30,a=b\n"
    assert note.startswith("3 text cells begin like a formula")


def test_json_has_an_object_a_row_and_keeps_columns_of_one_name(tmp_path):
    assert export_rows(tmp_path / "x.json", COLUMNS, ROWS) == ""
    assert json.loads((tmp_path / "x.json").read_text()) == [
        {"name": "Rex", "name_2": None, "n": 1, "blob": "01"},
        {"name": "=1+1", "name_2": "two\nlines", "n": 2.5, "blob": None},
    ]


def test_parquet_keeps_types(tmp_path):
    rows = ((1, "a", b"\x01", date(2010, 1, 2), Decimal("1.50")), (None, None, None, None, None))
    assert export_rows(tmp_path / "x.parquet", tuple("abcde"), rows) == ""
    frame = pd.read_parquet(tmp_path / "x.parquet")
    assert frame.iloc[0].tolist() == [1, "a", b"\x01", date(2010, 1, 2), Decimal("1.50")]
    assert frame.iloc[1].isna().all()


def test_parquet_writes_mixed_types_as_text_and_says_so(tmp_path):
    note = export_rows(tmp_path / "x.parquet", ("mixed",), (("a",), (1,)))
    assert note == "columns of mixed types were written as text: mixed"
    assert pd.read_parquet(tmp_path / "x.parquet")["mixed"].tolist() == ["a", "1"]


def test_parquet_of_no_rows_has_its_columns(tmp_path):
    export_rows(tmp_path / "x.parquet", ("a", "b"), ())
    assert list(pd.read_parquet(tmp_path / "x.parquet").columns) == ["a", "b"]


def test_a_spreadsheet_runs_nothing(tmp_path):
    cells = ("=1+1", "+1", "-1", "@x", "plain", 10**18, float("nan"), b"\x01", "bell\x07")
    export_rows(tmp_path / "x.xlsx", ("=head", *"abcdefgh"), (cells,))
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert [cell.data_type for row in sheet.iter_rows() for cell in row] == ["s"] * 18
    assert [cell.value for cell in sheet[2]] == ["=1+1", "+1", "-1", "@x", "plain", str(10**18), "nan", "01", "bell"]


def test_a_spreadsheet_keeps_numbers(tmp_path):
    export_rows(tmp_path / "x.xlsx", ("a", "b"), ((1, 2.5),))
    assert [cell.value for cell in openpyxl.load_workbook(tmp_path / "x.xlsx").active[2]] == [1, 2.5]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("x.cvs", r"\.csv, \.json, \.parquet, \.xlsx; did you mean '\.csv'", id="ending"),
        pytest.param("x", r"must end in one of", id="no ending"),
        pytest.param("there.csv", r"is there already; .*-f FILE", id="exists"),
        pytest.param("none/x.csv", r"there is no folder .*none", id="no folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused(tmp_path, name, message):
    (tmp_path / "there.csv").write_text("mine")
    with pytest.raises(UsageError, match=message):
        export_rows(tmp_path / name, COLUMNS, ROWS)
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_overwrite_replaces_a_file(tmp_path):
    (tmp_path / "x.csv").write_text("old")
    export_rows(tmp_path / "x.csv", ("a",), ((1,),), overwrite=True)
    assert (tmp_path / "x.csv").read_text() == "a\n1\n"


@pytest.mark.parametrize(("package", "name"), [("pyarrow", "x.parquet"), ("openpyxl", "x.xlsx")])
def test_a_missing_extra_is_named(tmp_path, monkeypatch, package, name):
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(UsageError, match=rf"needs {package}: pip install 'agentsql-framework\[export\]'"):
        export_rows(tmp_path / name, COLUMNS, ROWS)
    assert list(tmp_path.iterdir()) == []
