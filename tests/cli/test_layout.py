"""Tables of text, and text made harmless for a terminal."""

from datetime import date
from decimal import Decimal

import pytest

from agentsql.cli.layout import layout, record
from agentsql.cli.safe import one_line, printable
from agentsql.formats import cell_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("\x1b[1;31mred\x1b[0m", "red", id="colour"),
        pytest.param("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link", id="link"),
        pytest.param("\x1b]0;title\x07rest", "rest", id="title"),
        pytest.param("\x9b31mred", "red", id="one-byte CSI"),
        pytest.param("\x1bPq#0\x1b\\rest", "rest", id="sixel"),
        pytest.param("\x1bcreset", "reset", id="reset"),
        pytest.param("open \x1b[", "open ", id="unfinished sequence"),
        pytest.param("a\x00b\x08c\x7fd", "abcd", id="controls"),
        pytest.param("a\r\nb\rc\u2028d", "a\nb\nc\nd", id="line breaks"),
        pytest.param("abc\u202etxt.exe", "abctxt.exe", id="bidi override"),
        pytest.param("\ud800x", "?x", id="lone surrogate"),
        pytest.param("Ünïcödé 東京 👩‍👩‍👧", "Ünïcödé 東京 👩‍👩‍👧", id="other languages"),
    ],
)
def test_printable(text, expected):
    assert printable(text) == expected


def test_one_line_marks_line_breaks():
    assert one_line("a\n\tb") == "a↵ b"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param(None, "NULL", id="null"),
        pytest.param(2328.6000000000004, "2328.6", id="noise of a sum"),
        pytest.param(5.0, "5.0", id="whole float"),
        pytest.param(float("nan"), "nan", id="nan"),
        pytest.param(float("-inf"), "-inf", id="infinity"),
        pytest.param(10**30, "1" + "0" * 30, id="large integer"),
        pytest.param(True, "True", id="boolean"),
        pytest.param(Decimal("1.50"), "1.50", id="decimal"),
        pytest.param(date(2010, 1, 2), "2010-01-02", id="date"),
        pytest.param(b"\x00\xff", "x'00ff'", id="blob"),
        pytest.param(bytes(20), "x'" + "00" * 16 + "'… (20 bytes)", id="long blob"),
        pytest.param("x" * 300, "x" * 199 + "…", id="long text"),
    ],
)
def test_cell_text(cell, expected):
    assert cell_text(cell) == expected


def test_numbers_stand_right_and_wide_characters_take_two_places():
    assert layout(("city", "n"), (("東京", 1), ("Rome", 12))).lines == (
        "city │  n",
        "─────┼───",
        "東京 │  1",
        "Rome │ 12",
    )


def test_columns_without_room_are_left_out_and_named():
    drawn = layout([f"column_{i}" for i in range(9)], [tuple("value" for _ in range(9))], width=29)
    assert drawn.lines[0] == "column_0 │ column_1"
    assert drawn.hidden == tuple(f"column_{i}" for i in range(2, 9))


def test_long_cells_are_cut_before_columns_are_left_out():
    drawn = layout(("a", "b"), (("x" * 60, "y" * 60),), width=39)
    assert drawn.lines[2] == "x" * 17 + "… │ " + "y" * 17 + "…"
    assert drawn.hidden == ()


def test_without_a_width_every_column_is_drawn():
    drawn = layout(list("abcdefghij"), [tuple("x" * 50 for _ in range(10))])
    assert drawn.hidden == ()
    assert len(drawn.lines[0].split("│")) == 10


def test_a_result_without_rows_has_its_header():
    assert layout(("a", "b"), ()).lines == ("a │ b", "──┼──")


def test_a_record_is_drawn_downwards():
    assert record(("a", "long"), (1, None)).lines == ("a    │ 1", "long │ NULL")
