"""The processes that DuckDB runs in: started when they are needed, ended when a query does not end."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time

from agentsql.db.duckdb_worker import Reply, Request, WorkerSpec
from agentsql.db.limits import Limits

_GRACE_S = 2.0
"""Seconds after the deadline in which a query may still end by itself."""
_START_S = 120.0
"""Seconds a process may take to open the database; on a busy machine loading DuckDB alone takes several."""
_PROCESSES = 4
"""Queries of one database that run at a time; DuckDB spreads each over all cores."""


class ProcessEnded(Exception):  # noqa: N818 - `killed` says whether it is an error of the query's
    """A process ended before it replied: killed at the deadline, or by itself."""

    def __init__(self, *, killed: bool) -> None:
        super().__init__("killed at the deadline" if killed else "the DuckDB process ended")
        self.killed = killed


class DuckDBProcess:
    """One process with one database open; used by one thread at a time."""

    def __init__(self, spec: WorkerSpec) -> None:
        self.spec = spec
        self.opened = Reply()
        """What came of opening; its `error` is empty if that went well."""
        self.is_used = False
        self._process = subprocess.Popen(
            # Not by `-m`: its classes would be of `__main__`, which no reply could name. `-P` keeps modules of the
            # current folder out.
            [sys.executable, "-P", "-c", "from agentsql.db.duckdb_worker import main; raise SystemExit(main())"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl+C is for the program that asks
        )
        try:
            self.opened = self._exchange(spec, None if spec.load else _START_S)
        except BaseException:
            self.close()
            raise

    def run(self, request: Request) -> Reply:
        """Run one statement.

        Raises:
            ProcessEnded: there is no reply; the process is of no use any more.
        """
        self.is_used = True
        return self._exchange(request, request.limits.timeout_s + _GRACE_S)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                try:
                    stream.close()
                except OSError:
                    continue  # what was not sent yet has no receiver any more
        self._process.wait()

    def _exchange(self, message: WorkerSpec | Request, seconds: float | None) -> Reply:
        assert self._process.stdin and self._process.stdout
        killed = threading.Event()

        def kill() -> None:
            killed.set()
            self._process.kill()

        timer = threading.Timer(seconds, kill) if seconds is not None else None
        if timer:
            timer.daemon = True
            timer.start()
        try:
            pickle.dump(message, self._process.stdin)
            self._process.stdin.flush()
            reply: Reply = pickle.load(self._process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as problem:
            raise ProcessEnded(killed=killed.is_set()) from problem
        finally:
            if timer:
                timer.cancel()
        return reply


class ProcessPool:
    """Lends processes that have one state of one database open. Safe to use from several threads."""

    def __init__(self, spec: WorkerSpec) -> None:
        self.spec = spec
        self._turns = threading.BoundedSemaphore(_PROCESSES)
        self._mutex = threading.Lock()
        self._idle: list[DuckDBProcess] = []
        self._busy: set[DuckDBProcess] = set()
        self.is_closed = False
        """True after `close` or `retire`; then it runs nothing more."""

    def run(self, sql: str, limits: Limits) -> tuple[Reply, float]:
        """Run one statement under the second lock alone, and give the seconds it took.

        A process that ended while nobody used it is replaced. One that ends in a query has met the bound of its memory,
        or DuckDB broke: the reply says so.
        """
        with self._turns:
            while True:
                try:
                    process = self._lend()
                except ProcessEnded:
                    return _ended(self.is_closed), 0.0
                started = time.perf_counter()
                was_used, usable = process.is_used, False
                try:
                    reply = process.opened if process.opened.error else process.run(Request(sql, limits))
                    usable = not process.opened.error
                    return reply, time.perf_counter() - started
                except ProcessEnded as ended:
                    if ended.killed:
                        return _INTERRUPTED, time.perf_counter() - started
                    if not was_used or self.is_closed:
                        return _ended(self.is_closed), time.perf_counter() - started
                finally:
                    self._give_back(process, usable=usable)

    def close(self) -> None:
        """End every process, those in the middle of a query too."""
        self._end(busy_too=True)

    def retire(self) -> None:
        """End the processes that nobody uses now, and each other one after its query."""
        self._end(busy_too=False)

    def _end(self, *, busy_too: bool) -> None:
        with self._mutex:
            self.is_closed = True
            ending = [*self._idle, *(self._busy if busy_too else ())]
            self._idle = []
        for process in ending:
            process.close()

    def _lend(self) -> DuckDBProcess:
        with self._mutex:
            if self.is_closed:
                raise ProcessEnded(killed=False)
            process = self._idle.pop() if self._idle else None
            if process:
                self._busy.add(process)
                return process
        process = DuckDBProcess(self.spec)
        with self._mutex:
            if not self.is_closed:
                self._busy.add(process)
                return process
        process.close()
        raise ProcessEnded(killed=False)

    def _give_back(self, process: DuckDBProcess, *, usable: bool) -> None:
        with self._mutex:
            self._busy.discard(process)
            if usable and not self.is_closed:
                self._idle.append(process)
                return
        process.close()


_INTERRUPTED = Reply(error="InterruptException", message="INTERRUPT Error: Interrupted!")


def _ended(closed: bool) -> Reply:
    if closed:
        return Reply(error="ConnectionException", message="Connection Error: the database was closed")
    return Reply(error="OutOfMemoryException", message="Out of Memory Error: the query needs too much memory")


def fill_database(spec: WorkerSpec) -> Reply:
    """Make the database that `spec.load` describes and give what came of it.

    Raises:
        ProcessEnded: the process ended before it was done.
    """
    process = DuckDBProcess(spec)
    process.close()
    return process.opened
