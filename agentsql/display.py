"""An answer in a notebook: its sentence, SQL and rows as HTML, and a chart where the rows suit one."""

from __future__ import annotations

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

VEGA_LITE = "application/vnd.vegalite.v5+json"
"""What JupyterLab and VS Code draw by themselves."""
_ROWS_SHOWN = 50
_MOST_BARS = 40
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def answer_html(answer: Answer) -> str:
    """Give the sentence, the SQL and the first 50 rows as HTML; nothing of the data becomes markup."""
    parts = [_sentence(answer)]
    if answer.sql:
        parts.append(f"<pre><code>{escape(printable(answer.sql).strip())}</code></pre>")
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
        display({VEGA_LITE: chart, "text/plain": ""}, raw=True)  # type: ignore[no-untyped-call]


def _sentence(answer: Answer) -> str:
    said = escape(printable(answer.text))
    if answer.status in ("answered", "chat"):
        return f"<p>{said}</p>"
    reason = f" {escape(answer.error.hint)}" if answer.error and answer.error.hint else ""
    return f"<p><strong>{escape(answer.status)}</strong>: {said}{reason}</p>"


def _table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    head = "".join(f"<th>{escape(one_line(label))}</th>" for label in columns)
    body = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<table class="dataframe"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'


def _cell(cell: Cell) -> str:
    side = ' style="text-align: right"' if _is_number(cell) else ""
    return f"<td{side}>{escape(cell_text(cell))}</td>"


def _plain_chart(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, Any] | None:
    """Give bars of one name and one number a row, or a line where the names are days; agentsql-chart does more."""
    if len(columns) != 2 or not 2 <= len(rows) <= _MOST_BARS:
        return None
    names, numbers = zip(*rows, strict=True)
    days = all(isinstance(name, date) or (isinstance(name, str) and _DAY.fullmatch(name)) for name in names)
    texts = all(isinstance(name, str) for name in names)
    if len(set(names)) < len(names) or not (days or texts) or not all(map(_is_number, numbers)):
        return None
    # The labels are titles alone, because a field's name is read as a path.
    name = {"field": "name", "title": one_line(columns[0])}
    number = {"field": "number", "type": "quantitative", "title": one_line(columns[1])}
    values = [{"name": json_cell(of), "number": float(many)} for of, many in zip(names, numbers, strict=True)]
    encoding = (
        {"x": {**name, "type": "temporal"}, "y": number}
        if days
        else {"y": {**name, "type": "nominal", "sort": None}, "x": number}
    )
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "mark": {"type": "line" if days else "bar", "tooltip": True},
        "encoding": encoding,
    }


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)
