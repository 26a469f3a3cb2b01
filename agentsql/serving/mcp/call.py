"""A tool call, who makes it, and how its result is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mcp.types import CallToolResult, ContentBlock, TextContent
from pydantic import BaseModel

from agentsql.serving.mcp.person import Person
from agentsql.serving.service import Served, Service

Progress = Callable[[float, float | None, str | None], Awaitable[None]]
"""Takes steps begun, their number (None: not known), and what is done now."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call with who makes it."""

    service: Service
    of: Served
    progress: Progress
    person: Person


def result(text: str, body: BaseModel, *, is_error: bool = False) -> CallToolResult:
    """Give a result as text and as JSON."""
    content: list[ContentBlock] = [TextContent(text=_encodable(text))]
    return CallToolResult(content=content, structured_content=body.model_dump(mode="json"), is_error=is_error)


def error(text: str) -> CallToolResult:
    """Give what went wrong, for the model to read."""
    return CallToolResult(content=[TextContent(text=_encodable(text))], is_error=True)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
