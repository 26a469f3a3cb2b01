"""Requests and responses in the shape of OpenAI's chat completions, as far as a database can honour them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agentsql.formats import answer_markdown
from agentsql.safe import printable
from agentsql.types import Answer, Turn, Usage

_ROWS_SHOWN = 50
"""Of a result, in a chat; the field `agentsql` of the response has the count."""
_SQL_BLOCK = re.compile(r"^(`{3,})sql\n(.*?)\n\1$", re.DOTALL | re.MULTILINE)
NOTHING_ASKED = "Ask something about the database, in plain language."


class Part(BaseModel):
    """A piece of a message; pieces that are no text are passed over."""

    model_config = ConfigDict(extra="allow")
    type: str
    text: str | None = None


class ChatMessage(BaseModel):
    """One message."""

    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Give what it says."""
        if isinstance(self.content, list):
            return "\n".join(part.text or "" for part in self.content).strip()
        return (self.content or "").strip()


class StreamOptions(BaseModel):
    """How to stream."""

    model_config = ConfigDict(extra="allow")
    include_usage: bool | None = None


class ResponseFormat(BaseModel):
    """What the answer is written as; there is text only."""

    model_config = ConfigDict(extra="allow")
    type: Literal["text"]


class ChatBody(BaseModel):
    """A chat whose last message of the user is the question.

    What steers sampling (`temperature`, `max_tokens`, …) is taken and passed over: the server's settings decide.
    """

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"model": "bookshop", "messages": [{"role": "user", "content": "How many books are there?"}]}]
        },
    )
    model: str = Field(description="Name of a database; see `/v1/models`.")
    messages: list[ChatMessage] = Field(min_length=1, max_length=1000)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    tools: list[Any] | None = Field(None, max_length=0, description="A database calls no tools.")
    response_format: ResponseFormat | None = None


class ModelItem(BaseModel):
    """A database as a model."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "agentsql"


class ModelList(BaseModel):
    """The databases that this key may ask."""

    object: Literal["list"] = "list"
    data: list[ModelItem]


class Completion(BaseModel):
    """An answer; `agentsql` holds what OpenAI's shape has no place for."""

    model_config = ConfigDict(extra="allow")
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any]
    agentsql: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chat:
    """What a list of messages asks."""

    question: str
    """Empty if nothing is asked."""
    evidence: str
    """What system messages say."""
    history: tuple[Turn, ...]


def read_chat(messages: Iterable[ChatMessage]) -> Chat:
    """Give the last user message as the question, and what came before as finished turns.

    The SQL of an earlier turn is read back from the answer's own block, so that a follow-up builds on it.
    """
    evidence: list[str] = []
    turns: list[Turn] = []
    asked = ""
    for message in messages:
        if message.role in ("system", "developer"):
            evidence.append(message.text)
        elif message.role == "user":
            asked = message.text
        elif message.role == "assistant" and asked and message.text:
            turns.append(_turn(asked, message.text))
            asked = ""
    return Chat(asked, "\n".join(filter(None, evidence)), tuple(turns))


def content_of(answer: Answer) -> str:
    """Give an answer as the Markdown of a chat message: SQL, the first rows and the sentence."""
    if answer.status != "answered":
        return printable(answer.text) or f"The question could not be answered ({answer.status})."
    shown = answer_markdown(replace(answer, rows=answer.rows[:_ROWS_SHOWN]))
    hidden = len(answer.rows) - _ROWS_SHOWN
    if hidden > 0 or answer.truncated:
        more = "more than " if answer.truncated else ""
        shown += f"\n\n(Shown are the first {min(len(answer.rows), _ROWS_SHOWN)} of {more}{len(answer.rows):,} rows.)"
    return shown


def usage_of(usage: Usage) -> dict[str, Any]:
    """Give what an answer cost."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def extra_of(answer: Answer) -> dict[str, Any]:
    """Give what a program wants to know of an answer beside its text."""
    return {
        "status": answer.status,
        "sql": answer.sql,
        "columns": list(answer.columns),
        "rows": len(answer.rows),
        "truncated": answer.truncated,
        "confidence": answer.confidence,
    }


def _turn(question: str, said: str) -> Turn:
    found = _SQL_BLOCK.search(said)
    rest = _SQL_BLOCK.sub("", said)
    lines = [line for line in rest.splitlines() if line.strip() and not line.startswith("|")]
    return Turn(question, found[2] if found else "", (), " ".join(lines))
