"""Keeps the value index of one database: finds its file, has it made in the background, follows the data."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from agentsql.db.database import Database
from agentsql.db.schema import Schema
from agentsql.db.value_build import FORMAT, build_values, exclude_patterns, is_excluded
from agentsql.db.value_index import ValueIndex
from agentsql.settings import ValueSettings

logger = logging.getLogger(__name__)

_REST = 10.0
"""After a build no other starts for this many times as long as it took, however often the data changes."""
_POLL_S = 0.5
"""Between two looks for the file that another process is making."""


class ValueStore:
    """The value index of one database, as far as it is made. Safe to use from several threads.

    There is one file for each state of the data, in `directory`, readable by its owner only. Files of earlier states
    serve until the next is made; those made with other settings are removed, because they may hold excluded columns.
    """

    def __init__(self, database: Database, settings: ValueSettings, directory: Path) -> None:
        self._database = database
        self._settings = settings
        self._directory = directory
        self._mutex = threading.Lock()
        self._index = ValueIndex()
        self._shown = Path()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._rests_until = 0.0

    @property
    def index(self) -> ValueIndex:
        """What can be looked up now: while it is made for the first time, an empty one that is not current."""
        return self._index

    @property
    def is_building(self) -> bool:
        """True while values are being read."""
        return not self._idle.is_set()

    def refresh(self, schema: Schema) -> None:
        """Look whether there is a file for the data as it is now; if not, have it made in the background."""
        if self._closing.is_set() or not self._settings.distinct:
            return
        stamp = self._database.data_stamp()
        if stamp is None:
            return
        target = self._file_of(stamp)
        with self._mutex:
            if self.is_building or (target == self._shown and self._index.is_current):
                return
            try:
                self._remove_others(target)
                if target.exists() and self._show(target, current=True):
                    return
                if not self._show_earlier(target):
                    self._index, self._shown = ValueIndex(current=False), Path()
            except OSError as problem:
                logger.warning("values are not indexed: %s cannot be used (%s)", self._directory, problem)
                return
            if time.monotonic() >= self._rests_until:
                self._idle.clear()
                self._thread = threading.Thread(
                    target=self._build, args=(target, schema), name="agentsql-values", daemon=True
                )
                self._thread.start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until nothing is being built; False if that takes longer."""
        return self._idle.wait(seconds)

    def close(self) -> None:
        """Stop building, which a later process goes on with, and close the file."""
        self._closing.set()
        if self._thread:
            self._thread.join(timeout=1.0)
        self._index.close()

    def _file_of(self, stamp: Mapping[str, int | str]) -> Path:
        identity = _digest(stamp.get("identity", ""))
        made_with = _digest([FORMAT, dataclasses.asdict(self._settings)])[:8]
        return self._directory / f"{identity}.{made_with}.{_digest(dict(stamp))[:16]}.values"

    def _build(self, target: Path, schema: Schema) -> None:
        started = time.monotonic()
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._make(target, schema):
                with self._mutex:
                    self._remove_others(target, also_earlier=True)
                    self._show(target, current=True)
                logger.info("indexed the values of %s in %.1f s", self._database.name, time.monotonic() - started)
        except (OSError, sqlite3.Error) as problem:
            logger.warning("the values of %s are not indexed: %s", self._database.name, problem)
        finally:
            finished = time.monotonic()
            self._rests_until = finished + _REST * (finished - started)
            self._idle.set()

    def _make(self, target: Path, schema: Schema) -> bool:
        """Make the file, or wait for another process that makes it; False if this store is closed first."""
        part = target.with_suffix(".part")
        lock = FileLock(target.with_suffix(".lock"), timeout=0)
        while not self._closing.is_set():
            try:
                with lock:
                    if not target.exists():
                        if not build_values(
                            part, schema, self._database.run, self._settings, stopped=self._closing.is_set
                        ):
                            return False
                        part.replace(target)
                    target.with_suffix(".lock").unlink(missing_ok=True)
                    return True
            except Timeout:
                self._closing.wait(_POLL_S)
        return False

    def _show(self, path: Path, *, current: bool) -> bool:
        try:
            index = ValueIndex(path, current=current)
        except sqlite3.Error as problem:
            logger.warning("the value index %s is broken and is made anew (%s)", path, problem)
            path.unlink(missing_ok=True)
            return False
        # The index before it is closed with its last user: a question may be in the middle of a look-up.
        self._index, self._shown = index, path
        return True

    def _show_earlier(self, target: Path) -> bool:
        """Go on with the index of an earlier state of the data, if there is one."""
        earlier = [path for path in self._files_like(target) if path != target and path.suffix == ".values"]
        for path in sorted(earlier, key=lambda one: one.stat().st_mtime, reverse=True):
            if self._show(path, current=False):
                return True
        return False

    def _remove_others(self, target: Path, *, also_earlier: bool = False) -> None:
        """Remove this database's files of other settings, and on request those of earlier states of the data."""
        identity, made_with, _ = target.stem.split(".")
        for path in self._files_like(target):
            other = not path.name.startswith(f"{identity}.{made_with}.")
            if other or (also_earlier and path.stem != target.stem):
                with suppress(OSError):
                    path.unlink()

    def _files_like(self, target: Path) -> list[Path]:
        identity = target.stem.split(".")[0]
        return [
            path
            for path in sorted(self._directory.glob(f"{identity}.*"))
            if path.suffix in (".values", ".part", ".lock", ".part-journal")
        ]


def without_values(schema: Schema, exclude: str) -> Schema:
    """Give the schema with no values for the excluded columns (see `ValueSettings.exclude`)."""
    patterns = exclude_patterns(exclude)
    if not patterns:
        return schema
    tables = []
    for table in schema:
        columns = tuple(
            dataclasses.replace(column, values=(), values_complete=False)
            if is_excluded(table.name, column.name, patterns)
            else column
            for column in table.columns
        )
        tables.append(dataclasses.replace(table, columns=columns))
    return dataclasses.replace(schema, tables=tuple(tables))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:32]
