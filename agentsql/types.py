"""The values that travel between steps, databases, models and callers; all of them frozen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Cell = str | int | float | bool | bytes | Decimal | date | datetime | time | timedelta | None
Row = tuple[Cell, ...]

Role = Literal["chat", "sql"]
"""What a model is asked to do: `chat` reasons and words, `sql` writes SQL. One model may play both."""

Status = Literal["answered", "chat", "clarify", "refused", "failed", "waiting"]
"""`waiting`: for a person's decision on a query; see `ApprovalRequest`."""
Intent = Literal["sql", "chat", "clarify", "refused"]
FailureKind = Literal[
    "syntax",
    "unknown_table",
    "unknown_column",
    "ambiguous",
    "type",
    "timeout",
    "refused",
    "empty",
    "suspicious",
    "other",
]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks; a policy decides by it what can be seen."""

    name: str = ""
    """Empty for a caller that nothing is known of."""
    attributes: Mapping[str, object] = field(default_factory=dict)
    """Texts, numbers, dates or tuples of them; row filters compare with them."""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryFailure:
    """Why a query gave no usable rows; shown to the correcting model, so it holds no row values."""

    kind: FailureKind
    message: str
    hint: str = ""
    """What would mend it, such as the nearest real names; empty if nothing is known."""


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """Rows of one query, or the reason there are none."""

    sql: str
    columns: tuple[str, ...]
    """Column labels in select order; labels may repeat."""
    rows: tuple[Row, ...]
    """At most `max_rows` rows in the order the database sent them; each as long as `columns`."""
    truncated: bool
    """True if the database had more rows than were kept."""
    seconds: float
    """Wall time of execute plus fetch; connecting is not included."""
    error: QueryFailure | None = None
    executed: str = ""
    """What ran in place of `sql` where a policy rewrote it. For logs only: it may name what the asker may not see."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One SQL text a model wrote for the question, with what became of it."""

    name: str
    """Unique within a question: the schema view and a number, then `.mend` for its form mended by the schema and `.fix`
    for the model's correction of it, `.edit` for what a person wrote in its place."""
    sql: str
    result: ExecutionResult | None = None
    """None until it has been executed."""
    failure: QueryFailure | None = None
    """Why it was not executed, failed, or looks wrong; None while nothing is held against it."""
    logprob: float | None = None
    """Mean log-probability of its tokens (0 is certain), where the server gives it."""
    doubts: tuple[str, ...] = ()
    """Kinds of findings (`db/findings`) that do not forbid it, but for which it is not taken without a vote."""


@dataclass(frozen=True, slots=True)
class Links:
    """What of the schema a question speaks of, most certain first."""

    tables: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    """(table, column) pairs."""
    values: tuple[tuple[str, str, str], ...] = ()
    """(table, column, cell text) where the question names a value that is in the column."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One finished question of a conversation; what a follow-up is resolved against."""

    question: str
    sql: str = ""
    columns: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What model calls cost; adding two gives their sum."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Prompt tokens the server took from its prefix cache; 0 where it does not say."""
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
            self.seconds + other.seconds,
        )

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """One text a model returned."""

    text: str
    finish_reason: str = "stop"
    """`stop`, or `length` when the token limit cut it off."""
    logprob: float | None = None
    """Mean log-probability of its tokens, if it was asked for and the server gives it."""
    usage: Usage = field(default_factory=Usage)
    """Of the whole request on its first completion, zero on the others."""
    degraded: tuple[str, ...] = ()
    """Options the server could not honour, such as `grammar`; the caller must check what came back."""


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One request to a model, as a trace keeps it."""

    role: Role
    model: str
    """Spec of the endpoint; never holds a key."""
    prompt_hash: str
    started: float
    """Seconds after the question began."""
    seconds: float
    usage: Usage = field(default_factory=Usage)
    completions: int = 1
    """How many it was asked for."""
    max_tokens: int = 0
    """How many each of them might take."""
    temperature: float = 0.0
    finish_reasons: tuple[str, ...] = ()
    error: str = ""
    """Class of the error that came in place of completions."""


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """What one step did."""

    step: str
    seconds: float
    writes: tuple[str, ...] = ()
    """State keys it wrote, sorted."""
    usage: Usage = field(default_factory=Usage)
    prompt_hashes: tuple[str, ...] = ()
    """First 12 hex digits of the SHA-256 of each prompt it sent."""
    notes: tuple[str, ...] = ()
    """What the step wants a reader to know: tables dropped, options degraded, why a result is suspicious."""
    started: float = 0.0
    """Seconds after the question began."""
    model_calls: tuple[ModelCall, ...] = ()
    error: str = ""
    """Class of the error that ended it; empty if it finished."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one question."""

    question: str
    status: Status
    text: str = ""
    """A sentence for a person: the answer, the reply, the question back, or why there is none."""
    sql: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truncated: bool = False
    confidence: float | None = None
    """How often such an answer is right, 0 to 1, from the agreement of the candidates; None if nothing was executed."""
    error: QueryFailure | None = None
    """Set when status is `failed` or `refused`."""
    candidates: tuple[Candidate, ...] = ()
    usage: Usage = field(default_factory=Usage)
    trace: tuple[TraceEvent, ...] = ()
    seconds: float = 0.0
    question_id: str = ""
    """What logs, traces and the audit log call the question."""
    extras: Mapping[str, object] = field(default_factory=dict)
    """What steps of plugins have for the caller, by name, such as the `chart` of agentsql-chart."""

    def to_pandas(self) -> pd.DataFrame:
        """Give the rows as a DataFrame; needs pandas (`pip install 'agentsql-framework[export]'`)."""
        try:
            import pandas as pd
        except ModuleNotFoundError as exc:
            raise ModuleNotFoundError("Answer.to_pandas() needs pandas; install agentsql-framework[export]") from exc

        return pd.DataFrame.from_records(list(self.rows), columns=list(self.columns))

    def _repr_html_(self) -> str:
        """Give what a notebook shows where it takes one output."""
        from agentsql.display import answer_html

        return answer_html(self)

    def _ipython_display_(self) -> None:
        from agentsql.display import show_answer

        show_answer(self)


@dataclass(frozen=True, slots=True)
class StepStarted:
    """Event: a step began."""

    step: str


@dataclass(frozen=True, slots=True)
class Token:
    """Event: a piece of text arrived from a model."""

    step: str
    text: str


@dataclass(frozen=True, slots=True)
class StepFinished:
    """Event: a step ended; `updates` is what it wrote."""

    event: TraceEvent
    updates: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StepFailed:
    """Event: a step ended by an error, which the caller of the question gets."""

    event: TraceEvent


@dataclass(frozen=True, slots=True)
class Answered:
    """Event: the last one of a question."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A query that waits for a person's decision; nothing of it has been run."""

    question: str
    sql: str
    dialect: str
    """The sqlglot name of the SQL dialect."""
    findings: tuple[str, ...] = ()
    """What was found to speak against it, for a person to read."""


@dataclass(frozen=True, slots=True)
class EditedSQL:
    """The decision to run this query in place of the one shown; it goes through both locks like any other."""

    sql: str


Consent = Literal["run"] | EditedSQL
Decision = Consent | Literal["refuse", "later"]
"""`refuse` ends the question; `later` leaves it waiting in its thread."""
Approve = Callable[[ApprovalRequest], Decision | Awaitable[Decision]]


@dataclass(frozen=True, slots=True)
class ApprovalNeeded:
    """Event: the question goes on when a person has decided."""

    request: ApprovalRequest


Event = StepStarted | Token | StepFinished | StepFailed | ApprovalNeeded | Answered
