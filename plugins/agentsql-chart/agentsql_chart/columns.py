"""What the columns of a result hold: times, measures, names, or what no chart shows."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from agentsql.types import Cell, Row

Kind = Literal["time", "measure", "name", "none"]
Mark = str | int | float | bool | None
"""A cell as Vega-Lite takes it."""

_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?")
_YEAR = re.compile(r"[12]\d{3}")
_YEARLY = re.compile(r"year|jahr|année|anno|año", re.IGNORECASE)
_KEY = re.compile(r"(?:^|_)(?:id|key|uuid|code|zip|phone)$|[a-z]I[dD]$", re.IGNORECASE)
_LONGEST_NAME = 60
"""Characters of a cell that can still stand at an axis."""


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """One column of a result, as a chart sees it."""

    title: str
    kind: Kind
    marks: tuple[Mark, ...]
    """Its cells, as long as the rows."""
    is_year: bool = False
    """Its times are whole years."""

    @property
    def distinct(self) -> int:
        return len(set(self.marks))


def chart_columns(columns: Sequence[str], rows: Sequence[Row]) -> tuple[ChartColumn, ...]:
    """Give each column of the result with what it holds, judged by its cells first and its label second."""
    cells = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return tuple(_column(title, one) for title, one in zip(columns, cells, strict=True))


def _column(title: str, cells: tuple[Cell, ...]) -> ChartColumn:
    known = [cell for cell in cells if cell is not None]
    if not known or any(isinstance(cell, bytes) for cell in known):
        return ChartColumn(title, "none", ())
    if all(isinstance(cell, date) for cell in known):
        return ChartColumn(title, "time", tuple(map(_time, cells)))
    if _YEARLY.search(title) and all(_YEAR.fullmatch(str(cell)) for cell in known):
        return ChartColumn(title, "time", tuple(None if cell is None else str(cell) for cell in cells), is_year=True)
    if all(isinstance(cell, str) and _is_date(cell) for cell in known):
        return ChartColumn(title, "time", tuple(map(_time, cells)))
    if all(isinstance(cell, int | float | Decimal) and not isinstance(cell, bool) for cell in known):
        kind: Kind = "name" if _KEY.search(title) else "measure"
        return ChartColumn(title, kind, tuple(map(_number, cells)))
    if all(isinstance(cell, str | bool) and len(str(cell)) <= _LONGEST_NAME for cell in known):
        return ChartColumn(title, "name", tuple(None if cell is None else str(cell) for cell in cells))
    return ChartColumn(title, "none", ())


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        return False
    return True


def _time(cell: Cell) -> Mark:
    if isinstance(cell, date):
        return cell.isoformat()
    return None if cell is None else _whole_date(str(cell))


def _whole_date(text: str) -> str:
    """Give a text that every reader of dates takes for local time: a month alone is taken for Greenwich's."""
    return f"{text}-01T00:00:00" if len(text) == 7 else text


def _number(cell: Cell) -> Mark:
    if cell is None:
        return None
    number = float(cell) if isinstance(cell, Decimal) else cell
    return number if isinstance(number, int | float) and math.isfinite(number) else None
