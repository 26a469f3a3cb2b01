"""What every request passes before a route sees it: where it comes from, how large it is, and how it is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentsql.serving.metrics import Metrics
from agentsql.serving.problems import ApiError, problem_response
from agentsql.serving.service import Limits

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Set where a route has not set its own; a page of its own needs another Content-Security-Policy."""


class Answering:
    """Adds the security headers and counts what was answered."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            route = _route(scope)
            self._metrics.requests.labels(route, scope["method"], str(status)).inc()
            self._metrics.request_seconds.labels(route).observe(time.perf_counter() - started)


class SameOrigin:
    """Refuses what a page of another origin sends, and a Host header that is not this server's.

    A server on loopback has no key to protect it from the pages its user visits: a page may send a request to it (a
    forged one), or let its own name point at 127.0.0.1 (DNS rebinding), which its Host header gives away.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str], origins: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or (problem := self._problem(Headers(scope=scope))) is None:
            await self._app(scope, receive, send)
            return
        await problem_response(problem)(scope, receive, send)

    def _problem(self, headers: Headers) -> ApiError | None:
        host = headers.get("host", "")
        if self._hosts and _hostname(host) not in self._hosts:
            return ApiError(400, "wrong_host", f"this server is not called {host[:200]!r}; use the address it printed")
        origin = headers.get("origin")
        if origin is None or origin in self._origins:
            return None
        if urlsplit(origin).netloc.lower() != host.lower():
            return ApiError(
                403,
                "foreign_origin",
                f"pages of {origin[:200]!r} may not call this server; allow them with --allow-origin",
            )
        return None


class BodyLimit:
    """Reads a request's body before anything else does, within limits of size and time."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._limits.body_s):
                first = await self._body(Headers(scope=scope), receive)
        except TimeoutError:
            late = ApiError(408, "body_too_slow", f"the body did not arrive within {self._limits.body_s:g} s")
            await problem_response(late)(scope, receive, send)
            return
        except ApiError as large:
            await problem_response(large)(scope, receive, send)
            return
        waiting = [first]

        async def receive_again() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, receive_again, send)

    async def _body(self, headers: Headers, receive: Receive) -> MutableMapping[str, Any]:
        said = headers.get("content-length", "0")
        if said.isdecimal() and int(said) > self._limits.body_bytes:
            raise self._too_large()
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message.get("body", b"")
            if len(body) > self._limits.body_bytes:
                raise self._too_large()
            if not message.get("more_body", False):
                return {"type": "http.request", "body": bytes(body), "more_body": False}

    def _too_large(self) -> ApiError:
        return ApiError(413, "body_too_large", f"a body may have {self._limits.body_bytes:,} bytes at most")


def _hostname(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _route(scope: Scope) -> str:
    """Give the route's pattern, so that ids in paths do not become labels."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return path or "unknown"
