"""The application: one agent a database, behind every door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware

from agentsql.serving import openai_api
from agentsql.serving.asking import ClientGone
from agentsql.serving.http import approvals, ask, conversations, databases, examples, export, health
from agentsql.serving.mcp.http import McpDoor
from agentsql.serving.middleware import Answering, BodyLimit, SameOrigin
from agentsql.serving.problems import add_handlers
from agentsql.serving.service import Service
from agentsql.serving.web.page import add_page

_ABOUT = """Ask databases in plain language.

Every route but `/health` and `/ready` needs a key where the server has keys. Errors have the shape of OpenAI's API.
"""


def create_app(service: Service) -> FastAPI:
    """Give the ASGI application of a service, which is opened as the application starts and closed as it stops.

    Further doors are added to what this gives, with `include_router` or `mount`.
    """

    mcp = McpDoor(service)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await service.open()
        try:
            async with mcp.running():
                yield
        finally:
            await service.close()

    app = FastAPI(
        title="agentsql",
        description=_ABOUT,
        version=version("agentsql-framework"),
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from another server
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    add_handlers(app)
    app.add_exception_handler(ClientGone, _nobody_there)
    for door in (ask, approvals, conversations, databases, examples, export, health, openai_api):
        app.include_router(door.router)
    app.router.routes.append(mcp.route)
    add_page(app)
    # The last one added is the first that a request meets.
    app.add_middleware(BodyLimit, limits=service.limits)
    if service.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(service.origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
        )
    app.add_middleware(SameOrigin, hosts=service.hosts, origins=service.origins)
    app.add_middleware(Answering, metrics=service.metrics)
    return app


async def _nobody_there(_request: Request, _error: Exception) -> Response:
    return Response(status_code=499)  # nginx's number for it; for the counters only
