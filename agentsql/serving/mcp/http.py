"""MCP over HTTP: the application behind `/mcp`, with the keys of the other doors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from fastapi.security import HTTPBearer
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from sse_starlette.sse import AppStatus
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from agentsql.serving.keys import Caller
from agentsql.serving.mcp.server import Context, mcp_server
from agentsql.serving.problems import ApiError, problem_response
from agentsql.serving.service import Service, caller_of

_CALLER = "agentsql.caller"
_SESSIONS = 1000
_bearer = HTTPBearer(auto_error=False)


class McpDoor:
    """The ASGI application of the streamable HTTP transport; it answers while `running` is entered.

    Clients of the handshake revisions (2025 and before) have sessions, so that they can cancel a question; where
    several worker processes share the address there are none, since the next request may come to another process.
    Such a client's question then ends with its connection, as those of later clients always do.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._manager: StreamableHTTPSessionManager | None = None
        self.route = Route("/mcp", self)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve until the block ends."""
        # Else a stop would cut off the streams of questions that run; there are no others, as GET opens none.
        AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]
        server = mcp_server(self._service, _sender)
        manager = StreamableHTTPSessionManager(server, stateless=self._service.workers > 1, max_sessions=_SESSIONS)
        async with manager.run():
            self._manager = manager
            try:
                yield
            finally:
                self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._manager is not None, "the application has not been started"
        scope["route"] = self.route  # for the counters; Starlette's own routes leave it out
        request = Request(scope)
        try:
            caller = caller_of(self._service, await _bearer(request))
            if request.method not in ("POST", "DELETE"):
                raise ApiError(405, "method_not_allowed", "MCP takes POST; there is no stream without a request")
        except ApiError as problem:
            response = problem_response(problem)
            if problem.status == 405:
                response.headers["Allow"] = "POST, DELETE"
            await response(scope, receive, send)
            return
        # The manager holds each session to the one whose key began it.
        token = AccessToken(token="", client_id=caller.name, scopes=[])
        scope = {**scope, "user": AuthenticatedUser(token), _CALLER: caller}
        await self._manager.handle_request(scope, receive, send)


def _sender(context: Context) -> Caller:
    request = cast(Request, context.request)
    return cast(Caller, request.scope[_CALLER])
