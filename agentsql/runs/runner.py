"""Asks many questions at a time, a few databases at a time, and hands over each record as it comes."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from agentsql.agent import SQLAgent
from agentsql.errors import ModelUnreachableError
from agentsql.evaluation.questions import Question, Verdict
from agentsql.evaluation.records import Record
from agentsql.loop import in_daemon_thread
from agentsql.runs.asking import Judge, ask_question, error_record, error_text, is_unreachable, verdict_on, with_verdict
from agentsql.runs.shard import groups
from agentsql.runs.turns import Turns

logger = logging.getLogger(__name__)

OpenAgent = Callable[[Question], SQLAgent]
"""Opens the agent of a question's database; called once for each database, in a thread of its own."""
Keep = Callable[[Sequence[Record]], None]
"""Takes records, some at a time, in a thread of its own but never in two at once; they are safe when it returns."""

_CLOSE_S = 10.0
"""For closing an agent, after which it is left to itself: a step that hangs must not hold up the run."""
_JUDGE_S = 600.0
"""For judging one answer; the queries inside have limits of their own."""
_ANSWERED_AHEAD = 4
"""Answers waiting to be judged, for each question in flight; beyond, no new question is asked."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is done at a time, and how long anything may take."""

    concurrency: int = 32
    """Questions in flight."""
    databases: int = 4
    """Databases open; more if they have fewer than `concurrency` questions together."""
    in_order: bool = False
    """One database after the other where possible, for a model that answers one question at a time."""
    deadline_s: float = 360.0
    """For one question."""
    open_s: float = 120.0
    """For opening a database."""
    values_s: float = 120.0
    """For its cell values to be read, after which it is asked without them."""
    judges: int = field(default_factory=lambda: max(2, os.cpu_count() or 1))
    """Answers judged at a time."""
    unreachable: int = 5
    """Questions in a row whose model cannot be reached, after which the run stops."""


