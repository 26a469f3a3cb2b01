"""The audit log: one JSON object a line, each holding the hash of the line before, written before anything is run."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from agentsql.errors import AuditError
from agentsql.observe.chain import Tail, digest, entry_line, read_tail
from agentsql.observe.watching import Asked, QueryRan, os_user
from agentsql.types import Answer, Event, ExecutionResult

logger = logging.getLogger(__name__)

_LOCK_S = 30.0
"""Seconds a writer waits for others; an entry takes a few milliseconds."""


class AuditLog:
    """Appends entries to one file, from any thread and beside other processes."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser()
        self._user = os_user()
        self._thread_lock = threading.Lock()
        # Beside the file, because a lock on the file itself would be lost with a file that is moved away.
        self._lock = FileLock(f"{self.path}.lock", timeout=_LOCK_S, mode=0o600, poll_interval=0.005)
        self._known: tuple[tuple[int, int, int], Tail] | None = None

    def append(self, event: str, fields: Mapping[str, Any]) -> None:
        """Write one entry and wait until it is on disk.

        Raises:
            AuditError: it cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._thread_lock, self._lock:
                self._write(event, fields)
        except Timeout as exc:
            raise self._unwritable(f"another process has locked it for {_LOCK_S:g} s") from exc
        except OSError as exc:
            self._known = None
            raise self._unwritable(exc.strerror or str(exc)) from exc

    def _write(self, event: str, fields: Mapping[str, Any]) -> None:
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            tail = self._tail(handle)
            first = b"\n" if tail.is_open else b""
            if tail.torn:
                logger.warning("the audit log %s ended in a torn line; going on behind it", self.path)
                resumed = {"torn_bytes": len(tail.torn), "torn_sha256": digest(tail.torn)}
                tail = self._put(handle, tail, "resumed", resumed, first=b"" if tail.torn.endswith(b"\n") else b"\n")
            self._put(handle, tail, event, fields, first)
        finally:
            os.close(handle)

    def _tail(self, handle: int) -> Tail:
        known = self._known
        if known is not None and known[0] == _stamp(handle):
            return known[1]
        return read_tail(handle, self.path)

    def _put(self, handle: int, tail: Tail, event: str, fields: Mapping[str, Any], first: bytes = b"") -> Tail:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = entry_line({"n": tail.n + 1, "time": now, "event": event, "os_user": self._user, **fields}, tail.hash)
        whole = first + line + b"\n"
        # One call, so that only a crash of the machine or a full disk can tear the line.
        if os.write(handle, whole) != len(whole):
            self._known = None
            raise OSError(None, "there was no room for the whole line")
        os.fsync(handle)
        tail = Tail(tail.n + 1, digest(line))
        self._known = (_stamp(handle), tail)
        return tail

    def _unwritable(self, why: str) -> AuditError:
        return AuditError(
            f"the audit log {str(self.path)!r} cannot be written: {why}; nothing is asked of the database without it: "
            "mend that, or change [observe] audit"
        )


class AuditObserver:
    """Writes down each question, each query before and after it runs, and how each question ended."""

    sees_queries = True

    def __init__(self, log: AuditLog, *, database: str, version: str) -> None:
        """Open the log, which proves that it can be written.

        Raises:
            AuditError: it cannot.
        """
        self._log = log
        log.append("opened", {"database": database, "version": version, "pid": os.getpid()})

    def watch(self, asked: Asked) -> AuditWatch:
        return AuditWatch(self._log, asked)

    def query(self, asked: Asked, run: Callable[[], ExecutionResult], sql: str) -> ExecutionResult:
        """Run a query that belongs to no question between its two entries."""
        about = _about(asked)
        self._log.append("query", {**about, "sql": sql})
        result = run()
        self._log.append("ran", {**about, **_outcome(result)})
        return result


class AuditWatch:
    """Writes down one question."""

    def __init__(self, log: AuditLog, asked: Asked) -> None:
        self._log = log
        self._asked = asked
        self._about = _about(asked)

    async def begin(self) -> None:
        asked = self._asked
        fields: dict[str, Any] = {"question": asked.question}
        if asked.evidence:
            fields["evidence"] = asked.evidence
        if asked.thread_id:
            fields["thread"] = asked.thread_id
        await self._append("asked", fields)

    def event(self, event: Event) -> None:
        """Take no note: queries are told apart from steps."""

    def query_begins(self, sql: str) -> None:
        self._log.append("query", {**self._about, "sql": sql})

    def query_ended(self, query: QueryRan) -> None:
        self._log.append("ran", {**self._about, **_outcome(query.result)})

    async def end(self, answer: Answer | None, error: BaseException | None) -> None:
        if answer is None:
            await self._append("ended", {"status": "error", "error": type(error).__name__})
            return
        outcome = {"status": answer.status, "sql": answer.sql, "rows": len(answer.rows)}
        await self._append("ended", {**outcome, "seconds": round(answer.seconds, 3)})

    async def _append(self, event: str, fields: Mapping[str, Any]) -> None:
        await asyncio.to_thread(self._log.append, event, {**self._about, **fields})


def _about(asked: Asked) -> dict[str, Any]:
    about: dict[str, Any] = {"question_id": asked.question_id, "database": asked.database}
    if asked.principal:
        about["principal"] = asked.principal
    return about


def _outcome(result: ExecutionResult) -> dict[str, Any]:
    failure = result.error
    return {
        "status": failure.kind if failure else "ok",
        "rows": len(result.rows),
        "truncated": result.truncated,
        "seconds": round(result.seconds, 3),
    }


def _stamp(handle: int) -> tuple[int, int, int]:
    """Give what is the same as long as nobody else wrote: which file it is, and its size."""
    found = os.fstat(handle)
    return found.st_dev, found.st_ino, found.st_size
