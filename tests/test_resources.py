"""What one question may spend."""

from __future__ import annotations

import pytest

from agentsql.errors import BudgetSpentError
from agentsql.resources import Meter
from agentsql.settings import BudgetSettings
from agentsql.types import Usage


def test_tokens_are_set_aside_before_a_call_and_the_rest_bounds_its_answer() -> None:
    meter = Meter(BudgetSettings(tokens=100))
    meter.start()
    assert meter.reserve(60, 512) == 40
    with pytest.raises(BudgetSpentError, match="100 tokens"):
        meter.reserve(1, 512)
    meter.settle(60, 40, Usage(1, 50, 10))
    assert meter.reserve(20, 10) == 10


def test_calls_that_run_side_by_side_cannot_pass_the_budget_together() -> None:
    meter = Meter(BudgetSettings(calls=2))
    meter.start()
    meter.reserve(1, 1)
    meter.reserve(1, 1)
    with pytest.raises(BudgetSpentError, match=r"2 model calls is spent; raise \[budget\] calls"):
        meter.reserve(1, 1)


def test_no_call_begins_after_the_time_is_up() -> None:
    now = [0.0]
    meter = Meter(BudgetSettings(seconds=5), clock=lambda: now[0])
    meter.start()
    meter.reserve(1, 1)
    now[0] = 5.0
    with pytest.raises(BudgetSpentError, match="5 seconds"):
        meter.reserve(1, 1)
