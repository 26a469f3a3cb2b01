"""Runs a compiled graph on one question, and keeps threads on disk."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import aiosqlite
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.errors import GraphRecursionError

from agentsql import types
from agentsql.errors import AgentSQLError, GraphError
from agentsql.graph.build import Compiled, compile_graph, graph_input
from agentsql.graph.spec import GraphSpec
from agentsql.resources import Resources

_KEPT_TYPES = ("Candidate", "ExecutionResult", "Links", "QueryFailure", "TraceEvent", "Turn", "Usage")


class GraphRunner:
    """A graph, compiled once without threads and once with, the latter when a thread is first used."""

    def __init__(self, spec: GraphSpec, threads: Path) -> None:
        self._spec = spec
        self._threads = threads
        self._plain: Compiled | None = None
        self._threaded: Compiled | None = None
        self._connection: aiosqlite.Connection | None = None
        self._opening = asyncio.Lock()

    @property
    def compiled(self) -> Compiled:
        """The LangGraph without threads; run it with `context=Resources`."""
        if self._plain is None:
            self._plain = compile_graph(self._spec)
        return self._plain

    async def run(self, question: str, evidence: str, resources: Resources, thread_id: str | None) -> None:
        """Run one question; what happens is told through `resources.emit`.

        Raises:
            GraphError: the graph went round more often than its corrections allow.
            AgentSQLError: the file of threads cannot be read or written.
        """
        graph = self.compiled if thread_id is None else await self._with_threads()
        rounds = resources.settings.budget.corrections + 2
        limit = len(self._spec.nodes) * rounds
        try:
            await graph.ainvoke(
                graph_input(question, evidence),
                config={"recursion_limit": limit, "configurable": {"thread_id": thread_id}},
                context=resources,
                durability=None if thread_id is None else "exit",
            )
        except GraphRecursionError as exc:
            raise GraphError(self._spec.name, [f"no end after {limit} rounds; does a loop count its rounds?"]) from exc
        except sqlite3.Error as exc:  # of the file of threads: a query's own errors are in its result
            if thread_id is None:
                raise
            raise self._unusable(exc) from exc

    async def close(self) -> None:
        """Close the file of threads."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = self._threaded = None

    async def _with_threads(self) -> Compiled:
        async with self._opening:
            if self._threaded is None:
                try:
                    self._threads.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    self._threads.touch(mode=0o600)  # it holds rows; SQLite gives its side files the same mode
                    self._connection = await aiosqlite.connect(self._threads)
                except (OSError, sqlite3.Error) as exc:
                    raise self._unusable(exc) from exc
                kept = [(types.__name__, name) for name in _KEPT_TYPES]
                saver = AsyncSqliteSaver(self._connection, serde=JsonPlusSerializer(allowed_msgpack_modules=kept))
                self._threaded = compile_graph(self._spec, saver)
            return self._threaded

    def _unusable(self, problem: Exception) -> AgentSQLError:
        return AgentSQLError(
            f"cannot keep conversations in {str(self._threads)!r}: {problem}; "
            "move that file away, or ask without a thread"
        )
