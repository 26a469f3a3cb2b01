"""The page at `/` and the files it loads, none of which comes from another machine."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

ASSETS = Path(__file__).parent / "assets"
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",  # the arrows of the style sheet, and a chart on its way into a file
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "trusted-types default",
        "require-trusted-types-for 'script'",  # no text becomes HTML; see ui.js
    ]
)
"""The Content-Security-Policy: nothing of another origin, no script or style inside the page, no evaluated text."""


def add_page(app: FastAPI) -> None:
    """Let an application show the page; what it shows comes from the routes under `/api`, with the user's key."""
    app.add_route("/", _page, methods=["GET"], include_in_schema=False)
    app.mount("/web", _Assets(directory=ASSETS))


async def _page(_request: Request) -> Response:
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return FileResponse(ASSETS / "index.html", headers=headers)


class _Assets(StaticFiles):
    """Files that a browser keeps and asks after, so that a new version of the package is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response
