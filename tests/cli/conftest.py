"""A fake agent, and the command line run in this process."""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from agentsql.cli import session
from agentsql.cli.main import main
from agentsql.db.schema import Column, ForeignKey, Schema, Table
from agentsql.settings import Settings
from agentsql.types import (
    Answer,
    Answered,
    Approve,
    Candidate,
    Event,
    ExecutionResult,
    Links,
    QueryFailure,
    StepFinished,
    StepStarted,
    Token,
    TraceEvent,
    Usage,
)

USAGE = Usage(calls=1, prompt_tokens=900, completion_tokens=20, cached_tokens=800, seconds=1.5)
RESULT = ExecutionResult("SELECT name, age FROM pets", ("name", "age"), (("Rex", 3), ("Ada", None)), False, 0.01)
ANSWERED = Answer(
    question="Which pets are there?",
    status="answered",
    text="There are two pets.",
    sql=RESULT.sql,
    columns=RESULT.columns,
    rows=RESULT.rows,
    confidence=1.0,
    candidates=(
        Candidate("full.1", "SELECT nam FROM pets", failure=QueryFailure("unknown_column", "no column 'nam'")),
        Candidate("full-1.fix", RESULT.sql, result=RESULT),
    ),
    usage=USAGE,
    trace=(
        TraceEvent("link", 0.1, ("links",)),
        TraceEvent("generate", 1.5, ("candidates",), USAGE, ("0123456789ab",), ("one table was dropped",)),
    ),
    seconds=1.7,
)
CHAT = Answer("hello", "chat", text="Hello! Ask me about pets.")
CLARIFY = Answer("best?", "clarify", text="Best by what?")
FAILED = Answer("bad", "failed", sql="SELECT x", error=QueryFailure("syntax", "near 'x'", "look at it"))
TIMED_OUT = Answer("slow", "failed", text="It took too long.", error=QueryFailure("timeout", "over 5 s"))
SCHEMA = Schema(
    "sqlite",
    (
        Table("owners", (Column("id", "INTEGER"), Column("name", "TEXT")), ("id",), rows=1),
        Table(
            "pets",
            (Column("name", "TEXT", values=("Ada", "Rex")), Column("owner_id", "INTEGER")),
            foreign_keys=(ForeignKey(("owner_id",), "owners", ("id",)),),
            rows=2,
        ),
    ),
)


@dataclass
class FakeAgent:
    """Answers each question with what `answers` has for it."""

    answers: dict[str, Answer | BaseException] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    schema: Schema = SCHEMA
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    database: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(name="pets.sqlite"))

    def stream(
        self, question: str, *, evidence: str = "", thread_id: str | None = None, approve: Approve | None = None
    ) -> Iterator[Event]:
        self.asked.append((question, evidence, thread_id))
        answer = self.answers.get(question, ANSWERED)
        yield StepStarted("link")
        updates = {"question": "Which pets live here?", "tables": ("pets",)}
        links = Links(("pets",), (("pets", "name"),), (("pets", "name", "Rex"),))
        yield StepFinished(TraceEvent("link", 0.1), {**updates, "links": links})
        yield Token("generate", "SELECT")
        if isinstance(answer, BaseException):
            raise answer
        yield Answered(answer)

    def run_sql(self, sql: str) -> ExecutionResult:
        if "DROP" in sql:
            return ExecutionResult(sql, (), (), False, 0.0, QueryFailure("refused", "a query may not contain DROP"))
        return replace(RESULT, sql=sql)

    def add_example(self, question: str, sql: str, *, source: str) -> bool:
        self.calls.append(f"add_example {question} | {sql} | {source}")
        return self.calls.count(self.calls[-1]) == 1

    def pending(self, thread_id: str) -> None:
        self.calls.append(f"pending {thread_id}")

    def warm(self) -> Future[None]:
        self.calls.append("warm")
        return Future()

    def cancel(self) -> None:
        self.calls.append("cancel")

    def close(self) -> None:
        self.calls.append("close")

    def __enter__(self) -> FakeAgent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def plain_errors(monkeypatch):
    """Keep tracebacks out of what the tests compare."""
    monkeypatch.delenv("AGENTSQL_DEBUG", raising=False)


@pytest.fixture
def agent(monkeypatch) -> FakeAgent:
    """Gives the agent that every command opens; `agent.opened` is how."""
    fake = FakeAgent()
    fake.opened = []

    def _open(db, flags, progress):
        assert progress is not None
        fake.opened.append((db, {key: value for key, value in flags.items() if value is not None}))
        return fake

    monkeypatch.setattr(session, "open_agent", _open)
    return fake


@pytest.fixture
def run(capsys, monkeypatch) -> Callable[..., Ran]:
    """Gives a function that runs the command line with words, and text on its stdin."""

    def _run(*words: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = main(words)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return _run


@pytest.fixture
def pets(tmp_path) -> str:
    """Gives the path of a small database."""
    path = tmp_path / "pets.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE pets (name TEXT, age INTEGER, owner_id INTEGER REFERENCES owners (id));"
            "INSERT INTO owners VALUES (1, 'Ann'); INSERT INTO pets VALUES ('Rex', 3, 1), ('Ada', NULL, 1);"
        )
    connection.close()
    return str(path)
