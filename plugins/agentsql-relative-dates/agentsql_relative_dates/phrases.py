"""Finds relative dates in English text: a rule is a pattern and a function from its match to a span of days."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from agentsql_relative_dates.calendar import (
    Span,
    last_days,
    month_of,
    months_back,
    quarter_of,
    shift,
    span_of,
    to_date,
)

NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
MONTHS = "january february march april may june july august september october november december".split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
ORDINALS = "first second third fourth".split()

_NUMBER = rf"(?P<number>\d{{1,4}}|a|an|{'|'.join(NUMBERS)})"
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})"
_YEAR = r"(?P<year>(?:this|last|next|previous|the current|the last|the previous) year|\d{4})"
_UNIT = "(?P<unit>day|week|month|quarter|year)"
_CALENDAR_UNIT = "(?P<unit>week|month|quarter|year)"
_QUARTER = rf"(?:q(?P<number>[1-4])|the (?P<ordinal>{'|'.join(ORDINALS)}) quarter)"
_STEPS = {"this": 0, "current": 0, "last": -1, "previous": -1, "next": 1}
# "the last week of June" and "the last month in the data" speak of an end, not of a distance from today.
_NOT_AN_END = r"(?! (?:of|in) )"


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """A relative date as written, with the days it means."""

    text: str
    span: Span

    def __str__(self) -> str:
        first, last = self.span
        if first == last:
            return f'"{self.text}" means {first}'
        return f"\"{self.text}\" means {first} to {last}, that is >= '{first}' and < '{last + timedelta(days=1)}'"


def find_date_phrases(text: str, today: date) -> tuple[DatePhrase, ...]:
    """Give the relative dates in `text`, in its order; of two that overlap the longer one.

    A phrase that leads out of the calendar ("last 9000 years") is left out.
    """
    spaced = re.sub(r"\s", " ", text)
    found = []
    for pattern, rule in RULES:
        for match in pattern.finditer(spaced):
            try:
                span = rule(match, today)
            except (OverflowError, ValueError):
                continue
            if span[0] <= span[1]:
                found.append((match.start(), match.end(), DatePhrase(match[0], span)))
    found.sort(key=lambda item: (item[0] - item[1], item[0]))
    kept: list[tuple[int, int, DatePhrase]] = []
    for start, end, phrase in found:
        if all(end <= other_start or other_end <= start for other_start, other_end, _ in kept):
            kept.append((start, end, phrase))
    unique = dict.fromkeys(phrase for _, _, phrase in sorted(kept, key=lambda item: item[0]))
    return tuple(unique)


def _near_day(match: re.Match[str], today: date) -> Span:
    days = {"today": 0, "yesterday": -1, "tomorrow": 1, "the day before yesterday": -2}[match[0].lower()]
    return (today + timedelta(days=days),) * 2


def _near_unit(match: re.Match[str], today: date) -> Span:
    """Give the calendar unit: "last month" in November is the whole of October."""
    unit = match["unit"].lower()
    return span_of(unit, shift(today, unit, _STEPS[match["which"].lower()]))


def _rolling(match: re.Match[str], today: date) -> Span:
    """Give the days up to and with today: "the last 7 days" has seven of them."""
    return last_days(today, match["unit"].lower(), _number(match))


def _past_unit(match: re.Match[str], today: date) -> Span:
    return last_days(today, match["unit"].lower(), 1)


def _ago(match: re.Match[str], today: date) -> Span:
    """Give the unit that many units back: "two months ago" is a month, "3 days ago" a day."""
    unit = match["unit"].lower()
    return span_of(unit, shift(today, unit, -_number(match)))


def _to_date(match: re.Match[str], today: date) -> Span:
    return to_date(today, (match["unit"] or match["unit2"] or "year").lower())


def _quarter(match: re.Match[str], today: date) -> Span:
    number = int(match["number"]) if match["number"] else ORDINALS.index(match["ordinal"].lower()) + 1
    return quarter_of(_year(match, today), number)


def _month_of_year(match: re.Match[str], today: date) -> Span:
    return month_of(_year(match, today), _month_number(match))


def _near_month(match: re.Match[str], today: date) -> Span:
    """Give the nearest such month wholly before ("last") or after ("next") the current one; "this" is in this year."""
    step, month = _STEPS[match["which"].lower()], _month_number(match)
    year = today.year
    if step < 0 and month >= today.month:
        year -= 1
    if step > 0 and month <= today.month:
        year += 1
    return month_of(year, month)


def _near_weekday(match: re.Match[str], today: date) -> Span:
    """Give the last such day before today, or the next one after it; "this" is in the week from Monday to Sunday."""
    step, wanted = _STEPS[match["which"].lower()], WEEKDAYS.index(match["weekday"].lower())
    if step == 0:
        day = today + timedelta(days=wanted - today.weekday())
    elif step < 0:
        day = today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)
    else:
        day = today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    return (day, day)


def _number(match: re.Match[str]) -> int:
    text = match["number"].lower()
    if text.isdigit():
        return int(text)
    return 1 if text in ("a", "an") else NUMBERS.index(text) + 1


def _month_number(match: re.Match[str]) -> int:
    return MONTHS.index(match["month"].lower()) + 1


def _year(match: re.Match[str], today: date) -> int:
    words = match["year"].lower().removeprefix("the ")
    return int(words) if words.isdigit() else months_back(today, -12 * _STEPS[words.split()[0]]).year


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{text})\b", re.IGNORECASE)


RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Span]], ...] = (
    (_pattern("the day before yesterday|yesterday|today|tomorrow"), _near_day),
    (_pattern(rf"(?P<which>this|current|last|previous|next) {_CALENDAR_UNIT}\b{_NOT_AN_END}"), _near_unit),
    (_pattern(rf"(?:last|past|previous) {_NUMBER} {_UNIT}s?"), _rolling),
    (_pattern(f"past {_CALENDAR_UNIT}"), _past_unit),
    (_pattern(rf"{_NUMBER} {_UNIT}s? ago"), _ago),
    (_pattern("(?P<unit>year|quarter|month) to date|so far this (?P<unit2>year|quarter|month|week)|ytd"), _to_date),
    (_pattern(rf"{_QUARTER},?(?: of| in)? {_YEAR}"), _quarter),
    (_pattern(rf"{_MONTH},?(?: of| in)? {_YEAR}"), _month_of_year),
    (_pattern(rf"(?P<which>this|last|next) {_MONTH}"), _near_month),
    (_pattern(rf"(?P<which>this|last|next) (?P<weekday>{'|'.join(WEEKDAYS)})"), _near_weekday),
)
