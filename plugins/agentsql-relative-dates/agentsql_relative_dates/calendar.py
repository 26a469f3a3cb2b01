"""Spans of days: weeks run from Monday to Sunday, quarters start in January, April, July and October."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

Span = tuple[date, date]
"""First and last day, both inside."""


def span_of(unit: str, day: date) -> Span:
    """Give the whole week, month, quarter or year (or just the day) that `day` lies in."""
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "month":
        return month_of(day.year, day.month)
    if unit == "quarter":
        return quarter_of(day.year, (day.month + 2) // 3)
    if unit == "year":
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day, day


def month_of(year: int, month: int) -> Span:
    """Give the days of a month, 1 to 12."""
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def quarter_of(year: int, quarter: int) -> Span:
    """Give the days of a quarter, 1 to 4."""
    return date(year, 3 * quarter - 2, 1), month_of(year, 3 * quarter)[1]


def shift(day: date, unit: str, count: int) -> date:
    """Give the day `count` units later; months, quarters and years keep the day of the month where it exists."""
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    return months_back(day, -count * {"month": 1, "quarter": 3, "year": 12}[unit])


def months_back(day: date, months: int) -> date:
    """Give the same day of an earlier month, or its last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_days(today: date, unit: str, count: int) -> Span:
    """Give the `count` units of time that end with today."""
    return shift(today, unit, -count) + timedelta(days=1), today


def to_date(today: date, unit: str) -> Span:
    """Give the days from the start of the current unit to today."""
    return span_of(unit, today)[0], today
