"""What the sections of a report are made of: tables of text, and numbers as text."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from agentsql.evaluation.report.charts import Spec
from agentsql.evaluation.score import Share


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    cells: tuple[str, ...]
    questions: str = ""
    """Query string that picks its questions in the page's table of questions; empty if there is none."""


@dataclass(frozen=True, slots=True)
class Section:
    """One topic: a table whose first column names the line, and its chart where it has one."""

    id: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    chart: Spec | None = None


def share_text(share: Share) -> str:
    """Give an accuracy with its interval."""
    low, high = share.interval
    return f"{share.value:.1%} ({low:.0%} to {high:.0%})" if share.total else "-"


def query(**filters: str) -> str:
    """Give the query string that picks questions in the page's table."""
    return urlencode(filters)


def count_text(value: float) -> str:
    """Give a number without decimals."""
    return f"{value:,.0f}"
