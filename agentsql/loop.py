"""An event loop in a thread of its own, so that one agent serves sync and async callers alike; and blocking work."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import inspect
import queue
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")
Item = TypeVar("Item")
Emitting = Callable[[Callable[[Item], None]], Coroutine[Any, Any, object]]
"""Makes a coroutine that hands items to the function it is given."""


class TurnMissedError(Exception):
    """No worker thread became free in time."""


class BackgroundLoop:
    """Runs coroutines from any thread; HTTP connections opened in it stay usable from call to call."""

    def __init__(self, *, workers: int) -> None:
        """Set how many threads do the blocking work of its coroutines; what is more waits in order."""
        self._workers = workers
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._running: set[Future[Any]] = set()

    @property
    def is_running(self) -> bool:
        return self._loop is not None

    def submit(self, coroutine: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Start `coroutine`; cancelling the future cancels it."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._loop.set_default_executor(ThreadPoolExecutor(self._workers, thread_name_prefix="agentsql-work"))
                self._thread = threading.Thread(target=self._loop.run_forever, name="agentsql", daemon=True)
                self._thread.start()
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def start(self, coroutine: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Do as `submit` does with what `cancel` may stop."""
        future = self.submit(coroutine)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def emitted(self, emitting: Emitting[Item]) -> Iterator[Item]:
        """Run a coroutine and yield what it hands out meanwhile; its error is raised after that.

        The coroutine begins with the first item that is asked for; it is cancelled when no more are.
        """
        items: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        future = self.start(emitting(items.put))
        future.add_done_callback(lambda _future: items.put(None))
        try:
            while (item := items.get()) is not None:
                yield item
            future.result()
        finally:
            future.cancel()

    async def aemitted(self, emitting: Emitting[Item]) -> AsyncGenerator[Item]:
        """Do as `emitted` does, from any event loop; `emitting` is called in that one."""
        loop = asyncio.get_running_loop()
        items: asyncio.Queue[Item | None] = asyncio.Queue()

        def put(item: Item | None) -> None:
            loop.call_soon_threadsafe(items.put_nowait, item)

        future = self.start(emitting(put))
        future.add_done_callback(lambda _future: put(None))
        try:
            while (item := await items.get()) is not None:
                yield item
            future.result()
        finally:
            future.cancel()

    @contextlib.contextmanager
    def turn(self, *, wait_s: float) -> Iterator[None]:
        """Keep one of the worker threads idle during the block, whose blocking work in this thread then counts as its.

        A thread that has to see Ctrl-C, or that owns what it works with, cannot give its work away.

        Raises:
            TurnMissedError: as `in_turn` does.
        """
        begun, ended = threading.Event(), threading.Event()

        def stand_in() -> None:
            begun.set()
            ended.wait()

        standing = self.start(in_turn(stand_in, wait_s=wait_s))
        standing.add_done_callback(lambda _future: begun.set())
        try:
            begun.wait()
            if standing.done():
                standing.result()
            yield
        finally:
            ended.set()

    def cancel(self) -> None:
        """Cancel all that was started; whoever waits for it gets `concurrent.futures.CancelledError`."""
        for future in tuple(self._running):
            future.cancel()

    def close(self) -> None:
        """Stop the loop after cancelling what still runs; calling it again does nothing."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _cancel_others() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
    await asyncio.get_running_loop().shutdown_default_executor()


async def in_turn(work: Callable[[], Result], *, wait_s: float) -> Result:
    """Run blocking `work` in one of the loop's worker threads, as soon as one is free; who came first goes first.

    Raises:
        TurnMissedError: none became free within `wait_s` seconds; then the work is not done.
    """
    began = False

    def run() -> Result:
        nonlocal began
        began = True
        return work()

    future = asyncio.get_running_loop().run_in_executor(None, contextvars.copy_context().run, run)
    await asyncio.wait((future,), timeout=max(0.0, wait_s))
    if not (future.done() or began):
        future.cancel()
        raise TurnMissedError
    return await future


async def call_back(
    function: Callable[[Argument], Result | Awaitable[Result]],
    argument: Argument,
    *,
    loop: asyncio.AbstractEventLoop | None = None,
) -> Result:
    """Call a function of the caller's, which may block; what an async one gives is awaited in `loop`, or here."""
    given = await in_daemon_thread(lambda: function(argument), name="agentsql-callback")
    if not inspect.isawaitable(given):
        return given

    async def awaited() -> Result:
        return await given

    return await (awaited() if loop is None else asyncio.wrap_future(asyncio.run_coroutine_threadsafe(awaited(), loop)))


async def in_daemon_thread(work: Callable[[], Result], *, name: str) -> Result:
    """Run blocking `work` in a thread that does not hold up the end of the program, unlike asyncio's own threads."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # None only where Result is None

    def run() -> None:
        try:
            outcome: tuple[Result | None, BaseException | None] = (work(), None)
        except BaseException as exc:  # handed to whoever awaits, whatever it is
            outcome = (None, exc)
        with contextlib.suppress(RuntimeError):  # the loop has been closed, so nobody awaits any more
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await done
