"""The HTTP API held against its own OpenAPI document: what schemathesis makes up is answered as documented."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from agentsql.serving.app import create_app
from agentsql.serving.service import Limits

EXAMPLES = 4
"""Requests made up for each route and each of the two kinds, right and wrong, in the default run."""
MANY = 100


def _check(make_service, examples: int) -> None:
    from starlette.testclient import TestClient

    app = create_app(make_service(limits=Limits(body_s=600)))
    with TestClient(app, base_url="http://localhost"):
        schema = schemathesis.openapi.from_asgi("/openapi.json", app)
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
                case.call_and_validate()

            try:
                check()
            except Exception as problem:  # all routes are looked at before the test fails
                failed.append(f"{operation.label}: {problem}")
        assert not failed, "\n\n".join(failed)


def test_made_up_requests_are_answered_as_documented(make_service):
    _check(make_service, EXAMPLES)


@pytest.mark.slow
def test_many_made_up_requests_are_answered_as_documented(make_service):
    _check(make_service, MANY)
