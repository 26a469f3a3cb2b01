"""What each kind of phrase means on Saturday, 21 November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from agentsql_relative_dates import find_date_phrases

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("phrase", "first", "last"),
    [
        ("today", "2026-11-21", "2026-11-21"),
        ("yesterday", "2026-11-20", "2026-11-20"),
        ("the day before yesterday", "2026-11-19", "2026-11-19"),
        ("this week", "2026-11-16", "2026-11-22"),
        ("last week", "2026-11-09", "2026-11-15"),
        ("this month", "2026-11-01", "2026-11-30"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("previous quarter", "2026-07-01", "2026-09-30"),
        ("this year", "2026-01-01", "2026-12-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("next year", "2027-01-01", "2027-12-31"),
        ("last 7 days", "2026-11-15", "2026-11-21"),
        ("past two weeks", "2026-11-08", "2026-11-21"),
        ("last 3 months", "2026-08-22", "2026-11-21"),
        ("past year", "2025-11-22", "2026-11-21"),
        ("3 days ago", "2026-11-18", "2026-11-18"),
        ("a week ago", "2026-11-09", "2026-11-15"),
        ("two months ago", "2026-09-01", "2026-09-30"),
        ("10 years ago", "2016-01-01", "2016-12-31"),
        ("year to date", "2026-01-01", "2026-11-21"),
        ("so far this month", "2026-11-01", "2026-11-21"),
        ("Q3 last year", "2025-07-01", "2025-09-30"),
        ("Q1 of 2024", "2024-01-01", "2024-03-31"),
        ("the second quarter of this year", "2026-04-01", "2026-06-30"),
        ("March last year", "2025-03-01", "2025-03-31"),
        ("February of 2024", "2024-02-01", "2024-02-29"),
        ("last March", "2026-03-01", "2026-03-31"),
        ("last December", "2025-12-01", "2025-12-31"),
        ("last November", "2025-11-01", "2025-11-30"),
        ("next January", "2027-01-01", "2027-01-31"),
        ("last Monday", "2026-11-16", "2026-11-16"),
        ("last Saturday", "2026-11-14", "2026-11-14"),
        ("this Sunday", "2026-11-22", "2026-11-22"),
        ("next Saturday", "2026-11-28", "2026-11-28"),
    ],
)
def test_a_phrase_means_these_days(phrase, first, last):
    found = find_date_phrases(f"How many orders were placed {phrase}?", TODAY)
    assert [(one.text, *map(str, one.span)) for one in found] == [(phrase, first, last)]


@pytest.mark.parametrize(
    "question",
    [
        "Who placed the last 5 orders?",
        "List the last name of every customer.",
        "What was sold in the last week of June?",
        "Which books may sell again?",
        "How many orders were there in 2024?",
        "What happened in the last 9000 years?",
        "What changed in the last 0 days?",
        "",
    ],
)
def test_text_without_a_relative_date_gives_nothing(question):
    assert find_date_phrases(question, TODAY) == ()


def test_phrases_come_in_the_order_of_the_question_and_once_each():
    found = find_date_phrases("Compare last month with March last year, and last month with Yesterday.", TODAY)
    assert [one.text for one in found] == ["last month", "March last year", "Yesterday"]


def test_a_month_that_is_shorter_ends_on_its_last_day():
    (found,) = find_date_phrases("last 1 month", date(2025, 3, 31))
    assert tuple(map(str, found.span)) == ("2025-03-01", "2025-03-31")


def test_a_span_is_worded_so_that_it_suits_days_and_times_of_day():
    (found,) = find_date_phrases("last month", TODAY)
    assert str(found) == "\"last month\" means 2026-10-01 to 2026-10-31, that is >= '2026-10-01' and < '2026-11-01'"
