"""The bodies of requests and responses, with the examples that the OpenAPI document shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agentsql.asking import LONGEST_QUESTION

_WORDS = r"[!-~\u00a1-\u167f\u1681-\u1fff\u2070-\u2fff\u3001-\ud7ff\uf900-\ufdff]"
"""A character that is neither blank nor a control: a text of blanks alone is no question."""
NAME = r"^[A-Za-z0-9_-]{1,64}$"

Name = Annotated[str, Field(pattern=NAME, examples=["bookshop"])]
Conversation = Annotated[
    str, Field(pattern=NAME, description="Any id of your choice; it is yours alone.", examples=["monday-1"])
]
_SQL = "SELECT COUNT(*) FROM books"


class Body(BaseModel):
    """A request; what it does not know it refuses, so that a misspelt field is noticed."""

    model_config = ConfigDict(extra="forbid")


class AskBody(Body):
    """A question."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": "How many books are there?", "conversation": "monday-1"}]},
    )
    question: str = Field(min_length=1, max_length=LONGEST_QUESTION, pattern=_WORDS)
    database: Name | None = Field(None, description="Left out, the first one.")
    evidence: str = Field("", max_length=LONGEST_QUESTION, description="What you know that the schema does not say.")
    conversation: Conversation | None = Field(None, description="Goes on with it; left out, the question stands alone.")
    approve: bool = Field(False, description="Leave each query waiting for a decision; see `/api/approvals`.")


class DecisionBody(Body):
    """What a person decided about the query that waits in a conversation."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"conversation": "monday-1", "decision": "run"}]}
    )
    conversation: Conversation
    decision: Literal["run", "refuse"]
    sql: str | None = Field(None, min_length=1, max_length=100_000, description="Runs in place of the query shown.")
    database: Name | None = None


class WaitingBody(BaseModel):
    """A query that waits for a decision; nothing of it has been run."""

    database: Name
    conversation: Conversation
    question: str
    sql: str
    dialect: str
    findings: list[str] = Field(description="What was found to speak against it.")


class SqlBody(Body):
    """A query of the caller's own."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"sql": _SQL}]})
    sql: str = Field(min_length=1, max_length=100_000)
    database: Name | None = None
    max_rows: int | None = Field(None, ge=1, le=1_000_000, description="At most what the server allows.")
    timeout_s: float | None = Field(None, gt=0, le=3600, description="At most what the server allows.")


class ExampleBody(Body):
    """A question with SQL that is known to be right."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "How many books are there?", "sql": _SQL}]}
    )
    question: str = Field(min_length=1, max_length=LONGEST_QUESTION, pattern=_WORDS)
    sql: str = Field(min_length=1, max_length=100_000)
    database: Name | None = None


class FeedbackBody(Body):
    """What a person thinks of an answer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"question": "How many books are there?", "sql": _SQL, "verdict": "good"}]},
    )
    question: str = Field(min_length=1, max_length=LONGEST_QUESTION, pattern=_WORDS)
    sql: str = Field("", max_length=100_000, description="The SQL of the answer; needed for a good one.")
    verdict: Literal["good", "bad"]
    comment: str = Field("", max_length=2000)
    database: Name | None = None


class DatabaseItem(BaseModel):
    """A database that this key may ask."""

    name: Name
    dialect: str = Field(examples=["sqlite"])
    tables: int


class Databases(BaseModel):
    """Those that this key may ask; the first is asked where a request names none."""

    databases: list[DatabaseItem]


class FailureItem(BaseModel):
    """Why there are no rows."""

    kind: str
    message: str
    hint: str = ""


class UsageItem(BaseModel):
    """What model calls cost."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    seconds: float


class AnswerBody(BaseModel):
    """What came of a question. Cells are JSON values: dates, times and decimals as text, bytes in hex."""

    model_config = ConfigDict(extra="allow")
    question: str
    status: Literal["answered", "chat", "clarify", "refused", "failed", "waiting"]
    text: str
    sql: str
    columns: list[str]
    rows: list[list[Any]]
    truncated: bool
    confidence: float | None
    usage: UsageItem
    seconds: float
    error: FailureItem | None
    database: Name
    conversation: Conversation | None = None
    trace: list[dict[str, Any]]


class RowsBody(BaseModel):
    """What a query gave; SQL that is wrong or refused is an `error` here and not one of the request's."""

    sql: str
    columns: list[str]
    rows: list[list[Any]]
    truncated: bool
    seconds: float
    error: FailureItem | None


class TurnItem(BaseModel):
    """One question of a conversation. Its rows are not kept; run the SQL to see them again."""

    question: str
    status: str
    text: str
    sql: str
    columns: list[str]
    at: str


class ConversationItem(BaseModel):
    """A conversation in a list."""

    id: Conversation
    title: str = Field(description="Its first question.")
    created: str
    updated: str
    waiting: bool = Field(description="A query of its newest question waits for a decision; see `/api/approvals`.")


class Conversations(BaseModel):
    """Conversations of this key about one database, the one with the newest turn first."""

    database: Name
    conversations: list[ConversationItem]


class ConversationBody(BaseModel):
    """A conversation."""

    id: Conversation
    database: Name
    turns: list[TurnItem]


class SchemaBody(BaseModel):
    """Tables, columns, keys and sample values."""

    model_config = ConfigDict(extra="allow")
    database: Name
    dialect: str
    fingerprint: str
    tables: list[dict[str, Any]]


class ExampleItem(BaseModel):
    """A solved question."""

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    question: str
    sql: str
    source: str
    created: str


class Examples(BaseModel):
    """Solved questions, newest first."""

    database: Name
    examples: list[ExampleItem]


class Added(BaseModel):
    """Whether something was kept."""

    added: bool = Field(description="False if it was there already, or is no example.")


class FeedbackItem(BaseModel):
    """What was said of an answer."""

    question: str
    sql: str
    verdict: str
    comment: str
    at: str


class Feedback(BaseModel):
    """What this key said of answers, newest first."""

    database: Name
    feedback: list[FeedbackItem]


class Health(BaseModel):
    """Whether the server can be used."""

    status: Literal["ok", "unavailable"]
    problems: list[str] = []
