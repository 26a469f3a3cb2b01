"""SQLAgent: one database, two model roles and a graph, behind a call."""

from __future__ import annotations

import asyncio
import logging
import queue
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsql.answers import StateFollower, answer_from, as_text
from agentsql.db.connect import open_database
from agentsql.db.value_store import ValueStore, without_values
from agentsql.db.words import index_words
from agentsql.errors import AgentSQLError, BudgetSpentError, ModelError, UsageError
from agentsql.folders import cache_folder, data_folder
from agentsql.graph import GraphSpec, load_graph
from agentsql.graph.check import checked_parts
from agentsql.graph.run import GraphRunner
from agentsql.loop import BackgroundLoop, Result
from agentsql.models.spec import open_endpoint
from agentsql.prompts import build_prompt
from agentsql.resources import Meter, Resources
from agentsql.retrieval.store import open_examples
from agentsql.settings import Settings
from agentsql.state import first_state
from agentsql.steps.examples import confirmed_example
from agentsql.steps.shared import shown_schema
from agentsql.steps.short_list import rank_tables
from agentsql.types import Answer, Answered, Event, ExecutionResult, Role, Turn

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import StructuredTool
    from sqlalchemy import Engine

    from agentsql.db.database import Database
    from agentsql.db.schema import Schema
    from agentsql.graph.build import Compiled
    from agentsql.models.endpoint import Endpoint

logger = logging.getLogger(__name__)

_VALUES_WAIT_S = 0.3
"""A question waits this long for values that are being read; a small database is read in less."""
LONGEST_QUESTION = 10_000
"""Characters; a longer text is a document, and would leave no room for the schema."""


