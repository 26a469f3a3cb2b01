"""Answers and rows as JSON, CSV and Markdown, for programs to read."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal

from agentsql.safe import one_line, printable
from agentsql.types import Answer, Cell, TraceEvent, Usage

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

LONGEST_CELL = 200
"""Characters of a cell in a line for a person, where nothing else is said."""
_SHOWN_BYTES = 16
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the first four in full width, which some spreadsheets take for them."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_QUOTED = re.compile(r"[\",;\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|^\s|\s$")
_EMPTY_FIELD = '""'
"""A row of one empty cell, which an empty line is not."""
_RAW_IN_JSON = re.compile("[\x7f-\x9f\u061c\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]")
"""What `json.dumps` leaves as it is, and a terminal or a file does not take."""


def json_cell(cell: Cell) -> Json:
    """Give a cell as JSON has it: bytes in hex, dates, times and decimals as text, NaN and infinities as null."""
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    if isinstance(cell, bytes):
        return cell.hex()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, Decimal | timedelta):
        return str(cell)
    return cell


def cell_text(cell: Cell, longest: int | None = LONGEST_CELL) -> str:
    """Give a cell as one harmless line, cut with `…` after `longest` characters; None cuts nothing."""
    if cell is None:
        return "NULL"
    if isinstance(cell, float):
        short = f"{cell:.15g}"
        return f"{short}.0" if short.lstrip("-").isdigit() else short
    if isinstance(cell, bytes):
        more = f"… ({len(cell):,} bytes)" if len(cell) > _SHOWN_BYTES else ""
        return f"x'{cell[:_SHOWN_BYTES].hex()}'{more}"
    if not isinstance(cell, str):
        return str(cell)
    if longest is None or len(cell) <= longest:
        return one_line(cell)
    return one_line(cell[: longest - 1]) + "…"


def to_json(value: object) -> str:
    """Give readable JSON that any terminal, file and parser takes."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    return _RAW_IN_JSON.sub(lambda found: json.dumps(found.group())[1:-1], text)


def answer_json(answer: Answer, *, trace: bool = False) -> dict[str, Json]:
    """Give an answer as one object; its steps too if `trace`."""
    error = answer.error
    shown: dict[str, Json] = {
        "question": answer.question,
        "status": answer.status,
        "sql": answer.sql,
        "columns": list(answer.columns),
        "rows": [[json_cell(cell) for cell in row] for row in answer.rows],
        "truncated": answer.truncated,
        "text": answer.text,
        "confidence": answer.confidence,
        "usage": _usage_json(answer.usage),
        "seconds": round(answer.seconds, 3),
        "error": {"kind": error.kind, "message": error.message, "hint": error.hint} if error else None,
    }
    if answer.extras:
        shown["extras"] = _plain(answer.extras)
    if trace:
        shown["trace"] = [_event_json(event) for event in answer.trace]
    return shown


def to_csv(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    r"""Give CSV with a header and `\n` line ends: bytes in hex, NULL as nothing, `'` before what is like a formula."""
    return "".join(f"{','.join(map(_csv_field, row)) or _EMPTY_FIELD}\n" for row in (columns, *rows))


def without_formula(cell: Cell) -> Cell:
    """Give a text that a spreadsheet would take for a formula with a `'` before it; anything else as it is.

    A number in a text stays one: no sign before digits alone runs anything.
    """
    if not isinstance(cell, str) or not cell.lstrip(" \u00a0\u3000\ufeff").startswith(_FORMULA_STARTS):
        return cell
    return cell if _NUMBER.fullmatch(cell) else f"'{cell}"


def to_markdown(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Give a Markdown table."""
    lines = [_markdown_line(columns), "|" + " --- |" * len(columns)]
    lines += [_markdown_line(row) for row in rows]
    return "\n".join(lines)


def answer_markdown(answer: Answer) -> str:
    """Give the SQL as a code block, the rows as a table and the sentence."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", answer.sql)), default=0))
    sentence = re.sub(r"([\\`*<\[\]])", r"\\\1", printable(answer.text))
    parts = [
        f"{fence}sql\n{printable(answer.sql).strip()}\n{fence}",
        to_markdown(answer.columns, answer.rows),
        sentence,
    ]
    return "\n\n".join(part for part in parts if part)


def _plain(extras: Mapping[str, object]) -> Json:
    """Give what plugins left as JSON can keep it: texts of what is no JSON value, null of NaN and infinities."""
    plain: Json = json.loads(json.dumps(extras, default=str), parse_constant=lambda _name: None)
    return plain


def _usage_json(usage: Usage) -> Json:
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cached_tokens": usage.cached_tokens,
        "seconds": round(usage.seconds, 3),
    }


def _event_json(event: TraceEvent) -> Json:
    return {
        "step": event.step,
        "seconds": round(event.seconds, 3),
        "writes": list(event.writes),
        "usage": _usage_json(event.usage),
        "prompt_hashes": list(event.prompt_hashes),
        "notes": list(event.notes),
    }


def _csv_field(cell: Cell) -> str:
    """Give a cell between commas; unlike `csv`, a lone carriage return is quoted, which ends a line to spreadsheets."""
    shown = _csv_cell(cell)
    text = "" if shown is None else str(shown)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _csv_cell(cell: Cell) -> object:
    if isinstance(cell, bytes):
        return cell.hex()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, str):
        return str(without_formula(cell.encode("utf-8", "replace").decode("utf-8")))
    return cell


def _markdown_line(cells: Sequence[Cell]) -> str:
    escaped = (re.sub(r"([\\|`*<\[\]])", r"\\\1", cell_text(cell, None)).replace("↵", "<br>") for cell in cells)
    return "| " + " | ".join(escaped) + " |"
