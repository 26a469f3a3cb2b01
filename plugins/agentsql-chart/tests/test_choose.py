"""Which chart is chosen for which result, and that Vega-Lite draws each of them."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from decimal import Decimal

import pytest
import vl_convert

from agentsql_chart import choose_chart

MONTHS = [(date(2026, month, 1), 100 * month) for month in range(1, 7)]


def kind(columns, rows):
    spec = choose_chart(columns, rows)
    return spec and spec["mark"]["type"]


@pytest.mark.parametrize(
    ("expected", "columns", "rows"),
    [
        ("line", ["month", "sales"], MONTHS),
        ("line", ["month", "sales"], [("2026-01", 3), ("2026-02", 4)]),
        ("line", ["at", "load"], [(datetime(2026, 1, 1, hour), 0.5) for hour in range(3)]),
        ("line", ["year", "films"], [(2024, 3), (2025, 4), (2026, 9)]),
        ("line", ["month", "sales", "returns"], [(month, sales, sales / 10) for month, sales in MONTHS]),
        ("line", ["month", "country", "sales"], [(m, c, s) for m, s in MONTHS for c in ("FR", "NL")]),
        ("bar", ["country", "singers"], [("France", 2), ("Netherlands", 1)]),
        ("bar", ["country", "average"], [("France", Decimal("35.5")), (None, Decimal("1"))]),
        ("bar", ["singer_id", "name", "age"], [(1, "Joe", 52), (2, "Rose", 41)]),
        ("bar", ["country", "wins", "losses"], [("France", 3, 4), ("Netherlands", 1, 7)]),
        ("bar", ["country", "sex", "singers"], [(c, s, 3) for c in ("FR", "NL") for s in ("f", "m")]),
        ("point", ["height", "weight"], [(170 + n, 60.5 + n) for n in range(6)]),
        ("point", ["name", "height", "weight"], [(f"player {n}", 150 + n, 50 + n) for n in range(60)]),
        (None, ["singers"], [(4,)]),
        (None, ["country", "singers"], [("France", 2)]),
        (None, ["name", "country"], [("Joe", "NL"), ("Rose", "FR")]),
        (None, ["singer_id", "concert_id"], [(1, 2), (2, 3)]),
        (None, ["name", "height", "weight"], []),
        (None, ["name", "photo"], [("Joe", b"\x00"), ("Rose", b"\x01")]),
        (None, ["name", "age"], [(f"singer {n}", n) for n in range(41)]),
        (None, ["text", "stars"], [("long " * 20 + str(n), n) for n in range(4)]),
        (None, ["month", "sales"], [(date(2026, 1, 1), 3), (date(2026, 1, 1), 4)]),
        (None, ["x", "y"], [(1, 2), (3, 4)]),
        (None, ["x", "y"], [(n, n) for n in range(2001)]),
    ],
)
def test_the_chart_follows_from_types_and_shape(expected, columns, rows):
    assert kind(columns, rows) == expected


def test_measures_of_unlike_size_do_not_share_an_axis():
    assert kind(["country", "people", "share"], [("France", 68_000_000, 0.8), ("Malta", 500_000, 0.1)]) is None


def test_labels_that_repeat_or_look_like_paths_are_titles_only():
    spec = choose_chart(["a.b[0]", "n", "n"], [("x", 1, 2), ("y", 3, 4)])
    assert {value["measure"] for value in spec["data"]["values"]} == {"n", "n (2)"}
    assert spec["encoding"]["y"] == {"field": "c0", "type": "nominal", "title": "a.b[0]", "sort": None}


def test_a_specification_is_plain_json_whatever_the_cells_are():
    rows = [(date(2026, 1, 1), Decimal("1.5")), (date(2026, 1, 2), math.inf), (None, None)]
    spec = choose_chart(["day", "load"], rows)
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    assert [value["c1"] for value in spec["data"]["values"]] == [1.5, None, None]


def test_bars_keep_the_order_of_the_rows():
    spec = choose_chart(["country", "singers"], [("Z", 9), ("A", 1)])
    assert spec["encoding"]["y"]["sort"] is None


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (["month", "sales", "returns"], [(month, sales, sales / 10) for month, sales in MONTHS]),
        (["month", "sales"], [("2026-01", 3), ("2026-02", 4)]),
        (["country", "sex", "singers"], [(c, s, 3) for c in ("FR", "NL") for s in ("f", "m")]),
        (["</script>'\"", "a", "b"], [("'); alert(1) //", 3, 4), ("<b>", 1, 7)]),
        (["height", "weight"], [(170 + n, 60.5 + n) for n in range(6)]),
    ],
)
def test_vega_lite_draws_it(columns, rows):
    svg = vl_convert.vegalite_to_svg(choose_chart(columns, rows))
    assert svg.startswith("<svg")
    assert "<script" not in svg
    assert svg.count('aria-roledescription="') >= len(rows)
