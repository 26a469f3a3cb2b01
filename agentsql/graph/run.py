"""Runs a compiled graph on one question, and waits for a person where one is to be asked."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from langgraph.graph import END
from langgraph.types import Command, Interrupt, interrupt

from agentsql.errors import GraphError, NotApprovedError, UsageError
from agentsql.graph.build import Compiled, compile_graph, forgotten, graph_input, with_tuples
from agentsql.graph.spec import GraphSpec
from agentsql.graph.threads import Threads, open_threads, serializer, thread_errors, unusable
from agentsql.resources import Resources
from agentsql.types import ApprovalNeeded, ApprovalRequest, Decision, EditedSQL, Turn

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

_PASSING = "\0passing-"
Ask = Callable[[ApprovalRequest], Awaitable[Decision]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question of a thread that waits for a decision."""

    request: ApprovalRequest
    state: Mapping[str, Any]
    """As it was when the question stopped."""


class GraphRunner:
    """A graph, compiled when it is first used: without threads, with those on disk, and with one in memory."""

    def __init__(self, spec: GraphSpec, threads: str | Path) -> None:
        """Name the graph and where its conversations are kept: a file, or a `postgresql://` URL."""
        self._spec = spec
        self._target = threads
        self._plain: Compiled | None = None
        self._threaded: Compiled | None = None
        self._passing: Compiled | None = None
        self._memory = InMemorySaver(serde=serializer())
        self._threads: Threads | None = None
        self._opening = asyncio.Lock()
        self._forgotten = forgotten(spec)

    @property
    def compiled(self) -> Compiled:
        """The LangGraph without threads; run it with `context=Resources`."""
        if self._plain is None:
            self._plain = compile_graph(self._spec)
        return self._plain

    async def run(
        self,
        question: str,
        evidence: str,
        resources: Resources,
        thread_id: str | None,
        history: Sequence[Turn] = (),
        ask: Ask | None = None,
    ) -> ApprovalRequest | None:
        """Run one question; what happens is told through `resources.emit`. Gives the query it was left waiting with.

        Args:
            ask: gives a person's decision on each query before it runs; None runs what both locks let through.

        Raises:
            NotApprovedError: the person refused a query.
            GraphError: the graph went round more often than its corrections allow.
            UsageError: a decision is none, or `later` without a thread.
            AgentSQLError: the place of the threads cannot be read or written.
        """
        entering = graph_input(question, evidence, history)
        if thread_id is not None:
            entering |= self._forgotten
            return await self._run(await self._with_threads(), entering, resources, thread_id, ask)
        if ask is None:
            return await self._run(self.compiled, entering, resources, None, None)
        if self._passing is None:
            self._passing = compile_graph(self._spec, self._memory)
        passing = (
            f"{_PASSING}{uuid.uuid4().hex}"  # only a thread can be stopped, so the question gets one while it runs
        )
        try:
            return await self._run(self._passing, entering, resources, passing, ask)
        finally:
            await self._memory.adelete_thread(passing)

    async def resume(
        self, waiting: Waiting, decision: Decision, resources: Resources, thread_id: str, ask: Ask
    ) -> ApprovalRequest | None:
        """Go on with a question that waits; see `run`."""
        graph = await self._with_threads()
        entering = await self._after(decision, waiting.request, graph, thread_id)
        if entering is None:
            return waiting.request
        return await self._run(graph, entering, resources, thread_id, ask)

    async def waiting(self, thread_id: str) -> Waiting | None:
        """Give the thread's question that waits for a decision; None if there is none.

        Raises:
            AgentSQLError: the place of the threads cannot be read.
        """
        graph = await self._with_threads()
        try:
            found = await graph.aget_state(_config(thread_id))
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc
        requests = [one.value for one in found.interrupts if isinstance(one.value, ApprovalRequest)]
        return Waiting(with_tuples(requests[0]), with_tuples(found.values)) if requests else None

    async def forget(self, thread_id: str) -> None:
        """Delete what is kept of a thread.

        Raises:
            AgentSQLError: the place of the threads cannot be written.
        """
        await self._with_threads()
        assert self._threads is not None
        try:
            await self._threads.saver.adelete_thread(thread_id)
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc

    async def close(self) -> None:
        """Close the place of the threads."""
        if self._threads is not None:
            await self._threads.close()
            self._threads = self._threaded = None

    async def _with_threads(self) -> Compiled:
        async with self._opening:
            if self._threaded is None:
                self._threads = await open_threads(self._target)
                self._threaded = compile_graph(self._spec, self._threads.saver)
            return self._threaded

    async def _run(
        self, graph: Compiled, entering: object, resources: Resources, thread_id: str | None, ask: Ask | None
    ) -> ApprovalRequest | None:
        if ask is not None:
            resources = replace(resources, approve=interrupt)
        while True:
            found = await self._until_stopped(graph, entering, resources, thread_id)
            if not found or ask is None:
                return None
            request: ApprovalRequest = with_tuples(found[0].value)
            resources.emit(ApprovalNeeded(request))
            began = resources.meter.clock()
            decision = await ask(request)
            resources.meter.started += resources.meter.clock() - began
            following = await self._after(decision, request, graph, str(thread_id))
            if following is None:
                return request
            entering = following

    async def _after(
        self, decision: object, request: ApprovalRequest, graph: Compiled, thread_id: str
    ) -> Command[Any] | None:
        """Give how to go on after a decision; None if the question is left waiting."""
        decided = _checked(decision, thread_id)
        if decided == "refuse":
            await graph.aupdate_state(_config(thread_id), None, as_node=END)
            raise NotApprovedError(request.sql)
        if decided == "later":
            return None
        return Command(resume=decided)

    async def _until_stopped(
        self, graph: Compiled, entering: object, resources: Resources, thread_id: str | None
    ) -> Sequence[Interrupt]:
        """Run to the end, or to where a person is to be asked; give what is to be asked."""
        limit = len(self._spec.nodes) * (resources.settings.budget.corrections + 2)
        try:
            state = await graph.ainvoke(
                entering,
                config=_config(thread_id, limit),
                context=resources,
                durability=None if thread_id is None else "exit",
            )
        except GraphRecursionError as exc:
            raise GraphError(self._spec.name, [f"no end after {limit} rounds; does a loop count its rounds?"]) from exc
        except thread_errors() as exc:  # of the place of threads: a query's own errors are in its result
            if thread_id is None:
                raise
            raise unusable(self._target, exc) from exc
        interrupts: Sequence[Interrupt] = state.get("__interrupt__", ())
        return interrupts


def _checked(decision: object, thread_id: str) -> Decision:
    """Give the decision if it is one; whatever else a callback gives must not pass for consent."""
    if decision == "later" and thread_id.startswith(_PASSING):
        raise UsageError('a question without a thread cannot wait; give thread_id, or decide "run" or "refuse"')
    if decision in ("run", "refuse", "later") or isinstance(decision, EditedSQL):
        return decision
    raise UsageError(f'{decision!r} is no decision on a query; give "run", "refuse", "later" or EditedSQL("SELECT …")')


def _config(thread_id: str | None, limit: int = 25) -> RunnableConfig:
    return {"recursion_limit": limit, "configurable": {"thread_id": thread_id}}
