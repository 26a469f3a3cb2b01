"""The HTTP API held against its own OpenAPI document: what schemathesis makes up is answered as documented."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from agentsql.serving.keys import Caller, KeyRing, hash_key

EXAMPLES = 2
"""Requests made up for each route and each of the two kinds, right and wrong, in the default run."""
MANY = 50


KEY = {"Authorization": "Bearer secret"}


def _check(server, examples: int) -> None:
    address = server(keys=KeyRing(None, {hash_key("secret"): Caller("ann")}))
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    failed = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @hypothesis.given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=KEY)

        try:
            check()
        except Exception as problem:  # all routes are looked at before the test fails
            failed.append(f"{operation.label}: {problem} {getattr(problem, 'exceptions', '')}")
    assert not failed, "\n\n".join(failed)


def test_made_up_requests_are_answered_as_documented(server):
    _check(server, EXAMPLES)


@pytest.mark.slow
def test_many_made_up_requests_are_answered_as_documented(server):
    _check(server, MANY)
