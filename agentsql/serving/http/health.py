"""For whoever watches the server: whether it lives, whether it can answer, and what it counted."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from agentsql.errors import AgentSQLError
from agentsql.serving.bodies import Health
from agentsql.serving.problems import responses
from agentsql.serving.service import CallerOf, ServiceOf

router = APIRouter(tags=["operation"])
_READY_S = 10.0


@router.get("/health", response_model=Health)
async def health() -> dict[str, Any]:
    """Say that the process lives. Needs no key."""
    return {"status": "ok"}


@router.get("/ready", response_model=Health, responses={503: {"model": Health, "description": "It cannot answer now."}})
async def ready(service: ServiceOf, response: Response) -> dict[str, Any]:
    """Say whether the databases and the conversations can be read. Needs no key, and names no database."""
    problems: list[str] = []
    try:
        async with asyncio.timeout(_READY_S):
            await service.conversations.check()
            for agent in service.agents.values():
                await asyncio.to_thread(agent.check_database)
    except (AgentSQLError, TimeoutError) as exc:
        response.status_code = 503
        problems = [f"{'the databases' if service.agents else 'it'} cannot be read: {type(exc).__name__}"]
    return {"status": "unavailable" if problems else "ok", "problems": problems}


@router.get("/metrics", response_class=PlainTextResponse, responses=responses())
async def metrics(service: ServiceOf, caller: CallerOf) -> Response:  # noqa: ARG001  # whoever has a key may read them
    """Give the counters in Prometheus' text format."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)
