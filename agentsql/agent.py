"""SQLAgent: one database, two model roles and a graph, behind a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agentsql.asking import answer_question, ask_by, checked_question, pending_request, resume_question
from agentsql.db.policy import Policy
from agentsql.graph import GraphSpec
from agentsql.loop import BackgroundLoop
from agentsql.models.any_loop import AnyLoopEndpoint
from agentsql.parts import open_parts
from agentsql.resources import Resources
from agentsql.settings import Settings
from agentsql.steps.examples import confirmed_example
from agentsql.tool import database_tool
from agentsql.turns import in_turn_on_database, own_query, turn_on_database
from agentsql.types import Answer, ApprovalRequest, Approve, Decision, Event, ExecutionResult, Principal, Turn
from agentsql.warming import warm_up

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import StructuredTool
    from sqlalchemy import Engine

    from agentsql.db.database import Database
    from agentsql.db.schema import Schema
    from agentsql.graph.build import Compiled
    from agentsql.models.endpoint import Endpoint


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
        self._parts = open_parts(
            database,
            self.settings,
            sql_model=sql_model,
            chat_model=chat_model,
            graph=graph,
            policy=policy,
            principal=principal,
            progress=progress,
        )
        self.graph = self._parts.graph
        self._loop = BackgroundLoop(workers=self.settings.database.concurrent)

    def __enter__(self) -> SQLAgent:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def database(self) -> Database:
        """The database, under a policy as the agent's own principal sees it."""
        return self._parts.views.database_of()

    @property
    def schema(self) -> Schema:
        """The schema as it was when the last question began, under a policy as the agent's own principal sees it."""
        return self._parts.views.of().schema

    def schema_for(self, principal: Principal | str | None) -> Schema:
        """Give the schema as that principal sees it; None is the agent's own. Raises PolicyError as `ask` does."""
        return self._parts.views.of(principal).schema

    def check_database(self) -> None:
        """Read the structure of the database, from its cache while it is unchanged; DatabaseError if that fails."""
        self._parts.database.schema()

    @property
    def policy(self) -> Policy | None:
        """Who may see what; None lets everyone see everything."""
        return self._parts.views.policy

    @property
    def compiled(self) -> Compiled:
        """The LangGraph; run it with `graph_input(question, evidence)` and `context=agent.resources()`."""
        return self._parts.runner.compiled

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
        answering = answer_question(
            self._parts, question, evidence=evidence, thread_id=thread_id, ask=ask_by(approve), principal=principal
        )
        return self._loop.start(answering).result()

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
        ask = ask_by(approve, asyncio.get_running_loop())
        answering = answer_question(
            self._parts, question, evidence=evidence, thread_id=thread_id, ask=ask, principal=principal
        )
        return await asyncio.wrap_future(self._loop.start(answering))

    def pending(self, thread_id: str, *, principal: Principal | str | None = None) -> ApprovalRequest | None:
        """Give the query that the last question of a thread waits with, also after the program was ended; or None.

        A new question in the thread takes the place of the one that waits.
        """
        return self._loop.start(pending_request(self._parts, thread_id, principal=principal)).result()

    async def apending(self, thread_id: str, *, principal: Principal | str | None = None) -> ApprovalRequest | None:
        """Do as `pending` does, from any event loop."""
        looking = pending_request(self._parts, thread_id, principal=principal)
        return await asyncio.wrap_future(self._loop.start(looking))

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
        resuming = resume_question(self._parts, thread_id, decision, ask=ask_by(approve), principal=principal)
        return self._loop.start(resuming).result()

    async def aresume(
        self,
        thread_id: str,
        decision: Decision,
        *,
        approve: Approve | None = None,
        principal: Principal | str | None = None,
    ) -> Answer:
        """Do as `resume` does, from any event loop, in which an awaitable that `approve` gives is awaited."""
        ask = ask_by(approve, asyncio.get_running_loop())
        resuming = resume_question(self._parts, thread_id, decision, ask=ask, principal=principal)
        return await asyncio.wrap_future(self._loop.start(resuming))

    async def aforget(self, thread_id: str, *, principal: Principal | str | None = None) -> None:
        """Delete what is kept of a thread."""
        kept = self._parts.views.thread(thread_id, principal)
        await asyncio.wrap_future(self._loop.start(self._parts.runner.forget(kept)))

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
        answer = partial(
            answer_question, self._parts, question, evidence=evidence, thread_id=thread_id, principal=principal
        )
        return self._loop.emitted(lambda emit: answer(ask=ask_by(approve), emit=emit))

    def astream(
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
        answer = partial(
            answer_question, self._parts, question, evidence=evidence, thread_id=thread_id, principal=principal
        )
        return self._loop.aemitted(
            lambda emit: answer(history=history, ask=ask_by(approve, asyncio.get_running_loop()), emit=emit)
        )

    def stream_resumed(
        self,
        thread_id: str,
        decision: Decision,
        *,
        approve: Approve | None = None,
        principal: Principal | str | None = None,
    ) -> Iterator[Event]:
        """Do as `resume` does, and yield what happens as `stream` does."""
        resume = partial(resume_question, self._parts, thread_id, decision, principal=principal)
        return self._loop.emitted(lambda emit: resume(ask=ask_by(approve), emit=emit))

    def astream_resumed(
        self,
        thread_id: str,
        decision: Decision,
        *,
        approve: Approve | None = None,
        principal: Principal | str | None = None,
    ) -> AsyncGenerator[Event]:
        """Do as `stream_resumed` does, from any event loop."""
        resume = partial(resume_question, self._parts, thread_id, decision, principal=principal)
        return self._loop.aemitted(lambda emit: resume(ask=ask_by(approve, asyncio.get_running_loop()), emit=emit))

    def run_sql(
        self,
        sql: str,
        *,
        max_rows: int | None = None,
        timeout_s: float | None = None,
        principal: Principal | str | None = None,
    ) -> ExecutionResult:
        """Run a query of the caller's own through both locks and the policy; a refusal is the result's error.

        It takes its turn on the database with the questions, and runs in the caller's thread.

        Raises:
            BusyError: its turn did not come within the seconds that a question has.
        """
        with turn_on_database(self._loop, self.settings):
            return own_query(self._parts, sql, max_rows=max_rows, timeout_s=timeout_s, principal=principal)

    async def arun_sql(
        self,
        sql: str,
        *,
        max_rows: int | None = None,
        timeout_s: float | None = None,
        principal: Principal | str | None = None,
    ) -> ExecutionResult:
        """Do as `run_sql` does, from any event loop, and in a thread of the agent's."""
        query = partial(own_query, self._parts, sql, max_rows=max_rows, timeout_s=timeout_s, principal=principal)
        return await asyncio.wrap_future(self._loop.start(in_turn_on_database(query, self.settings)))

    def add_example(
        self, question: str, sql: str, *, source: str = "agent", principal: Principal | str | None = None
    ) -> bool:
        """Keep a question with SQL that is known to be right, to show for similar ones; False if it was kept already.

        Raises:
            UsageError: the SQL does not run through both locks, or the question is empty or too long.
            ExampleStoreError, MissingExtraError: the store cannot be used as it is.
        """
        database = self._parts.views.of(principal).database
        with turn_on_database(self._loop, self.settings):
            example = confirmed_example(database, checked_question(question), sql, source=source)
        return self._parts.examples.add([example]) > 0

    def warm(self) -> Future[None]:
        """Start the models and let them read the schema, so that the first question is quick; errors are logged."""
        return self._loop.start(warm_up(self._parts))

    def wait_for_values(self, seconds: float) -> bool:
        """Wait until the cell values of a database just opened can be looked up; False if that takes longer."""
        return self._parts.views.of().values.wait(seconds)

    def cancel(self) -> None:
        """Stop the questions that are running; their callers get `concurrent.futures.CancelledError`."""
        self._loop.cancel()

    def close(self) -> None:
        """Close the database, the models' connections and the thread file. A shared local model goes on."""
        self.cancel()
        if self._loop.is_running:
            self._loop.submit(self._parts.disconnect()).result()
            self._loop.close()
        self._parts.close()

    def as_tool(self, name: str = "ask_database", *, principal: Principal | str | None = None) -> StructuredTool:
        """Give a LangChain tool that takes that principal's questions and returns SQL, rows and a sentence."""
        return database_tool(self, name, principal)

    def resources(
        self, emit: Callable[[Event], None] = lambda _event: None, *, principal: Principal | str | None = None
    ) -> Resources:
        """Give what the steps of one question work with, its budget starting now; for the graph in any event loop.

        Follows a change of the database, and waits a moment for the values of a database that was just opened.
        """
        view = self._parts.views.of(principal)
        view.refresh()
        view.wait_a_moment()
        own = self._parts.resources(view, emit)
        return replace(own, endpoints={role: AnyLoopEndpoint(one, self._loop) for role, one in own.endpoints.items()})
