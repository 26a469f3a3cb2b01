"""The rules: which chart suits which columns, written as a Vega-Lite specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentsql.types import Row
from agentsql_chart.columns import ChartColumn, chart_columns

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
"""What the specification is one of; a name, which nothing has to fetch."""
Spec = dict[str, Any]

MOST_POINTS = 2000
"""Rows that are drawn; the specification holds them all."""
MOST_BARS = 40
MOST_COLOURS = 8
"""Lines or bars that can be told apart."""
_LEAST_POINTS = 5
"""Of a scatter plot; fewer show nothing."""
_LIKE = 20.0
"""Measures whose largest values differ by more than this share no axis."""


def choose_chart(columns: Sequence[str], rows: Sequence[Row]) -> Spec | None:
    """Give the chart that suits a result as Vega-Lite with its data, or None where a table says more.

    A line where a measure goes with a time, bars where it goes with few names, points where two measures go together.
    The fields are called c0, c1, …, because a label may repeat or hold what Vega-Lite reads as a path; the labels are
    titles.
    """
    if not 2 <= len(rows) <= MOST_POINTS:
        return None
    found = chart_columns(columns, rows)
    fields = {f"c{number}": column for number, column in enumerate(found) if column.kind != "none"}
    times = [field for field, column in fields.items() if column.kind == "time"]
    names = [field for field, column in fields.items() if column.kind == "name"]
    measures = [field for field, column in fields.items() if column.kind == "measure"]
    if len(times) == 1 and measures:
        return _line(fields, times[0], names, measures)
    if not times and names and measures:
        return _bars(fields, names, measures) or _points(fields, measures)
    return _points(fields, measures) if not times else None


def _line(fields: Mapping[str, ChartColumn], time: str, names: list[str], measures: list[str]) -> Spec | None:
    """One line a name, or one a measure; there is one row for each of its times."""
    by = [name for name in names if fields[name].distinct > 1]
    one_each = len(set(_together(fields, [time, *by]))) == len(fields[time].marks)
    if not one_each or fields[time].distinct < 2:
        return None
    x = _axis(fields, time)
    if not by:
        return _over_measures(fields, {"x": x}, "y", measures, {"type": "line", "point": True})
    if len(by) > 1 or len(measures) > 1 or fields[by[0]].distinct > MOST_COLOURS:
        return None
    encoding = {"x": x, "y": _axis(fields, measures[0]), "color": _axis(fields, by[0])}
    return _spec({"type": "line", "point": True}, encoding, _rows(fields, [time, by[0], measures[0]]))


def _bars(fields: Mapping[str, ChartColumn], names: list[str], measures: list[str]) -> Spec | None:
    """One bar a name in the order of the rows, side by side for two names or several measures."""
    unique = [name for name in names if fields[name].distinct == len(fields[name].marks)]
    # A label that is a text is read more easily than the key beside it.
    unique.sort(key=lambda name: not isinstance(fields[name].marks[0], str))
    if unique and fields[unique[0]].distinct <= MOST_BARS:
        encoding = {"y": {**_axis(fields, unique[0]), "sort": None}}
        return _over_measures(fields, encoding, "x", measures, {"type": "bar"})
    varied = sorted((name for name in names if fields[name].distinct > 1), key=lambda name: -fields[name].distinct)
    if len(varied) != 2 or len(measures) != 1 or fields[varied[1]].distinct > MOST_COLOURS:
        return None
    pairs = _together(fields, varied)
    if len(set(pairs)) < len(pairs) or len(pairs) > MOST_BARS:
        return None
    encoding = {
        "y": {**_axis(fields, varied[0]), "sort": None},
        "yOffset": {"field": varied[1]},
        "x": _axis(fields, measures[0]),
        "color": _axis(fields, varied[1]),
    }
    return _spec({"type": "bar"}, encoding, _rows(fields, [*varied, measures[0]]))


def _points(fields: Mapping[str, ChartColumn], measures: list[str]) -> Spec | None:
    if len(measures) != 2 or len(fields[measures[0]].marks) < _LEAST_POINTS:
        return None
    x, y = (_axis(fields, name) for name in measures)
    tooltip = [_axis(fields, name) for name in fields]
    return _spec({"type": "point"}, {"x": x, "y": y, "tooltip": tooltip}, _rows(fields, list(fields)))


def _over_measures(
    fields: Mapping[str, ChartColumn], encoding: Spec, axis: str, measures: list[str], mark: Spec
) -> Spec | None:
    """One measure at `axis`, or several of like size, told apart by colour."""
    if len(measures) == 1:
        values = _rows(fields, [_named(encoding)[0], *measures])
        return _spec(mark, {**encoding, axis: _axis(fields, measures[0])}, values)
    if len(measures) > MOST_COLOURS or not _alike(fields, measures):
        return None
    base = _named(encoding)[0]
    values = [
        {base: fields[base].marks[row], "measure": title, "value": fields[name].marks[row]}
        for row in range(len(fields[base].marks))
        for name, title in _titles(fields, measures).items()
    ]
    encoding = {
        **encoding,
        axis: {"field": "value", "type": "quantitative", "title": None},
        "color": {"field": "measure", "type": "nominal", "title": None, "sort": None},
    }
    if mark["type"] == "bar":
        encoding["yOffset"] = {"field": "measure", "sort": None}
    return _spec(mark, encoding, values)


def _titles(fields: Mapping[str, ChartColumn], names: Sequence[str]) -> dict[str, str]:
    """Give what each measure is called in the legend, the second of two like labels with a number."""
    titles: dict[str, str] = {}
    for name in names:
        title = fields[name].title
        titles[name] = f"{title} ({name[1:]})" if title in titles.values() else title
    return titles


def _alike(fields: Mapping[str, ChartColumn], measures: list[str]) -> bool:
    tops = [
        max((abs(mark) for mark in fields[name].marks if isinstance(mark, int | float)), default=0.0)
        for name in measures
    ]
    return min(tops) > 0 and max(tops) / min(tops) <= _LIKE


def _named(encoding: Spec) -> list[str]:
    return [channel["field"] for channel in encoding.values()]


def _axis(fields: Mapping[str, ChartColumn], field: str) -> Spec:
    column = fields[field]
    vega = {"time": "temporal", "measure": "quantitative", "name": "nominal"}[column.kind]
    axis: Spec = {"field": field, "type": "ordinal" if column.is_year else vega, "title": column.title}
    return axis


def _rows(fields: Mapping[str, ChartColumn], used: Sequence[str]) -> list[Spec]:
    return [dict(zip(used, row, strict=True)) for row in _together(fields, used)]


def _spec(mark: Spec, encoding: Spec, values: list[Spec]) -> Spec:
    return {"$schema": SCHEMA, "data": {"values": values}, "mark": {**mark, "tooltip": True}, "encoding": encoding}


def _together(fields: Mapping[str, ChartColumn], names: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*(fields[name].marks for name in names), strict=True))