class SQLAgent:
    """Answers questions about one database. Safe to use from several threads; close it, or use it with `with`."""

    def __init__(
        self,
        database: str | Path | Engine,
        *,
        sql_model: str | BaseChatModel | Endpoint | None = None,
        chat_model: str | BaseChatModel | Endpoint | None = None,
        graph: str | Path | GraphSpec | None = None,
        settings: Settings | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        """Open the database and check the graph; models are reached, or started, with the first question.

        Args:
            database: a path, an SQLAlchemy URL, or an Engine, which stays the caller's to close.
            sql_model: a model spec such as `local:NAME` or `vllm:MODEL@URL`, a LangChain chat model, or an Endpoint;
                None takes the setting.
            chat_model: likewise; where neither this nor the setting is given, the SQL model plays both roles.
            graph: an installed graph, a path to a TOML, or a GraphSpec.
            progress: called with a line for a person when something takes long, such as a model download.

        Raises:
            DatabaseError: the database cannot be opened, or has no tables.
            GraphError, PluginError, ModelError: the graph or a model spec is wrong.
        """
        self.settings = settings or Settings()
        self.graph = load_graph(graph or self.settings.agent.graph)
        checked_parts(self.graph)
        self._progress = progress
        self._endpoints = self._open_endpoints(sql_model, chat_model)
        self.database: Database = open_database(
            database, settings=self.settings.database, schema_settings=self.settings.schema
        )
        try:
            self._schema = without_values(self.database.schema(), self.settings.values.exclude)
        except BaseException:
            self.database.close()
            raise
        self._words = index_words(self._schema)
        self._values = ValueStore(self.database, self.settings.values, cache_folder() / "schemas")
        self._values.refresh(self._schema)
        self._examples = open_examples(self.settings.examples)
        self._runner = GraphRunner(self.graph, self.settings.agent.conversations or data_folder() / "threads.sqlite")
        self._loop = BackgroundLoop()
        self._running: set[Future[Any]] = set()

    def __enter__(self) -> SQLAgent:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def schema(self) -> Schema:
        """The schema as it was when the last question began."""
        return self._schema

    @property
    def compiled(self) -> Compiled:
        """The LangGraph; run it with `graph_input(question, evidence)` and `context=agent.resources()`."""
        return self._runner.compiled

    def ask(self, question: str, *, evidence: str = "", thread_id: str | None = None) -> Answer:
        """Answer one question.

        Args:
            evidence: what the asker knows beyond the schema, such as what a code means.
            thread_id: questions with one id are a conversation, kept on disk between runs.

        Raises:
            UsageError: the question is empty or longer than 10,000 characters.
            ModelError: a model cannot be reached or used. Bad SQL is not raised: see `Answer.status`.
        """
        future = self._start(self._answer(question, evidence, thread_id, lambda _event: None))
        return future.result()

    async def aask(self, question: str, *, evidence: str = "", thread_id: str | None = None) -> Answer:
        """Do as `ask` does, from any event loop."""
        future = self._start(self._answer(question, evidence, thread_id, lambda _event: None))
        return await asyncio.wrap_future(future)

    def stream(self, question: str, *, evidence: str = "", thread_id: str | None = None) -> Iterator[Event]:
        """Yield what happens while it happens; the last event is `Answered`. Raises as `ask` does."""
        events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        future = self._start(self._answer(question, evidence, thread_id, events.put))
        future.add_done_callback(lambda _future: events.put(None))
        try:
            while (event := events.get()) is not None:
                yield event
            future.result()
        finally:
            future.cancel()

    async def astream(
        self, question: str, *, evidence: str = "", thread_id: str | None = None, history: Sequence[Turn] = ()
    ) -> AsyncGenerator[Event]:
        """Do as `stream` does, from any event loop.

        Args:
            history: earlier turns of a conversation that the caller keeps, where it is in no thread.
        """
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Event | None] = asyncio.Queue()

        def put(event: Event | None) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        future = self._start(self._answer(question, evidence, thread_id, put, history))
        future.add_done_callback(lambda _future: put(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            future.result()
        finally:
            future.cancel()

    def run_sql(self, sql: str, *, max_rows: int | None = None, timeout_s: float | None = None) -> ExecutionResult:
        """Run a query of the caller's own through both locks; a refusal is the result's error."""
        return self.database.run(sql, max_rows=max_rows, timeout_s=timeout_s)

    def add_example(self, question: str, sql: str, *, source: str = "agent") -> bool:
        """Keep a question with SQL that is known to be right, to show for similar ones; False if it was kept already.

        Raises:
            UsageError: the SQL does not run through both locks, or the question is empty or too long.
            ExampleStoreError, MissingExtraError: the store cannot be used as it is.
        """
        example = confirmed_example(self.database, checked_question(question), sql, source=source)
        return self._examples.add([example]) > 0

    def warm(self) -> Future[None]:
        """Start the models and let them read the schema, so that the first question is quick; errors are logged."""
        return self._start(self._warm())

    def wait_for_values(self, seconds: float) -> bool:
        """Wait until the cell values of a database just opened can be looked up; False if that takes longer."""
        return self._values.wait(seconds)

    def cancel(self) -> None:
        """Stop the questions that are running; their callers get `concurrent.futures.CancelledError`."""
        for future in tuple(self._running):
            future.cancel()

    def close(self) -> None:
        """Close the database, the models' connections and the thread file. A shared local model goes on."""
        self.cancel()
        if self._loop.is_running:
            self._loop.submit(self._close()).result()
            self._loop.close()
        self._values.close()
        self.database.close()

    def as_tool(self, name: str = "ask_database") -> StructuredTool:
        """Give a LangChain tool that takes a question and returns SQL, rows and the sentence as text."""
        from langchain_core.tools import StructuredTool

        async def aask(question: str) -> str:
            return as_text(await self.aask(question))

        tables = ", ".join(table.name for table in self._schema)
        return StructuredTool.from_function(
            func=lambda question: as_text(self.ask(question)),
            coroutine=aask,
            name=name,
            description=f"Answers a question in plain language from a database with the tables {tables}.",
            args_schema={"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]},
        )

    def resources(self, emit: Callable[[Event], None] = lambda _event: None) -> Resources:
        """Give what the steps of one question work with, its budget starting now.

        Waits a moment for the values of a database that was just opened.
        """
        self._values.wait(_VALUES_WAIT_S)
        return self._resources(emit)

    def _resources(self, emit: Callable[[Event], None] = lambda _event: None) -> Resources:
        meter = Meter(self.settings.budget)
        meter.start()
        known = (self.database, self._schema, self._words, self._endpoints, self.settings)
        return Resources(*known, meter, emit, self._values.index, self._examples)

    def _open_endpoints(
        self, sql_model: str | BaseChatModel | Endpoint | None, chat_model: str | BaseChatModel | Endpoint | None
    ) -> dict[Role, Endpoint]:
        sql = self._endpoint(sql_model or self.settings.agent.sql_model)
        chat = chat_model or self.settings.agent.chat_model
        return {"sql": sql, "chat": self._endpoint(chat) if chat and chat != sql.name else sql}

    def _endpoint(self, model: str | BaseChatModel | Endpoint) -> Endpoint:
        return open_endpoint(
            model,
            settings=self.settings.models,
            progress=lambda done: self._progress(str(done)) if self._progress else None,
        )

    def _start(self, coroutine: Coroutine[Any, Any, Result]) -> Future[Result]:
        future = self._loop.submit(coroutine)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    async def _answer(
        self,
        question: str,
        evidence: str,
        thread_id: str | None,
        emit: Callable[[Event], None],
        history: Sequence[Turn] = (),
    ) -> Answer:
        question = checked_question(question)
        await asyncio.to_thread(self._refresh_schema)
        follower = StateFollower(question, evidence, emit)
        resources = self._resources(follower)
        started = time.perf_counter()
        spent: BudgetSpentError | None = None
        try:
            await self._runner.run(question, evidence, resources, thread_id, history)
        except BudgetSpentError as exc:
            logger.info("question stopped: %s", exc)
            spent = exc
        answer = answer_from(follower.state, resources.meter.usage, time.perf_counter() - started, spent)
        emit(Answered(answer))
        return answer

    def _refresh_schema(self) -> None:
        """Follow a change of the database; for values that are being read a question waits a moment only."""
        schema = without_values(self.database.schema(), self.settings.values.exclude)
        if schema is not self._schema and schema != self._schema:
            self._schema, self._words = schema, index_words(schema)
        self._values.refresh(schema)
        self._values.wait(_VALUES_WAIT_S)

    async def _warm(self) -> None:
        resources = self._resources()
        shown = shown_schema(resources)
        prompt = build_prompt(
            "generate", dialect=self.database.dialect, product=self.database.product, schema=shown.text
        )
        for endpoint in self._each_endpoint():
            try:
                await endpoint.complete(prompt.messages, max_tokens=1)
            except ModelError as exc:
                logger.warning("the model could not be warmed: %s", exc)
        if shown.dropped:
            await rank_tables(first_state("", ""), resources, meaning=True)  # embeds the tables, once
        if any(node.step_name == "retrieve" for node in self.graph.nodes):
            await asyncio.to_thread(self._warm_examples)

    def _warm_examples(self) -> None:
        try:
            self._examples.warm()
        except AgentSQLError as exc:
            logger.warning("the examples could not be warmed: %s", exc)

    async def _close(self) -> None:
        for endpoint in self._each_endpoint():
            await endpoint.close()
        await self._runner.close()

    def _each_endpoint(self) -> Iterable[Endpoint]:
        """Give the models of the roles; one that plays both comes once."""
        return {id(one): one for one in self._endpoints.values()}.values()


def checked_question(question: str) -> str:
    """Give the question without outer blanks; UsageError if it is empty or too long to be one."""
    question = question.replace("\0", " ").strip()
    if not question:
        raise UsageError("the question is empty; ask something about the database")
    if len(question) > LONGEST_QUESTION:
        raise UsageError(
            f"the question has {len(question):,} characters, more than {LONGEST_QUESTION:,}; "
            "ask a shorter one, and give long background as evidence in a few sentences"
        )
    return question
