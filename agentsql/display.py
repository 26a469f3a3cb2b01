"""An answer in a notebook: its sentence, SQL and rows as HTML, and a chart where the rows suit one."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

from agentsql.formats import answer_markdown, cell_text, json_cell
from agentsql.safe import one_line, printable
from agentsql.types import Answer, Cell, Row

logger = logging.getLogger(__name__)

VEGA_LITE = "application/vnd.vegalite.v5+json"
"""What JupyterLab and VS Code draw by themselves."""
_ROWS_SHOWN = 50
_MOST_BARS = 40
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_A_YEAR = re.compile(r"(^|[_ ])year$", re.IGNORECASE)
_LEFT, _RIGHT = ' style="text-align: left"', ' style="text-align: right"'  # notebooks set all of a table right


def answer_html(answer: Answer) -> str:
    """Give the sentence, the SQL and the first 50 rows as HTML; nothing of the data becomes markup."""
    parts = [_sentence(answer)]
    if answer.sql:
        parts.append(f'<pre style="white-space: pre-wrap"><code>{escape(printable(answer.sql).strip())}</code></pre>')
    if answer.columns:
        parts.append(_table(answer.columns, answer.rows[:_ROWS_SHOWN]))
    if len(answer.rows) > _ROWS_SHOWN or answer.truncated:
        more = " and there are more" if answer.truncated else ""
        shown = min(len(answer.rows), _ROWS_SHOWN)
        parts.append(f"<p>{shown:,} of {len(answer.rows):,} rows are shown{more}; <code>.rows</code> has them.</p>")
    return "\n".join(parts)


def answer_chart(answer: Answer) -> dict[str, Any] | None:
    """Give the chart of the answer as Vega-Lite: the one a step chose, or a plain one; None where none suits it."""
    chosen = answer.extras.get("chart")
    if isinstance(chosen, dict):
        return chosen
    return None if answer.truncated else _plain_chart(answer.columns, answer.rows)


def show_answer(answer: Answer) -> None:
    """Show an answer in the notebook that runs this: two outputs, as one holds either a table or a chart."""
    from IPython.display import display

    plain = answer_markdown(replace(answer, rows=answer.rows[:_ROWS_SHOWN]))
    display({"text/html": answer_html(answer), "text/plain": plain or answer.text}, raw=True)  # type: ignore[no-untyped-call]
    chart = answer_chart(answer)
    if chart is not None:
        picture = chart_svg(chart)
        drawn = {"image/svg+xml": picture} if picture else {}
        display({VEGA_LITE: chart, **drawn, "text/plain": ""}, raw=True)  # type: ignore[no-untyped-call]


def chart_svg(chart: dict[str, Any]) -> str | None:
    """Give a chart as a picture, which is all that nbconvert and GitHub can show; None where it cannot be drawn."""
    try:
        import vl_convert
    except ImportError:
        return None
    try:
        # No base URL is allowed, so that drawing never leaves the machine whatever a step's specification says.
        return vl_convert.vegalite_to_svg(json.dumps(chart), allowed_base_urls=[])
    except (TypeError, ValueError) as exc:
        logger.warning("the chart of an answer cannot be drawn as a picture: %s", " ".join(str(exc).splitlines()[:2]))
        return None


def _sentence(answer: Answer) -> str:
    said = escape(printable(answer.text))
    if answer.status in ("answered", "chat"):
        return f"<p>{said}</p>"
    reason = f" {escape(answer.error.hint)}" if answer.error and answer.error.hint else ""
    return f"<p><strong>{escape(answer.status)}</strong>: {said}{reason}</p>"


def _table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    sides = [_side([row[index] for row in rows]) for index in range(len(columns))]
    head = "".join(f"<th{side}>{escape(one_line(label))}</th>" for side, label in zip(sides, columns, strict=True))
    cells = (
        (f"<td{side}>{escape(cell_text(cell))}</td>" for side, cell in zip(sides, row, strict=True)) for row in rows
    )
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in cells)
    return f'<table class="dataframe"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'


def _side(cells: Sequence[Cell]) -> str:
    there = [cell for cell in cells if cell is not None]
    return _RIGHT if there and all(map(_is_number, there)) else _LEFT


def _plain_chart(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, Any] | None:
    """Give bars of one name and one number a row, or a line over days or years; agentsql-chart does more."""
    if len(columns) != 2 or not 2 <= len(rows) <= _MOST_BARS:
        return None
    names, numbers = zip(*rows, strict=True)
    days = all(isinstance(name, date) or (isinstance(name, str) and _DAY.fullmatch(name)) for name in names)
    texts = all(isinstance(name, str) for name in names)
    years = bool(_A_YEAR.search(columns[0])) and all(type(name) is int for name in names)
    if len(set(names)) < len(names) or not (days or texts or years) or not all(map(_is_number, numbers)):
        return None
    # The labels are titles alone, because a field's name is read as a path.
    name = {"field": "name", "title": one_line(columns[0])}
    number = {"field": "number", "type": "quantitative", "title": one_line(columns[1])}
    values = [{"name": json_cell(of), "number": float(many)} for of, many in zip(names, numbers, strict=True)]
    encoding: dict[str, Any]
    if days:
        encoding = {"x": {**name, "type": "temporal"}, "y": number}
    elif years:
        whole: dict[str, Any] = {
            "type": "quantitative",
            "scale": {"zero": False},
            "axis": {"format": "d", "tickMinStep": 1},
        }
        encoding = {"x": {**name, **whole}, "y": number}
    else:
        encoding = {"y": {**name, "type": "nominal", "sort": None}, "x": number}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "mark": {"type": "line" if days or years else "bar", "tooltip": True},
        "encoding": encoding,
    }


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)
