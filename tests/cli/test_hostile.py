"""Whatever shows data to a person, fed with the sheet of hostile strings."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agentsql.cli.timeline import show_timeline
from agentsql.evaluation.records import Record
from agentsql.export import export_rows
from agentsql.formats import answer_markdown, to_csv
from agentsql.observe.logs import JsonLines, PlainLines
from agentsql.observe.records import CandidateRecord, StepRecord
from agentsql.types import Answer, Candidate, ExecutionResult, QueryFailure, TraceEvent

_spec = importlib.util.spec_from_file_location("hostile", Path(__file__).parents[1] / "hostile.py")
assert _spec and _spec.loader
hostile = importlib.util.module_from_spec(_spec)
sys.modules["hostile"] = hostile
_spec.loader.exec_module(hostile)
SHEET = pytest.mark.parametrize("name", hostile.ALL)
FORMULA = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"


def harmless(text: str) -> bool:
    return not hostile.ACTS.search(text.replace("\r\n", "\n"))


def hostile_answer(text: str) -> Answer:
    """An answer whose every text is the hostile one."""
    failure = QueryFailure("other", text, text)
    result = ExecutionResult(f"SELECT '{text}'", (text,), ((text,), (text,)), False, 0.1)
    return Answer(
        question=text,
        status="answered",
        text=text,
        sql=result.sql,
        columns=result.columns,
        rows=result.rows,
        candidates=(Candidate("full-1", result.sql, failure=failure), Candidate("full-2", result.sql, result=result)),
        trace=(TraceEvent("generate", 0.1, notes=(text,), prompt_hashes=("0123",)),),
    )


@SHEET
def test_ask_shows_an_answer_without_anything_that_acts(agent, run, name):
    text = hostile.ALL[name]
    agent.answers["q"] = hostile_answer(text)
    for form in ("table", "markdown", "json"):
        ran = run("ask", "--db", "x", "q", "--explain", "--format", form)
        assert harmless(ran.out), form
        assert harmless(ran.err), form


@SHEET
def test_an_error_and_a_refusal_are_shown_without_anything_that_acts(agent, run, name):
    text = hostile.ALL[name]
    agent.answers["q"] = replace(hostile_answer(text), status="refused", error=QueryFailure("refused", text))
    assert harmless(run("ask", "--db", "x", "q").err)
    agent.answers["q"] = OSError(text)
    ran = run("ask", "--db", "x", "q")
    assert ran.code == 1
    assert harmless(ran.err)


@SHEET
def test_the_chat_shows_rows_reasons_and_traces_without_anything_that_acts(agent, run, name):
    agent.answers["q"] = hostile_answer(hostile.ALL[name])
    ran = run("chat", "--db", "x", stdin="q\n\\why\n\\trace\n\\rows\n\\sql\n")
    assert ran.out
    assert harmless(ran.out)
    assert harmless(ran.err)


@SHEET
def test_a_timeline_is_drawn_without_anything_that_acts(name, capsys):
    from agentsql.cli.show import make_console

    text = hostile.ALL[name]
    step = StepRecord(text, 1.0, 1, 1, 1, (text,), (text,), models=(text,), error=text)
    record = Record(text, text, text, text, error=text, steps=(step,), candidates=(CandidateRecord(text, text, text),))
    show_timeline(make_console(), record, {"principal": text})
    assert harmless(capsys.readouterr().out)


@SHEET
def test_a_log_line_is_written_without_anything_that_acts(name):
    text = hostile.ALL[name]
    record = logging.LogRecord("agentsql.db", logging.INFO, "x.py", 1, "the value is %s", (text,), None)
    plain = PlainLines().format(record)
    assert harmless(plain)
    assert all(line.startswith("    ") for line in plain.splitlines()[1:])
    (line,) = JsonLines().format(record).splitlines()
    assert line.isascii()
    assert json.loads(line)["message"] == f"the value is {text}"


@SHEET
def test_no_cell_of_a_csv_begins_like_a_formula(name, tmp_path):
    text = hostile.ALL[name].replace("\x00", "")
    path = tmp_path / "rows.csv"
    export_rows(path, (text,), ((text,), (text,)))
    for written in (path.read_bytes().decode(), to_csv((text,), ((text,),))):
        for (cell,) in csv.reader(io.StringIO(written, newline="")):
            assert not cell.lstrip(" ").startswith(tuple(FORMULA)), cell
            assert cell.endswith(text)


def test_numbers_stay_numbers_in_a_csv():
    cells = (-5, -2.5, "-5", "+1.5e3", "-.5", "2024-01-01", "a=b")
    assert next(csv.reader([to_csv(("n",) * 7, (cells,)).splitlines()[1]])) == [str(cell) for cell in cells]


def test_every_text_of_a_spreadsheet_is_a_text(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "rows.xlsx"
    texts = tuple(hostile.ALL.values())
    export_rows(path, ("=1+1",), (*((text,) for text in texts), (-5,)))
    sheet = openpyxl.load_workbook(path).active
    types = [row[0].data_type for row in sheet.iter_rows()]
    assert types == ["s"] * (1 + len(texts)) + ["n"]
    assert not any(row[0].hyperlink for row in sheet.iter_rows())


@SHEET
def test_markdown_holds_no_markup_of_the_data(name):
    text = hostile.ALL[name]
    written = answer_markdown(hostile_answer(text))
    table = "\n".join(line for line in written.splitlines() if line.startswith("|"))
    assert "<img" not in table.replace("\\<", "")
    assert "[click](" not in table
    assert len(table.splitlines()) >= 4


def test_the_schema_is_shown_without_anything_that_acts(run, tmp_path):
    database = hostile.hostile_database(tmp_path / "hostile.sqlite")
    for form in ("text", "json", "mermaid"):
        ran = run("schema", "--db", str(database), "--format", form)
        assert ran.code == 0
        assert harmless(ran.out)