async def answer_all(
    questions: Sequence[Question],
    *,
    judge: Judge,
    open_agent: OpenAgent,
    keep: Keep,
    bounds: Bounds | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> None:
    """Answer the questions, each exactly once; those of one database one after another as their turns come.

    Args:
        say: told about a database that cannot be used.

    Raises:
        ModelUnreachableError: so many questions in a row could not reach their model; the rest was not asked.
        OSError: what `keep` raises.
    """
    if questions:
        await _Answering(groups(questions), judge, open_agent, keep, bounds or Bounds(), say).answer()


class _Answering:
    """The state that the tasks of one run share."""

    def __init__(
        self,
        by_database: Sequence[Sequence[Question]],
        judge: Judge,
        open_agent: OpenAgent,
        keep: Keep,
        bounds: Bounds,
        say: Callable[[str], None],
    ) -> None:
        self._by_database = by_database
        self._judge = judge
        self._open_agent = open_agent
        self._keep = keep
        self._bounds = bounds
        self._say = say
        self._turns = Turns(bounds.concurrency, len(by_database), in_order=bounds.in_order)
        self._records: asyncio.Queue[Record] = asyncio.Queue()
        self._judging = asyncio.Semaphore(bounds.judges)
        self._unkept = asyncio.Semaphore((1 + _ANSWERED_AHEAD) * bounds.concurrency)
        self._left: dict[int, int] = {}
        """For each open database, its questions that are not answered yet."""
        self._answered = asyncio.Event()
        self._unjudged = 0
        """Questions that are answered and not judged yet."""
        self._in_a_row = 0
        self._lost: ModelUnreachableError | None = None
        """Why no further question is asked."""

    async def answer(self) -> None:
        writing = asyncio.create_task(self._write())
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(_watched(writing))
                asking = [await self._begin(number, tasks) for number in range(len(self._by_database))]
                await asyncio.wait(asking)
                await self._records.join()
                writing.cancel()
        except BaseExceptionGroup as problems:
            raise _first(problems) from None
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await writing
            self._keep_rest()

    async def _begin(self, number: int, tasks: asyncio.TaskGroup) -> asyncio.Task[None]:
        """Start a database when there is room for one more."""
        bounds = self._bounds
        while len(self._left) >= bounds.databases and sum(self._left.values()) >= bounds.concurrency:
            self._answered.clear()
            await self._answered.wait()
        self._left[number] = len(self._by_database[number])
        return tasks.create_task(self._ask_database(number, tasks))

    async def _ask_database(self, number: int, tasks: asyncio.TaskGroup) -> None:
        questions, asked = self._by_database[number], []
        agent, problem = await self._opened(questions[0])
        try:
            if agent is None:
                self._say(f"{questions[0].db_id} cannot be asked ({len(questions)} of the questions): {problem}")
            else:
                await self._wait_for_values(agent, questions[0])
            for question in questions:
                await self._unkept.acquire()
                if agent is not None:
                    await self._turns.take(number)
                if self._lost:
                    break
                asked.append(tasks.create_task(self._answer_one(number, agent, question, problem)))
            self._turns.finish()
            if asked:
                await asyncio.wait(asked)
        finally:
            del self._left[number]
            self._answered.set()
            if agent is not None:
                await _close(agent)

    async def _opened(self, question: Question) -> tuple[SQLAgent | None, str]:
        """Give the agent of a database, or none and `kind: message` of why."""
        abandoned = threading.Event()

        def opened() -> SQLAgent:
            agent = self._open_agent(question)
            if abandoned.is_set():
                agent.close()
            return agent

        limit = asyncio.timeout(self._bounds.open_s)
        try:
            async with limit:
                return await in_daemon_thread(opened, name="agentsql run: open"), ""
        except asyncio.CancelledError:
            abandoned.set()
            raise
        # The database may be a plugin's; what it raises concerns its questions only.
        except Exception as exc:
            if not limit.expired():
                return None, error_text(exc)
            abandoned.set()
            return None, f"DatabaseError: it could not be opened within {self._bounds.open_s:g} s"

    async def _wait_for_values(self, agent: SQLAgent, question: Question) -> None:
        seconds = self._bounds.values_s
        if not await in_daemon_thread(lambda: agent.wait_for_values(seconds), name="agentsql run: values"):
            self._say(f"{question.db_id}: not all of its values are read after {seconds:g} s; it is asked without them")

    async def _answer_one(self, number: int, agent: SQLAgent | None, question: Question, problem: str) -> None:
        if agent is None:
            record = error_record(question, problem)
        else:
            try:
                record = await ask_question(agent, question, deadline_s=self._bounds.deadline_s)
            finally:
                self._turns.give(number)
        # In the order of the answers: judging takes longer for one than for another.
        self._watch_reach(record)
        self._unjudged += 1
        record = with_verdict(record, await self._verdict(record, question))
        self._records.put_nowait(record)
        self._unkept.release()
        self._left[number] -= 1
        self._answered.set()
        self._unjudged -= 1
        if self._lost and not self._unjudged:
            raise self._lost

    def _watch_reach(self, record: Record) -> None:
        """Count the answers in a row that the model was not reached for; too many end the run when all are judged."""
        self._in_a_row = self._in_a_row + 1 if is_unreachable(record) else 0
        if self._in_a_row >= self._bounds.unreachable and not self._lost:
            self._lost = ModelUnreachableError(
                f"the run stopped after {self._in_a_row} questions in a row that could not reach their model; "
                f"the last: {record.error}"
            )

    async def _verdict(self, record: Record, question: Question) -> Verdict:
        async with self._judging:
            try:
                async with asyncio.timeout(_JUDGE_S):
                    return await in_daemon_thread(
                        lambda: verdict_on(record, question, self._judge), name="agentsql run: judge"
                    )
            except TimeoutError:
                wrong = False if question.golds else None
                return Verdict(wrong, gold_error=f"judging took more than {_JUDGE_S:g} s")

    async def _write(self) -> None:
        """Hand over what has come, as much as there is: one wait for the disk serves many records."""
        while True:
            records = [await self._records.get()]
            while not self._records.empty():
                records.append(self._records.get_nowait())
            writing = asyncio.ensure_future(in_daemon_thread(lambda: self._keep(records), name="agentsql run: write"))  # noqa: B023
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await writing
                raise
            for _ in records:
                self._records.task_done()

    def _keep_rest(self) -> None:
        """Keep what came after the writing was stopped."""
        records = []
        while not self._records.empty():
            records.append(self._records.get_nowait())
        if records:
            self._keep(records)


async def _watched(writing: asyncio.Task[None]) -> None:
    """End when the writing does; a full disk then ends the run."""
    with suppress(asyncio.CancelledError):
        await asyncio.shield(writing)


async def _close(agent: SQLAgent) -> None:
    try:
        async with asyncio.timeout(_CLOSE_S):
            await in_daemon_thread(agent.close, name="agentsql run: close")
    except TimeoutError:
        logger.warning("an agent could not be closed within %g s; it is left to itself", _CLOSE_S)


def _first(problems: BaseExceptionGroup[BaseException]) -> BaseException:
    """Give one of the exceptions that ended the tasks; the others followed from it or are its like."""
    for problem in problems.exceptions:
        return _first(problem) if isinstance(problem, BaseExceptionGroup) else problem
    return problems
