"""The charts of a report: Vega-Lite specifications, and drawing them as SVG that follows the page's colours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree import ElementTree

from agentsql.errors import MissingExtraError
from agentsql.evaluation.score import Share

Spec = dict[str, Any]

RUN_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7b5cb8", "#7a5c3e")
"""One a run, around again behind the last; the first six are Okabe and Ito's, which colour-blind people can tell apart.

The style sheet says what these and the greys below are in the dark: SVG attributes yield to a rule on them.
"""
_INK, _SOFT_INK, _LINE = "#1b1f24", "#59636e", "#d1d9e0"
_SVG = "http://www.w3.org/2000/svg"
_WIDTH = 356
"""Pixels; what is left of a phone of 390 by the page's margins, so that no chart is scaled down or scrolled there."""
_CONFIG: Spec = {
    "background": None,
    "font": "Arial",
    "view": {"stroke": None},
    "axis": {
        "domain": False, "ticks": False, "gridColor": _LINE, "labelColor": _SOFT_INK, "labelFontSize": 12,
        "labelLimit": 170, "labelPadding": 6, "titleColor": _SOFT_INK, "titleFontSize": 12, "titleFontWeight": "normal",
    },
    "axisY": {"labelColor": _INK},
    "text": {"color": _INK, "fontSize": 12},
    "legend": {
        "orient": "top", "title": None, "labelColor": _INK, "labelFontSize": 12, "labelLimit": 300, "columns": 1,
        "symbolType": "circle", "symbolOpacity": 1,
    },
}  # fmt: skip
_LOG_TICKS = [sign * 10**power for power in range(-3, 5) for sign in (1, 3)]
_PERCENT = {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}


@dataclass(frozen=True, slots=True)
class Bar:
    """One number of one run in one group."""

    group: str
    run: str
    value: float
    low: float | None = None
    high: float | None = None
    label: str = ""
    """Shown when pointed at."""


def share_bar(group: str, run: str, share: Share) -> Bar:
    """Give the bar of an accuracy with its interval."""
    low, high = share.interval
    label = f"{run}, {group}: {share.value:.1%} ({low:.0%} to {high:.0%}), {share.right} of {share.total}"
    return Bar(group, run, share.value, low, high, label)


def shares_chart(bars: Sequence[Bar]) -> Spec:
    """Give points with intervals from 0 to 100 %, one line a group and one colour a run."""
    runs = _runs(bars)
    place = {"yOffset": {"field": "run", "type": "nominal", "sort": runs, "scale": {"paddingOuter": 0.3}}}
    x = {"type": "quantitative", "scale": {"domain": [0, 1]}, "title": None}
    rule = {"x": {"field": "low", **x, "axis": _PERCENT}, "x2": {"field": "high"}}
    return {
        **_over(bars),
        "height": {"step": max(10, 26 // len(runs)), "for": "offset"} if len(runs) > 1 else {"step": 26},
        "encoding": {"y": _groups(bars), "color": _colour(runs), **(place if len(runs) > 1 else {})},
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 2, "opacity": 0.55}, "encoding": rule},
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": {"x": {"field": "value", **x}, "description": {"field": "label"}},
            },
        ],
    }


