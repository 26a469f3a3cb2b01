"""An answer as a notebook shows it."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import pytest

from agentsql.display import answer_chart, answer_html, chart_svg
from agentsql.types import Answer, QueryFailure


def answer(columns=(), rows=(), **more) -> Answer:
    return Answer("?", more.pop("status", "answered"), columns=tuple(columns), rows=tuple(rows), **more)


def test_sentence_sql_and_rows_are_shown_and_none_of_them_is_markup():
    hostile = "<script>alert(1)</script>\u202e\x1b[31m"
    html = answer_html(answer((hostile,), ((hostile,), (None,)), text=hostile, sql=f"SELECT '{hostile}'"))
    assert "<script" not in html and "\u202e" not in html and "\x1b" not in html
    assert html.count("&lt;script&gt;") == 4
    assert ">NULL</td>" in html


def test_numbers_stand_at_the_right_and_words_at_the_left_with_their_labels():
    html = answer_html(answer(("name", "n"), [("a", 1), (None, None)]))
    sides = re.findall(r'<(?:th|td) style="text-align: (\w+)">([^<]*)', html)
    assert sides == [
        ("left", "name"), ("right", "n"), ("left", "a"), ("right", "1"), ("left", "NULL"), ("right", "NULL")
    ]  # fmt: skip


def test_a_long_result_says_how_much_of_it_is_shown():
    html = answer_html(answer(("n",), [(number,) for number in range(200)], truncated=True))
    assert html.count("<tr>") == 51
    assert "50 of 200 rows are shown and there are more" in html


def test_what_is_no_answer_says_so_with_its_hint():
    failed = answer(status="failed", text="It <failed>.", error=QueryFailure("syntax", "near x", "write & mend"))
    assert answer_html(failed) == "<p><strong>failed</strong>: It &lt;failed&gt;. write &amp; mend</p>"


@pytest.mark.parametrize(
    ("rows", "mark"),
    [
        ([("a", 1), ("b", 2.5), ("c", Decimal("3"))], "bar"),
        ([(date(2024, 1, 1), 1), (date(2024, 2, 1), 2)], "line"),
        ([("2024-01-01", 1), ("2024-02-01", 2)], "line"),
        ([(2023, 1), (2024, 2)], None),
        ([("a", 1)], None),
        ([("a", 1), ("a", 2)], None),
        ([("a", "b"), ("c", "d")], None),
        ([("a", 1), (None, 2)], None),
        ([("a", True), ("b", False)], None),
        ([(str(number), number) for number in range(41)], None),
    ],
)
def test_the_chart_follows_types_and_shape(rows, mark):
    chart = answer_chart(answer(("<b>", "n"), rows))
    assert (chart["mark"]["type"] if chart else None) == mark
    if chart:
        assert len(json.loads(json.dumps(chart))["data"]["values"]) == len(rows)


def test_years_are_a_line():
    chart = answer_chart(answer(("published_year", "n"), [(2023, 1), (2024, 2)]))
    assert (chart["mark"]["type"], chart["encoding"]["x"]["type"]) == ("line", "quantitative")


def test_a_chart_is_drawn_as_a_picture_too_and_one_that_cannot_be_is_told(caplog):
    pytest.importorskip("vl_convert", reason="needs the extra [notebook]")
    picture = chart_svg(answer_chart(answer(("<b>", "n"), [("<i>", 1), ("b", 2)])))
    assert picture.startswith("<svg") and "&lt;i&gt;" in picture and "<i>" not in picture
    assert chart_svg({"mark": "nothing like it"}) is None
    assert "cannot be drawn" in caplog.text


def test_a_chart_that_a_step_chose_is_taken_and_rows_that_were_cut_off_get_none():
    rows = [("a", 1), ("b", 2)]
    assert answer_chart(answer(("x", "y"), rows, extras={"chart": {"mark": "point"}})) == {"mark": "point"}
    assert answer_chart(answer(("x", "y"), rows, truncated=True)) is None
