"""SQLAgent: one database, two model roles and a graph, behind a call."""

from __future__ import annotations

import asyncio
import logging
import queue
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsql.answers import Ended, StateFollower, answer_from, as_text
from agentsql.db.connect import open_database
from agentsql.db.policed import PolicedDatabase
from agentsql.db.policy import Policy, load_policy
from agentsql.errors import (
    AgentSQLError,
    BudgetSpentError,
    BusyError,
    ModelError,
    NotApprovedError,
    PolicyError,
    UsageError,
)
from agentsql.folders import cache_folder, data_folder
from agentsql.graph import GraphSpec, load_graph
from agentsql.graph.check import checked_parts
from agentsql.graph.run import Ask, GraphRunner
from agentsql.loop import BackgroundLoop, Result, TurnMissedError, call_back, in_turn
from agentsql.models.spec import open_endpoint
from agentsql.observe.opening import open_observers
from agentsql.observe.watching import QuestionWatch, watched
from agentsql.prompts import build_prompt
from agentsql.resources import Meter, Resources
from agentsql.retrieval.store import open_examples
from agentsql.settings import Settings
from agentsql.state import first_state
from agentsql.steps.examples import confirmed_example
from agentsql.steps.shared import shown_schema
from agentsql.steps.short_list import rank_tables
from agentsql.types import (
    Answer,
    Answered,
    ApprovalRequest,
    Approve,
    Decision,
    Event,
    ExecutionResult,
    Principal,
    Role,
    Turn,
)
from agentsql.views import View, Views

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
        policy: Policy | str | Path | None = None,
        principal: Principal | str | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> None:
        """Open the database and check the graph; models are reached, or started, with the first question.

        Args:
            database: a path, an SQLAlchemy URL, or an Engine, which stays the caller's to close.
            sql_model: a model spec such as `local:NAME` or `vllm:MODEL@URL`, a LangChain chat model, or an Endpoint;
                None takes the setting.
            chat_model: likewise; where neither this nor the setting is given, the SQL model plays both roles.
            graph: an installed graph, a path to a TOML, or a GraphSpec.
            policy: who may see what of the database, or the path of such a file; None takes the setting.
            principal: who asks where a call does not say; a text is the name of one that the policy describes, and None
                takes the setting.
            progress: called with a line for a person when something takes long, such as a model download.

        Raises:
            DatabaseError: the database cannot be opened, or has no tables.
            GraphError, PluginError, ModelError: the graph or a model spec is wrong.
            PolicyError: the policy is wrong, or does not fit the database or the principal.
            AuditError: there is to be an audit log, and it cannot be written.
        """
        self.settings = settings or Settings()
        self.graph = load_graph(graph or self.settings.agent.graph)
        checked_parts(self.graph)
        self._progress = progress
        self._principal = principal or self.settings.database.principal or None
        given = policy or self.settings.database.policy or None
        rules = load_policy(given) if isinstance(given, str | Path) else given
        self._endpoints = self._open_endpoints(sql_model, chat_model)
        self._database: Database = open_database(
            database, settings=self.settings.database, schema_settings=self.settings.schema
        )
        try:
            self._database.schema()
            self._observers = open_observers(
                self.settings.observe,
                self._database,
                graph=self.graph.name,
                data=data_folder(),
                schema=self._database.schema,
            )
            self._database = watched(self._database, self._observers)
            self._views = Views(self._database, self.settings.values, cache_folder() / "schemas", rules)
            self._open_view()
        except BaseException:
            self._database.close()
            raise
        self._examples = open_examples(self.settings.examples)
        self._runner = GraphRunner(self.graph, self.settings.agent.conversations or data_folder() / "threads.sqlite")
        self._loop = BackgroundLoop(workers=self.settings.database.concurrent)
        self._running: set[Future[Any]] = set()

    def __enter__(self) -> SQLAgent:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def database(self) -> Database:
        """The database, under a policy as the agent's own principal sees it."""
        policy = self._views.policy
        return PolicedDatabase(self._database, policy, self._views.named(self._principal)) if policy else self._database

    @property
    def schema(self) -> Schema:
        """The schema as it was when the last question began, under a policy as the agent's own principal sees it."""
        return self._view(None).schema

    def schema_for(self, principal: Principal | str | None) -> Schema:
        """Give the schema as that principal sees it; None is the agent's own. Raises PolicyError as `ask` does."""
        return self._view(principal).schema

    def check_database(self) -> None:
        """Read the structure of the database, from its cache while it is unchanged; DatabaseError if that fails."""
        self._database.schema()

    @property
    def policy(self) -> Policy | None:
        """Who may see what; None lets everyone see everything."""
        return self._views.policy

    @property
    def compiled(self) -> Compiled:
        """The LangGraph; run it with `graph_input(question, evidence)` and `context=agent.resources()`."""
        return self._runner.compiled

    def ask(
        self,
        question: str,
        *,
        evidence: str = "",
        thread_id: str | None = None,
        approve: Approve | None = None,
        principal: Principal | str | None = None,
    ) -> Answer:
        """Answer one question.

        Args:
            evidence: what the asker knows beyond the schema, such as what a code means.
            thread_id: questions with one id are a conversation, kept on disk between runs.
            approve: called, in a thread of its own, with each query before it is run, once for each text; it may block,
                or give an awaitable. Refusing one ends the question.
            principal: who asks, which decides what the policy lets be seen; None is the agent's own.

        Raises:
            UsageError: the question is empty or longer than 10,000 characters.
            PolicyError: the policy needs to know more of the principal, or knows none of that name.
            ModelError: a model cannot be reached or used. Bad SQL is not raised: see `Answer.status`.
        """
        future = self._start(
            self._answer(question, evidence, thread_id, lambda _event: None, ask=_asking(approve), principal=principal)
        )
        return future.result()

    async def aask(
        self,
        question: str,
        *,
        evidence: str = "",
        thread_id: str | None = None,
        approve: Approve | None = None,
        principal: Principal | str | None = None,
    ) -> Answer:
        """Do as `ask` does, from any event loop, in which an awaitable that `approve` gives is awaited."""
        ask = _asking(approve, asyncio.get_running_loop())
        future = self._start(
            self._answer(question, evidence, thread_id, lambda _event: None, ask=ask, principal=principal)
        )
        return await asyncio.wrap_future(future)

    def pending(self, thread_id: str, *, principal: Principal | str | None = None) -> ApprovalRequest | None:
        """Give the query that the last question of a thread waits with, also after the program was ended; or None.

        A new question in the thread takes the place of the one that waits.
        """
        waiting = self._start(self._runner.waiting(self._thread(thread_id, principal) or thread_id)).result()
        return waiting.request if waiting else None

    def resume(
        self,
        thread_id: str,
        decision: Decision,
        *,
        approve: Approve | None = None,
        principal: Principal | str | None = None,
    ) -> Answer:
        """Go on with the question that waits in a thread, of the same graph.

        Args:
            approve: decides on further queries of it; without, the answer's status is `waiting` if there is one.

        Raises:
            UsageError: nothing waits in that thread, or that is no decision. Otherwise raises as `ask` does.
        """
        return self._start(self._resume(thread_id, decision, _asking(approve), principal)).result()

    async def aforget(self, thread_id: str, *, principal: Principal | str | None = None) -> None:
        """Delete what is kept of a thread."""
        named = self._thread(thread_id, principal) or thread_id
        await asyncio.wrap_future(self._start(self._runner.forget(named)))

    def stream(
        self,
        question: str,
        *,
        evidence: str = "",
        thread_id: str | None = None,
        approve: Approve | None = None,
        principal: Principal | str | None = None,
    ) -> Iterator[Event]:
        """Yield what happens while it happens; the last event is `Answered`. Raises as `ask` does."""
        events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        future = self._start(
            self._answer(question, evidence, thread_id, events.put, ask=_asking(approve), principal=principal)
        )
        future.add_done_callback(lambda _future: events.put(None))
        try:
            while (event := events.get()) is not None:
                yield event
            future.result()
        finally:
            future.cancel()

    async def astream(
        self,
        question: str,
        *,
        evidence: str = "",
        thread_id: str | None = None,
        history: Sequence[Turn] = (),
        approve: Approve | None = None,
        principal: Principal | str | None = None,
    ) -> AsyncGenerator[Event]:
        """Do as `stream` does, from any event loop.

        Args:
            history: earlier turns of a conversation that the caller keeps, where it is in no thread.
        """
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Event | None] = asyncio.Queue()

        def put(event: Event | None) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        answering = self._answer(question, evidence, thread_id, put, history, _asking(approve, loop), principal)
        future = self._start(answering)
        future.add_done_callback(lambda _future: put(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            future.result()
        finally:
            future.cancel()

    def run_sql(
        self,
        sql: str,
        *,
        max_rows: int | None = None,
        timeout_s: float | None = None,
        principal: Principal | str | None = None,
    ) -> ExecutionResult:
        """Run a query of the caller's own through both locks and the policy; a refusal is the result's error."""
        database = self._view(principal).database
        who = self._views.named(principal or self._principal).name
        return self._observers.own_query(
            sql, lambda: database.run(sql, max_rows=max_rows, timeout_s=timeout_s), principal=who
        )

    def add_example(
        self, question: str, sql: str, *, source: str = "agent", principal: Principal | str | None = None
    ) -> bool:
        """Keep a question with SQL that is known to be right, to show for similar ones; False if it was kept already.

        Raises:
            UsageError: the SQL does not run through both locks, or the question is empty or too long.
            ExampleStoreError, MissingExtraError: the store cannot be used as it is.
        """
        example = confirmed_example(self._view(principal).database, checked_question(question), sql, source=source)
        return self._examples.add([example]) > 0

    def warm(self) -> Future[None]:
        """Start the models and let them read the schema, so that the first question is quick; errors are logged."""
        return self._start(self._warm())

    def wait_for_values(self, seconds: float) -> bool:
        """Wait until the cell values of a database just opened can be looked up; False if that takes longer."""
        return self._view(None).values.wait(seconds)

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
        self._views.close()
        self._database.close()

    def as_tool(self, name: str = "ask_database", *, principal: Principal | str | None = None) -> StructuredTool:
        """Give a LangChain tool that takes that principal's questions and returns SQL, rows and a sentence."""
        from langchain_core.tools import StructuredTool

        async def aask(question: str) -> str:
            return as_text(await self.aask(question, principal=principal))

        tables = ", ".join(table.name for table in self.schema_for(principal))
        return StructuredTool.from_function(
            func=lambda question: as_text(self.ask(question, principal=principal)),
            coroutine=aask,
            name=name,
            description=f"Answers a question in plain language from a database with the tables {tables}.",
            args_schema={"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]},
        )

    def resources(
        self, emit: Callable[[Event], None] = lambda _event: None, *, principal: Principal | str | None = None
    ) -> Resources:
        """Give what the steps of one question work with, its budget starting now.

        Waits a moment for the values of a database that was just opened.
        """
        view = self._view(principal)
        view.values.wait(_VALUES_WAIT_S)
        return self._resources(view, emit)

    def _resources(self, view: View, emit: Callable[[Event], None] = lambda _event: None) -> Resources:
        meter = Meter(self.settings.budget)
        meter.start()
        known = (view.database, view.schema, view.words, self._endpoints, self.settings)
        return Resources(*known, meter, emit, view.values.index, view.examples(self._examples))

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
        ask: Ask | None = None,
        principal: Principal | str | None = None,
    ) -> Answer:
        question = checked_question(question)
        who = self._views.named(principal or self._principal).name
        async with self._observers.question(
            question, emit, evidence=evidence, thread_id=thread_id, principal=who
        ) as watch:
            view = await self._current_view(principal)
            follower = StateFollower(first_state(question, evidence), watch.event)
            resources = self._resources(view, follower)
            thread_id = self._thread(thread_id, principal)
            ended: Ended
            try:
                ended = await self._runner.run(question, evidence, resources, thread_id, history, ask)
            except (BudgetSpentError, NotApprovedError) as exc:
                ended = exc
            return await _finished(follower, resources, ended, watch)

    async def _resume(
        self, thread_id: str, decision: Decision, ask: Ask | None, principal: Principal | str | None
    ) -> Answer:
        view = await self._current_view(principal)
        named, thread_id = thread_id, self._thread(thread_id, principal) or thread_id
        waiting = await self._runner.waiting(thread_id)
        if waiting is None:
            raise UsageError(f"no query waits for a decision in the thread {named!r}; ask the question again")
        state = {**first_state("", ""), **waiting.state}
        who = self._views.named(principal or self._principal).name
        async with self._observers.question(
            state["question"], evidence=state["evidence"], thread_id=named, principal=who
        ) as watch:
            follower = StateFollower(state, watch.event)
            resources = self._resources(view, follower)
            resources.meter.count(waiting.state["trace"])
            ended: Ended
            try:
                ended = await self._runner.resume(waiting, decision, resources, thread_id, ask or _later)
            except (BudgetSpentError, NotApprovedError) as exc:
                ended = exc
            return await _finished(follower, resources, ended, watch)

    def _view(self, principal: Principal | str | None) -> View:
        return self._views.of(principal or self._principal)

    def _thread(self, thread_id: str | None, principal: Principal | str | None) -> str | None:
        return self._views.thread(thread_id, principal or self._principal)

    def _open_view(self) -> None:
        """Make the view of the agent's own principal, and begin to read its values."""
        try:
            self._view(None).refresh()
        except PolicyError as exc:
            if self._principal is not None:
                raise
            logger.info("each question has to say who asks: %s", exc)

    async def _current_view(self, principal: Principal | str | None) -> View:
        """Follow a change of the database; for values that are being read a question waits a moment only."""

        def current() -> View:
            view = self._view(principal)
            view.refresh()
            view.values.wait(_VALUES_WAIT_S)
            return view

        try:
            return await in_turn(current, wait_s=self.settings.budget.seconds)
        except TurnMissedError:
            raise BusyError(self.settings.budget.seconds, self.settings.database.concurrent) from None

    async def _warm(self) -> None:
        resources = self._resources(self._view(None))
        shown = shown_schema(resources)
        prompt = build_prompt(
            "generate", dialect=self._database.dialect, product=self._database.product, schema=shown.text
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


def _asking(approve: Approve | None, loop: asyncio.AbstractEventLoop | None = None) -> Ask | None:
    return None if approve is None else lambda request: call_back(approve, request, loop=loop)


async def _later(_request: ApprovalRequest) -> Decision:
    return "later"


async def _finished(follower: StateFollower, resources: Resources, ended: Ended, watch: QuestionWatch) -> Answer:
    if isinstance(ended, AgentSQLError):
        logger.info("question stopped: %s", ended)
    answer = answer_from(follower.state, resources.meter.usage, resources.meter.seconds(), ended)
    answer = replace(answer, question_id=watch.asked.question_id)
    await watch.end(answer)
    follower(Answered(answer))
    return answer


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
