"""What the tools take and give; their JSON schemas are made of these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agentsql.asking import LONGEST_QUESTION
from agentsql.serving.bodies import NAME, FailureItem

ROWS_SHOWN = 50
"""Rows given where a client does not say how many: what a tool gives fills the context of the model that called it."""
_MOST_ROWS = 1000

MaxRows = Annotated[int, Field(ge=1, le=_MOST_ROWS, description="Rows to give at most; more fill your context.")]


class Arguments(BaseModel):
    """What every tool takes; what it does not know it refuses, so that a misspelt argument is noticed."""

    model_config = ConfigDict(extra="forbid")
    database: str | None = Field(None, description="Left out, the first one.")


class AskArguments(Arguments):
    """A question."""

    question: str = Field(min_length=1, max_length=LONGEST_QUESTION, description="In plain language, with its details.")
    evidence: str = Field("", max_length=LONGEST_QUESTION, description="What you know that the schema does not say.")
    conversation: str | None = Field(
        None, pattern=NAME, description="Any id of your choice: a question of the same id follows on the earlier ones."
    )
    max_rows: MaxRows = ROWS_SHOWN


class DecideArguments(Arguments):
    """A person's decision."""

    conversation: str = Field(pattern=NAME, description="Of the question whose query waits.")
    decision: Literal["run", "refuse"] = Field(description="What the person decided.")
    sql: str = Field("", max_length=100_000, description="With `run`: the person's own query, to run in its place.")
    max_rows: MaxRows = ROWS_SHOWN


class SqlArguments(Arguments):
    """A query of the client's own."""

    sql: str = Field(min_length=1, max_length=100_000, description="One query that reads, in the database's dialect.")
    max_rows: MaxRows = ROWS_SHOWN


class SchemaArguments(Arguments):
    """Some tables, or all."""

    tables: list[str] = Field([], max_length=200, description="Those to describe; all of them if left out.")


class ValuesArguments(Arguments):
    """Words to look for in cells."""

    text: str = Field(min_length=1, max_length=1000, description="A name, its beginning, or a sentence that has names.")
    table: str = Field("", description="Look in this table only.")
    column: str = Field("", description="Look in this column of the table only.")
    limit: int = Field(20, ge=1, le=200)


class AskResult(BaseModel):
    """What came of a question. Cells are JSON values: dates, times and decimals as text, bytes in hex."""

    database: str
    question: str
    status: Literal["answered", "chat", "clarify", "refused", "failed", "waiting"]
    text: str = Field(description="A sentence for a person: the answer, or the question back, or why there is none.")
    sql: str
    columns: list[str]
    rows: list[list[Any]]
    truncated: bool = Field(description="True if there are more rows than these.")
    confidence: float | None = Field(description="How often such an answer is right, 0 to 1; null if not known.")
    seconds: float
    conversation: str | None
    error: FailureItem | None


class SqlResult(BaseModel):
    """Rows of a query."""

    database: str
    columns: list[str]
    rows: list[list[Any]]
    truncated: bool = Field(description="True if there are more rows than these.")
    seconds: float


class TableItem(BaseModel):
    """A table or view."""

    name: str
    kind: str
    comment: str
    rows: int | None = Field(description="How many; null if not known.")
    columns: list[dict[str, Any]]
    primary_key: list[str]
    foreign_keys: list[dict[str, Any]]


class SchemaResult(BaseModel):
    """Tables of a database, as the caller may see them."""

    database: str
    dialect: str = Field(description="The SQL dialect that `run_sql` takes.")
    tables: list[TableItem]
    left_out: list[str] = Field(
        description="Tables that are not described here for want of room; name them to see them."
    )


class ValueItem(BaseModel):
    """A cell's text and a column that holds it."""

    table: str
    column: str
    value: str = Field(description="As the cell has it: compare with this text in SQL.")
    match: Literal["same", "named", "begins", "similar"] = Field(
        description="`same` but for case, accents and plural; `named` by a sentence; `begins` with it; or `similar`."
    )


class ValuesResult(BaseModel):
    """Values found, the closest first."""

    database: str
    matches: list[ValueItem]
    note: str = Field(description="Why there may be more than these; empty if nothing is to be said.")
