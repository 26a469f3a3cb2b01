"""The engine that spreads a run over a Ray cluster: workers answer parts of it, this process alone writes."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

try:
    import ray
    from ray import cloudpickle
    from ray.exceptions import NodeDiedError, ObjectLostError, OutOfMemoryError, RayError, WorkerCrashedError
except ModuleNotFoundError as exc:
    from agentsql.errors import MissingExtraError

    raise MissingExtraError("`--engine ray`", "ray", "ray") from exc

from agentsql.errors import AgentSQLError, ModelUnreachableError, UsageError
from agentsql.evaluation.questions import Question
from agentsql.evaluation.records import Record, record_from
from agentsql.runs.asking import Judge, error_record, verdict_on, with_verdict
from agentsql.runs.runner import Bounds, Keep, OpenAgent, answer_all
from agentsql.runs.shard import groups

logger = logging.getLogger(__name__)

_MOST_A_PART = 200
"""Questions of one part: what is in flight in a worker that dies is asked again, the rest of its part moves on."""
_PARTS_A_WORKER = 4
"""So many, so that workers end at about the same time."""
_DEATHS = 3
"""A question whose worker dies so often while it is alone there is given up."""
_STORE_BYTES = 100_000_000
"""Shared memory of a local cluster: records are small and pass through at once."""
_LOST = (WorkerCrashedError, NodeDiedError, OutOfMemoryError, ObjectLostError)
"""What a worker's death looks like from here."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Questions that one worker is given."""

    questions: tuple[Question, ...]
    deaths: int = 0
    """Workers that died on it without answering any of its questions."""


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Answers as `answer_all` does, on the workers of a cluster, which share `Bounds.concurrency`."""

    address: str = ""
    """Of a cluster that this machine is of, `HOST:6379` or `auto`; empty starts one here and stops it again."""
    workers: int | None = None
    """Parts of the run that are worked on at a time, each on a CPU of its own; None takes as many as there are CPUs."""

    async def __call__(
        self,
        questions: Sequence[Question],
        *,
        judge: Judge,
        open_agent: OpenAgent,
        keep: Keep,
        bounds: Bounds,
        say: Callable[[str], None],
    ) -> None:
        """See `answer_all`.

        Raises:
            UsageError: the models or the judge cannot be sent to another process, or there is no cluster.
            ModelUnreachableError: likewise.
        """
        if not questions:
            return
        sent = _sendable(judge, open_agent)
        with _cluster(self.address, self.workers):
            workers = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
            parts = _parts(questions, workers)
            workers = min(workers, len(parts))
            of_one = replace(bounds, concurrency=math.ceil(bounds.concurrency / workers), databases=1)
            say(f"{len(parts)} parts on {workers} workers, {of_one.concurrency} questions at a time on each")
            spread = _Spread(sent, of_one, keep, say, judge, parts)
            try:
                async with asyncio.TaskGroup() as tasks:
                    for _ in range(workers):
                        tasks.create_task(spread.work())
            except BaseExceptionGroup as problems:
                raise problems.exceptions[0] from None


class _Spread:
    """Hands parts to workers, and what they answer to the one writer."""

    def __init__(
        self,
        sent: bytes,
        bounds: Bounds,
        keep: Keep,
        say: Callable[[str], None],
        judge: Judge,
        parts: Sequence[_Part],
    ) -> None:
        self._sent = ray.put(sent)
        self._bounds = bounds
        self._keep = keep
        self._say = say
        self._judge = judge
        self._parts: asyncio.Queue[_Part] = asyncio.Queue()
        self._left = 0
        for part in parts:
            self._give(part)
        self._writing = asyncio.Lock()

    async def work(self) -> None:
        """Have parts answered, one after another, until there are none left anywhere."""
        while self._left:
            try:
                part = await asyncio.wait_for(self._parts.get(), 0.2)
            except TimeoutError:
                continue  # another worker has the last parts, and may yet die
            await self._answer(part)
            self._left -= 1

    def _give(self, part: _Part) -> None:
        self._left += 1
        self._parts.put_nowait(part)

    async def _answer(self, part: _Part) -> None:
        left = {one.id: one for one in part.questions}
        stream = _answer_part.remote(self._sent, part.questions, self._bounds)
        try:
            async for reference in stream:
                kind, content = await reference
                if kind == "records":
                    records = [record_from(json.loads(line)) for line in content]
                    await self._write([one for one in records if left.pop(one.question_id, None)])
                elif kind == "said":
                    self._say(content)
                else:
                    raise ModelUnreachableError(content)
        except _LOST as exc:
            await self._again(part, tuple(left.values()), exc)
        except RayError as exc:
            raise AgentSQLError(f"a Ray worker failed: {str(exc).strip().splitlines()[-1]}") from exc
        except asyncio.CancelledError:
            ray.cancel(stream, force=True)  # the run has ended; on a cluster that stays, its workers must too
            raise

    async def _again(self, part: _Part, left: tuple[Question, ...], problem: Exception) -> None:
        """Give what a dead worker has not answered to others; in halves, so that a deadly question ends up alone."""
        deaths = part.deaths + 1 if len(left) == len(part.questions) else 1
        self._say(f"a worker died; {len(left)} questions go to another ({type(problem).__name__})")
        if len(left) == 1 and deaths >= _DEATHS:
            (question,) = left
            record = error_record(question, f"{type(problem).__name__}: {deaths} workers died on it")
            await self._write([with_verdict(record, verdict_on(record, question, self._judge))])
            return
        middle = math.ceil(len(left) / 2)
        for half in filter(None, (left[:middle], left[middle:])):
            self._give(_Part(half, deaths))

    async def _write(self, records: list[Record]) -> None:
        if records:
            async with self._writing:
                await asyncio.to_thread(self._keep, records)


def _answers(sent: bytes, questions: Sequence[Question], bounds: Bounds) -> Iterator[tuple[str, Any]]:
    """Answer questions in a worker, and yield what becomes of them as it comes."""
    judge, open_agent = cloudpickle.loads(sent)
    came: queue.SimpleQueue[tuple[str, Any] | BaseException | None] = queue.SimpleQueue()

    def keep(records: Sequence[Record]) -> None:
        came.put(("records", [one.to_json() for one in records]))

    def work() -> None:
        try:
            asyncio.run(
                answer_all(
                    questions,
                    judge=judge,
                    open_agent=open_agent,
                    keep=keep,
                    bounds=bounds,
                    say=lambda line: came.put(("said", line)),
                )
            )
        except ModelUnreachableError as exc:
            came.put(("stopped", str(exc)))
        except BaseException as exc:  # raised below, where Ray sees it
            came.put(exc)
        came.put(None)

    threading.Thread(target=work, name="agentsql run: part", daemon=True).start()
    while (item := came.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item


_answer_part: Any = ray.remote(num_cpus=1, max_retries=0, num_returns="streaming")(_answers)
"""The same as a task of the cluster; Ray must not begin it again by itself, as part of it may be answered."""


@contextmanager
def _cluster(address: str, workers: int | None) -> Iterator[None]:
    """Connect to a cluster, or start one on this machine that ends with the run; one that is connected to is used."""
    if ray.is_initialized():
        yield
        return
    if address.startswith("ray://"):  # Ray's client has no streaming tasks: ray 2.60, util/client/worker.py
        raise UsageError(
            f"a run cannot be spread from outside a cluster, by {address}; run it on one of the cluster's machines, "
            "with --address auto"
        )
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    quiet: dict[str, Any] = {"include_dashboard": False, "object_store_memory": _STORE_BYTES, "num_cpus": workers}
    try:
        ray.init(
            address=address or "local",
            logging_level=logging.ERROR,
            log_to_driver=False,
            **({} if address else quiet),
        )
    except (ConnectionError, RuntimeError, ValueError) as exc:
        raise UsageError(
            f"there is no Ray cluster at {address or 'this machine'}: {exc}; start one by `ray start --head`"
        ) from exc
    try:
        yield
    finally:
        ray.shutdown()


def _sendable(judge: Judge, open_agent: OpenAgent) -> bytes:
    try:
        sent: bytes = cloudpickle.dumps((judge, open_agent))
    # What is sent may be anyone's objects, which raise what they like when they are not to be sent.
    except Exception as exc:
        raise UsageError(
            f"the models or the judge of this run cannot be sent to another process: {exc}; "
            "name models by their specs, and make the judge a function of a module"
        ) from exc
    return sent


def _parts(questions: Sequence[Question], workers: int) -> list[_Part]:
    """Cut the questions of each database into parts; those of small databases go together."""
    most = max(1, min(_MOST_A_PART, math.ceil(len(questions) / (workers * _PARTS_A_WORKER))))
    parts: list[list[Question]] = []
    for group in groups(questions):
        for start in range(0, len(group), most):
            piece = group[start : start + most]
            if parts and len(parts[-1]) + len(piece) <= most:
                parts[-1] += piece
            else:
                parts.append(piece)
    return [_Part(tuple(part)) for part in parts]
