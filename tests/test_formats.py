"""JSON, CSV and Markdown of every kind of cell."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from decimal import Decimal

from agentsql.formats import json_cell, to_csv, to_json, to_markdown


def test_every_kind_of_cell_makes_valid_json():
    cells = (None, True, 1, 1.5, float("nan"), float("inf"), b"\x01\xff", Decimal("1.10"), "text")
    days = (date(2010, 1, 2), datetime(2010, 1, 2, 3, 4), timedelta(hours=1))
    assert json.loads(to_json([json_cell(cell) for cell in (*cells, *days)])) == [
        *(None, True, 1, 1.5, None, None, "01ff", "1.10", "text"),
        *("2010-01-02", "2010-01-02T03:04:00", "1:00:00"),
    ]


def test_json_keeps_every_character_and_shows_no_control():
    text = "ü東\x1b\x9b\u202e\ud800\n"
    written = to_json(text)
    assert json.loads(written) == text
    assert written == '"ü東\\u001b\\u009b\\u202e\\ud800\\n"'


def test_csv_is_read_back_as_it_was():
    rows = [("a,b", 'say "x"', "two\nlines"), (None, b"\x01\xff", 1.5)]
    text = to_csv(("one", "two", "three"), rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["one", "two", "three"],
        ["a,b", 'say "x"', "two\nlines"],
        ["", "01ff", "1.5"],
    ]


def test_markdown_cells_cannot_leave_their_cell():
    assert to_markdown(("a|b",), (("x | <b>\ny",),)) == "| a\\|b |\n| --- |\n| x \\| \\<b><br>y |"
