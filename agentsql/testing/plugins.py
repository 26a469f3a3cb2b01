"""A scripted model, a tiny database, and checks of steps, models and benchmarks."""

from __future__ import annotations

import inspect
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agentsql.agent import SQLAgent
from agentsql.db.guard import StatementRefused, read_only_query
from agentsql.evaluation.benchmarks.rows import first_row
from agentsql.evaluation.questions import Benchmark, BenchmarkReader, Question
from agentsql.graph.trace import run_step
from agentsql.models.endpoint import Endpoint
from agentsql.state import State, first_state
from agentsql.steps.step import Step
from agentsql.types import Candidate, Completion, Links, Message, Usage

Reply = str | Exception | Callable[[Sequence[Message]], str]


class ScriptedModel:
    """An Endpoint that gives prepared replies, in order; keeps what it was asked in `asked`.

    A reply is a text, a function of the messages, or an exception to raise. When all are used up, the last text or
    function goes on being used.
    """

    def __init__(self, *replies: Reply, name: str = "scripted") -> None:
        self.name = name
        self.asked: list[tuple[Message, ...]] = []
        self.options: list[dict[str, Any]] = []
        self._replies = list(replies)

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        n: int = 1,
        on_token: Callable[[str], None] | None = None,
        **options: Any,
    ) -> tuple[Completion, ...]:
        """Give the next `n` replies; word counts stand for token counts."""
        self.asked.append(tuple(messages))
        self.options.append({"n": n, **options})
        texts = [self._next(messages) for _ in range(n)]
        if on_token:
            for word in texts[0].split(" "):
                on_token(word)
        prompt_tokens = sum(len(message.content.split()) for message in messages)
        usage = Usage(1, prompt_tokens, sum(len(text.split()) for text in texts))
        return tuple(Completion(text, usage=usage if number == 0 else Usage()) for number, text in enumerate(texts))

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _next(self, messages: Sequence[Message]) -> str:
        if not self._replies:
            raise AssertionError(
                f"{self.name} was asked, but has no reply; the last message was: {messages[-1].content}"
            )
        reply = self._replies[0]
        if len(self._replies) > 1 or isinstance(reply, Exception):
            self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply(messages) if callable(reply) else reply


def tiny_database(path: str | Path) -> Path:
    """Make an SQLite database of singers and concerts at `path`, which must not exist, and give the path.

    `singer` (4 rows), `concert` (3 rows) and `singer_in_concert` (4 rows) are joined by foreign keys.
    """
    path = Path(path)
    if path.exists():
        raise FileExistsError(f"{path} exists; give tiny_database a new path, such as tmp_path / 'tiny.sqlite'")
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_TINY)
    finally:
        connection.close()
    return path


_TINY = """
CREATE TABLE singer (singer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT, age INTEGER);
CREATE TABLE concert (concert_id INTEGER PRIMARY KEY, title TEXT, year INTEGER);
CREATE TABLE singer_in_concert (
    singer_id INTEGER REFERENCES singer (singer_id), concert_id INTEGER REFERENCES concert (concert_id),
    PRIMARY KEY (singer_id, concert_id)
);
INSERT INTO singer VALUES (1, 'Joe Sharp', 'Netherlands', 52), (2, 'Timbaland', 'United States', 32),
    (3, 'Justin Brown', 'France', 29), (4, 'Rose White', 'France', 41);
INSERT INTO concert VALUES (1, 'Auditions', 2014), (2, 'Super bootcamp', 2014), (3, 'Home Visits', 2015);
INSERT INTO singer_in_concert VALUES (1, 1), (2, 1), (3, 2), (4, 3);
"""


