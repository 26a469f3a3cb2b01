"""The step alone, without a model."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from agentsql.errors import UsageError
from agentsql.testing import check_step, tiny_database
from agentsql_relative_dates.step import make_step

resolve_dates = make_step(lambda: date(2026, 11, 21))


@pytest.fixture
def resources():
    notes: list[str] = []
    return SimpleNamespace(notes=notes, note=notes.append)


def test_the_meaning_of_a_date_follows_what_the_asker_knows(resources):
    state = {"question": "What did we sell yesterday?", "evidence": "Sales are in orders."}
    written = resolve_dates.function(state, resources)
    assert written == {"evidence": 'Sales are in orders.\n"yesterday" means 2026-11-20.'}
    assert resources.notes == ['"yesterday" means 2026-11-20']


def test_a_question_without_a_date_keeps_its_evidence(resources):
    state = {"question": "How many books are there?", "evidence": "Only books in stock."}
    assert resolve_dates.function(state, resources) == {"evidence": "Only books in stock."}


def test_the_option_today_replaces_the_clock(resources):
    written = resolve_dates.function({"question": "Orders of this year?"}, resources, today="2024-02-29")
    assert written["evidence"].startswith('"this year" means 2024-01-01 to 2024-12-31')


def test_an_option_that_is_no_date_is_refused(resources):
    with pytest.raises(UsageError, match="2025-12-31"):
        resolve_dates.function({"question": "Orders of this year?"}, resources, today="Friday")


async def test_the_step_keeps_the_contract(tmp_path):
    database = tiny_database(tmp_path / "tiny.sqlite")
    written = await check_step(resolve_dates, database=database, state={"question": "Concerts of last year?"})
    assert written == {
        "evidence": "\"last year\" means 2025-01-01 to 2025-12-31, that is >= '2025-01-01' and < '2026-01-01'."
    }