def counts_chart(bars: Sequence[Bar]) -> Spec:
    """Give bars of counts with the number at their end, one line a group and one colour a run."""
    runs = _runs(bars)
    place = {"yOffset": {"field": "run", "type": "nominal", "sort": runs}}
    x = {"field": "value", "type": "quantitative", "axis": None, "stack": None, "scale": {"domainMax": _room(bars)}}
    return {
        **_over(bars),
        "height": {"step": max(12, 26 // len(runs)), "for": "offset"} if len(runs) > 1 else {"step": 24},
        "encoding": {"y": _groups(bars), "x": x, **(place if len(runs) > 1 else {})},
        "layer": [
            {
                "mark": {"type": "bar", "cornerRadiusEnd": 2},
                "encoding": {"color": _colour(runs), "description": {"field": "label"}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11, "color": _SOFT_INK},
                "encoding": {"text": {"field": "value"}},
            },
        ],
    }


def cost_chart(points: Sequence[tuple[str, float, Share, str]], cost: str, *, joined: bool = False) -> Spec:
    """Give accuracy with its interval over what was spent.

    Args:
        points: (run, cost, accuracy, label).
        cost: what the cost is, with its unit.
        joined: whether one line joins the points, as those of one run.
    """
    runs = list(dict.fromkeys(run for run, *_ in points))
    values = [
        {"run": run, "cost": spent, "value": share.value, "low": low, "high": high, "label": label}
        for run, spent, share, label in points
        for low, high in [share.interval]
    ]
    y = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": _PERCENT, "title": "accuracy"}
    layers: list[Spec] = [
        {"mark": {"type": "rule", "strokeWidth": 2, "opacity": 0.55},
         "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
         "encoding": {"y": {"field": "value", **y}, "description": {"field": "label"}}},
    ]  # fmt: skip
    if joined:
        layers.insert(0, {"mark": {"type": "line", "opacity": 0.4}, "encoding": {"y": {"field": "value", **y}}})
    x = {"field": "cost", "type": "quantitative", "title": cost, "scale": {"zero": not joined, "nice": True}}
    x["axis"] = {"format": ",.0f", "tickCount": 4}
    return {
        **_frame(values), "height": 220, "encoding": {"x": x, "color": _colour(runs)}, "layer": layers,
    }  # fmt: skip


def latency_chart(seconds: Sequence[tuple[str, Sequence[float]]]) -> Spec:
    """Give, for each run, the share of its questions that were answered within so many seconds."""
    runs = [run for run, _ in seconds]
    values = [
        {"run": run, "seconds": max(0.001, found[round(step / 100 * (len(found) - 1))]), "share": step / 100}
        for run, unsorted in seconds
        if (found := sorted(unsorted))
        for step in range(0, 101, 2)
    ]
    colour = _colour(runs)
    return {
        **_frame(values),
        "height": 220,
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {
            "x": {
                "field": "seconds", "type": "quantitative", "title": "seconds (logarithmic)",
                "scale": {"type": "log"}, "axis": {"format": "~g", "values": _LOG_TICKS, "labelOverlap": True},
            },
            "y": {"field": "share", "type": "quantitative", "title": "answered by then", "axis": _PERCENT},
            "color": {**colour, "legend": None if len(runs) == 1 else {"symbolType": "stroke", "symbolStrokeWidth": 3}},
        },
    }  # fmt: skip


def reliability_chart(points: Sequence[tuple[str, float, float, int, str]]) -> Spec:
    """Give accuracy over confidence; (run, confidence, accuracy, answers, label) each, and the line of the honest."""
    runs = list(dict.fromkeys(run for run, *_ in points))
    values = [
        {"run": run, "confidence": confidence, "value": value, "count": count, "label": label}
        for run, confidence, value, count, label in points
    ]
    x = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": _PERCENT, "title": "confidence"}
    y = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": _PERCENT, "title": "right"}
    diagonal: Spec = {
        "data": {"values": [{"at": 0}, {"at": 1}]},
        "mark": {"type": "line", "strokeDash": [4, 4], "color": _SOFT_INK, "strokeWidth": 1},
        "encoding": {"x": {"field": "at", **x}, "y": {"field": "at", **y}},
    }
    encoding = {"x": {"field": "confidence", **x}, "y": {"field": "value", **y}, "color": _colour(runs)}
    size = {"field": "count", "type": "quantitative", "legend": None, "scale": {"range": [30, 400]}}
    return {
        **_frame(values),
        "height": 240,
        "layer": [
            diagonal,
            {"mark": {"type": "line", "opacity": 0.4}, "encoding": encoding},
            {
                "mark": {"type": "point", "filled": True, "opacity": 0.9},
                "encoding": {**encoding, "size": size, "description": {"field": "label"}},
            },
        ],
    }


def draw(spec: Spec, title: str) -> str:
    """Give a chart as one `<svg>` element for a page, named `title` for screen readers.

    Raises:
        MissingExtraError: vl-convert-python is not installed.
    """
    try:
        import vl_convert
    except ImportError as exc:
        raise MissingExtraError("an HTML report", "vl-convert-python", "report") from exc
    # No base URL is allowed, so that drawing never leaves the machine whatever a specification says.
    drawn = vl_convert.vegalite_to_svg(json.dumps(spec), allowed_base_urls=[])
    root = ElementTree.fromstring(drawn)
    for element in list(root.iter()):
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        label = element.attrib.pop("aria-label", "")
        if element.attrib.get("role") == "graphics-symbol" and element.attrib.get("aria-roledescription") != "axis":
            ElementTree.SubElement(element, "title").text = label
        for name in ("role", "aria-roledescription", "aria-hidden", "class", "pointer-events"):
            element.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-label", f"Chart: {title}")
    root.attrib.pop("version", None)
    return ElementTree.tostring(root, encoding="unicode")


def _frame(values: Sequence[Spec]) -> Spec:
    return {
        "data": {"values": list(values)}, "width": _WIDTH, "autosize": {"type": "fit-x", "contains": "padding"},
        "config": _CONFIG,
    }  # fmt: skip


def _over(bars: Sequence[Bar]) -> Spec:
    return _frame([asdict(one) for one in bars])


def _groups(bars: Sequence[Bar]) -> Spec:
    order = list(dict.fromkeys(one.group for one in bars))
    return {"field": "group", "type": "nominal", "sort": order, "title": None, "scale": {"padding": 0.2}}


def _runs(bars: Sequence[Bar]) -> list[str]:
    return list(dict.fromkeys(one.run for one in bars))


def _colour(runs: Sequence[str]) -> Spec:
    colours = [RUN_COLOURS[place % len(RUN_COLOURS)] for place in range(len(runs))]
    colour: Spec = {"field": "run", "type": "nominal", "scale": {"domain": list(runs), "range": colours}}
    return colour if len(runs) > 1 else {**colour, "legend": None}


def _room(bars: Sequence[Bar]) -> float:
    """Give the end of the axis of counts: a sixth beyond the longest bar, for its number."""
    return max((one.value for one in bars), default=1) * 1.17 or 1