async def check_step(
    step: Step,
    *,
    database: str | Path,
    model: Endpoint | None = None,
    state: Mapping[str, Any] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Run a step once the way a graph does, and give what it wrote, without the trace.

    Args:
        database: a path or URL, such as that of `tiny_database`.
        model: plays both roles; without one, a step that asks a model fails the check.
        state: keys beyond those of a fresh question ("How many singers are there?").

    Raises:
        StepContractError: it touched a key it did not declare.
        AssertionError: what it declares or returns does not fit the contract; the text says how to mend it.
    """
    assert isinstance(step, Step), "decorate the function with agentsql.steps.step.step(reads=…, writes=…)"
    _check_declared(step)
    scripted = model or ScriptedModel()
    with SQLAgent(database, sql_model=scripted) as agent:
        full = {**first_state("How many singers are there?", ""), "history": (), **(state or {})}
        updates = await run_step(step.name, step, options, full, agent.resources())
    updates.pop("trace")
    known = State.__annotations__
    for key in updates:
        if key in known:
            _check_type(step, key, updates[key])
    return updates


def _check_declared(step: Step) -> None:
    assert step.writes, f"step {step.name!r} writes nothing, so it does nothing; declare `writes`"
    both = step.reads & step.optional
    assert not both, f"step {step.name!r} has {', '.join(sorted(both))} in `reads` and in `optional`; keep one"
    parameters = list(inspect.signature(step.function).parameters.values())
    positional = [one for one in parameters if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert len(positional) == 2, f"step {step.name!r} must take (state, resources, *, options…)"


_EXPECTED: dict[str, type] = {
    "question": str,
    "evidence": str,
    "history": tuple,
    "intent": str,
    "reason": str,
    "links": Links,
    "tables": tuple,
    "examples": tuple,
    "candidates": tuple,
    "corrections": int,
    "chosen": str,
    "status": str,
    "text": str,
}


def _check_type(step: Step, key: str, value: object) -> None:
    wanted = _EXPECTED.get(key)
    assert wanted is None or isinstance(value, wanted), (
        f"step {step.name!r} writes {key!r} as {type(value).__name__}; it must be {wanted.__name__}"
    )
    if key == "candidates" and isinstance(value, tuple):
        assert all(isinstance(one, Candidate) for one in value), (
            f"step {step.name!r} must write `candidates` as a tuple of agentsql.types.Candidate"
        )


async def check_model(endpoint: Endpoint) -> None:
    """Ask an endpoint for one completion, two, a bounded one and one as JSON, and check what comes back.

    Raises:
        AssertionError: something does not fit the contract; the text says how to mend it.
    """
    messages = (Message("system", "You are terse."), Message("user", "Say yes."))
    assert isinstance(endpoint.name, str) and endpoint.name, "an endpoint needs a `name`: its spec, without a key"
    (one,) = await endpoint.complete(messages, max_tokens=8)
    assert isinstance(one, Completion), f"complete() must give Completion, gave {type(one).__name__}"
    assert one.usage.calls >= 1, "the first completion must carry the request's Usage with calls = 1 or more"
    assert len(await endpoint.complete(messages, n=2, max_tokens=8)) == 2, "complete(n=2) must give two completions"
    schema = {"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"]}
    (reply,) = await endpoint.complete(messages, max_tokens=32, json_schema=schema)
    if "json_schema" not in reply.degraded:
        try:
            json.loads(reply.text)
        except ValueError as exc:
            raise AssertionError(
                f"asked for JSON, got {reply.text!r}; honour json_schema or name it in Completion.degraded"
            ) from exc


_JUDGED = 50
"""Questions whose golds are run by `check_benchmark`, spread over all: each costs a query."""


def check_benchmark(reader: BenchmarkReader, path: str | Path, databases: str | Path | None = None) -> Benchmark:
    """Read a questions file, check what comes, and give it.

    Each question has an id of its own, a text, and a database that is there or a schema. Up to 50 questions, spread
    over all, are judged: their golds are right and no SQL is wrong.

    Raises:
        UsageError: the reader refuses the file.
        AssertionError: something does not fit the contract; the text says how to mend it.
    """
    path = Path(path)
    assert reader.recognises(path, first_row(path)) is True, f"recognises() must be True of {path}"
    benchmark = reader.read(path, Path(databases) if databases is not None else None)
    assert benchmark.name, "a benchmark needs a `name`"
    assert benchmark.questions, f"{path} gave no questions; raise UsageError of a file without any"
    repeated = [one for one, count in Counter(one.id for one in benchmark.questions).items() if count > 1]
    assert not repeated, f"these ids are there twice: {', '.join(repeated[:5])}; give each question its own"
    for question in benchmark.questions:
        _check_asked(question)
    for question in benchmark.questions[:: max(1, len(benchmark.questions) // _JUDGED)]:
        _check_judged(benchmark, question)
    return benchmark


def _check_asked(question: Question) -> None:
    where = f"question {question.id!r}"
    assert question.text.strip(), f"{where} has no text"
    assert question.database or question.schema_sql, f"{where} has neither a `database` nor a `schema_sql`"
    if question.database and "://" not in question.database:
        assert Path(question.database).is_file(), f"{where}: there is no database {question.database}"


def _check_judged(benchmark: Benchmark, question: Question) -> None:
    where = f"question {question.id!r}"
    for gold in question.golds:
        try:
            read_only_query(gold, "sqlite")
        except StatementRefused as refusal:  # what does not parse is left to the database, which has the last word
            assert refusal.failure.kind != "refused", f"{where}: a gold is no read-only query: {refusal}"
        verdict = benchmark.judge(question, gold)
        assert not verdict.gold_error, f"{where}: a gold cannot be judged: {verdict.gold_error}"
        assert verdict.executable is not False, f"{where}: judge() says that a gold does not run: {gold}"
        assert verdict.correct is not False, f"{where}: judge() says that a gold is wrong: {gold}"
    assert not benchmark.judge(question, "").correct, f"{where}: judge() says that no SQL at all is right"
