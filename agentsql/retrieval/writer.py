"""Changes a store: log first, then vectors and rows, then the manifest, so that a crash loses nothing confirmed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from agentsql.errors import ExampleStoreError
from agentsql.retrieval.embed import Embedder
from agentsql.retrieval.example import Example, deletion_line, from_line, to_line
from agentsql.retrieval.index import FLAT_ROWS, TAIL_ROWS, build_base, extend_base
from agentsql.retrieval.manifest import (
    FILE as MANIFEST,
)
from agentsql.retrieval.manifest import (
    Files,
    Manifest,
    newest_log,
    open_private,
    read_manifest,
    rebuild_with,
    remove_others,
    write_manifest,
)
from agentsql.retrieval.view import ROW, db_hash, key_of, live_rows, map_rows, map_vectors

BATCH = 1024
"""Examples committed together: what an interrupted import has to do again."""

Report = Callable[[str], None]
_Item = TypeVar("_Item")


class StoreWriter:
    """One change of a store by the process that holds its lock."""

    def __init__(
        self,
        folder: Path,
        load: Callable[[], Embedder],
        report: Report = lambda _line: None,
        *,
        generation: int = 1,
    ) -> None:
        """Open the store, or begin one of that generation, and index what a crash left in the log.

        Args:
            load: gives the embedding model; called only if there is something to embed.

        Raises:
            ExampleStoreError: it is damaged, or of another model or format.
        """
        self._folder = folder
        self._load = load
        self._report = report
        found = read_manifest(folder)
        if found is None:
            embedder = load()
            found = Manifest(embedder.name, embedder.fingerprint, embedder.dimension, generation)
            open_private(Files(folder, generation).log).close()
            write_manifest(folder, found)
        self.manifest = found
        self._files = Files(folder, found.generation)
        self._keys = np.ascontiguousarray(map_rows(self._files, found)["key"])
        self._live = live_rows(self._files, found)
        self._added: dict[int, int] = {}
        self._catch_up()

    def add(self, examples: Iterable[Example]) -> int:
        """Add those that are not there yet and give how many that were."""
        before = self.manifest.examples
        for batch in batches(examples):
            by_key: dict[int, Example] = {}
            for example in batch:
                by_key.setdefault(key_of(example.id), example)
            if new := self._missing(by_key):
                self._embedder()  # refused before anything is written
                offsets, end = self._append([to_line(one) for one in new])
                self._index(list(zip(new, offsets, strict=True)))
                self._commit(log_bytes=end)
                self._report(f"{self.manifest.examples:,} examples in the store")
        self._sort_tail()
        return self.manifest.examples - before

    def delete(self, ids: Iterable[str]) -> int:
        """Delete the examples of these ids and give how many there were."""
        wanted = [one for one in dict.fromkeys(ids) if _is_id(one)]
        found = self._rows_of(map(key_of, wanted))
        if there := [one for one in wanted if key_of(one) in found]:
            _, end = self._append([deletion_line(one) for one in there])
            self._take_back(there)
            self._commit(log_bytes=end)
        return len(there)

    def _embedder(self) -> Embedder:
        embedder = self._load()
        check_model(self.manifest, embedder, self._folder)
        return embedder

    def _missing(self, by_key: Mapping[int, _Item]) -> list[_Item]:
        """Give the items whose id is not there yet."""
        there = self._rows_of(by_key)
        return [one for key, one in by_key.items() if key not in there]

    def _rows_of(self, keys: Iterable[int]) -> dict[int, int]:
        """Give the rows of those ids that are there; 20 ms for 1,000 ids among 1,000,000 rows."""
        wanted = np.unique(np.fromiter(keys, np.uint64))
        found = {key: self._added[key] for key in wanted.tolist() if key in self._added}
        if len(wanted) and len(self._keys):
            places = np.minimum(np.searchsorted(wanted, self._keys), len(wanted) - 1)
            for row in np.flatnonzero((wanted[places] == self._keys) & self._live).tolist():
                found[int(self._keys[row])] = row
        return found

    def _catch_up(self) -> None:
        """Index the lines that a crash left between log and manifest, and cut off a half-written last one.

        Doing some of it twice does no harm, so the manifest's `log_bytes` moves at the end only.
        """
        left: dict[int, tuple[Example, int]] = {}
        end = self.manifest.log_bytes
        for found, offset, after in read_log(self._files.log, end):
            end = after
            if isinstance(found, Example):
                left.setdefault(key_of(found.id), (found, offset))
                continue
            self._index(self._missing(left))
            left = {}
            self._take_back([found])
        self._index(self._missing(left))
        with open_private(self._files.log) as log:
            log.truncate(end)
            if end and log.seek(end - 1) and log.read() != b"\n":
                end += log.write(b"\n")
        if end != self.manifest.log_bytes:
            self._commit(log_bytes=end)

    def _append(self, lines: Sequence[bytes]) -> tuple[list[int], int]:
        """Have lines on disk at the end of the log; give where each begins, and where the last ends."""
        offsets = list(accumulate(map(len, lines), initial=self.manifest.log_bytes))
        _write_at(self._files.log, offsets[0], b"".join(lines))
        return offsets[:-1], offsets[-1]

    def _index(self, logged: Sequence[tuple[Example, int]]) -> None:
        """Embed examples that are not there yet and whose lines are in the log, at these offsets."""
        for batch in batches(logged):
            vectors = self._embedder().encode([one.compared for one, _ in batch])
            rows = np.empty(len(batch), ROW)
            rows["offset"] = [offset for _, offset in batch]
            rows["key"] = [key_of(one.id) for one, _ in batch]
            rows["db"] = [db_hash(one.db) for one, _ in batch]
            count = self.manifest.rows
            _write_at(self._files.vectors, count * vectors[0].nbytes, vectors.tobytes())
            _write_at(self._files.rows, count * ROW.itemsize, rows.tobytes())
            self._added.update(zip(rows["key"].tolist(), range(count, count + len(batch)), strict=True))
            self._commit(rows=count + len(batch))

    def _take_back(self, ids: Iterable[str]) -> None:
        found = self._rows_of(map(key_of, ids))
        rows = list(found.values())
        for key, row in found.items():
            self._added.pop(key, None)
            if row < len(self._live):
                self._live[row] = False
        _write_at(self._files.deleted, self.manifest.deleted * 8, np.array(rows, "<i8").tobytes())
        self._commit(deleted=self.manifest.deleted + len(rows))

    def _sort_tail(self) -> None:
        """Take the rows beyond the inverted lists into them, once they are many."""
        base = self.manifest.base
        tail = self.manifest.rows - (base.rows if base else 0)
        if tail >= (TAIL_ROWS if base else FLAT_ROWS):
            vectors = map_vectors(self._files, self.manifest)
            path = self._files.base(self.manifest.rows)
            if base:
                built = extend_base(vectors, base, self._folder, path, self._report)
            else:
                built = build_base(vectors, path, self._report)
            self._commit(base=built)
        remove_others(self._folder, self.manifest)

    def _commit(self, **changes: Any) -> None:
        self.manifest = replace(self.manifest, **changes)
        write_manifest(self._folder, self.manifest)


def rebuild(folder: Path, load: Callable[[], Embedder], report: Report = lambda _line: None) -> int:
    """Embed every example of the log anew, drop the deleted ones, and give how many are left.

    The old store answers until the new one is whole; what was interrupted begins anew.

    Raises:
        ExampleStoreError: there is nothing to rebuild, or a line of the log is no example.
    """
    log = current_log(folder)
    live: dict[str, int] = {}
    for found, offset, _ in read_log(log, 0):
        if isinstance(found, Example):
            live.setdefault(found.id, offset)
        else:
            live.pop(found, None)
    generation = int(log.stem.removeprefix("examples-")) + 1
    workshop = folder / "rebuild"
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(mode=0o700)
    writer = StoreWriter(workshop, load, report, generation=generation)
    kept = (
        found for found, offset, _ in read_log(log, 0) if isinstance(found, Example) and live.get(found.id) == offset
    )
    count = writer.add(kept)
    for path in sorted(workshop.iterdir()):
        if path.name != MANIFEST:
            path.replace(folder / path.name)
    write_manifest(folder, writer.manifest)
    shutil.rmtree(workshop)
    remove_others(folder, writer.manifest)
    return count


def current_log(folder: Path) -> Path:
    """Give the log that the manifest names, or where that cannot be read, the newest."""
    try:
        manifest = read_manifest(folder)
        log = Files(folder, manifest.generation).log if manifest else None
    except ExampleStoreError:
        log = newest_log(folder)
    if log is None:
        raise ExampleStoreError(f"there are no examples in {folder}; `agentsql examples import FILE` puts some there")
    return log


def check_model(manifest: Manifest, embedder: Embedder, folder: Path) -> None:
    """Raise an ExampleStoreError if the store's vectors are not this model's."""
    if manifest.fingerprint != embedder.fingerprint:
        same = manifest.model == embedder.name
        other = f"another version of {embedder.name}" if same else f"{manifest.model}, not by {embedder.name}"
        raise ExampleStoreError(
            f"the examples in {folder} were embedded by {other}; {rebuild_with()} to embed them anew"
            + ("" if same else ", or set [examples] model back")
        )


def read_log(path: Path, start: int) -> Iterator[tuple[Example | str, int, int]]:
    """Give each example, or the id that is deleted, with where its line begins and ends; not a half-written last one.

    Raises:
        ExampleStoreError: a whole line is neither, or the log ends before `start`.
    """
    offset = start
    with path.open("rb") as log:
        if log.seek(0, os.SEEK_END) < start:
            raise ExampleStoreError(f"{path} is shorter than it was; {rebuild_with()}")
        log.seek(start)
        for line in log:
            try:
                found = from_line(line)
            except (ValueError, KeyError) as exc:
                if not line.endswith(b"\n"):
                    return
                raise ExampleStoreError(
                    f"the line at byte {offset} of {path} is no example ({exc}); correct or remove it, "
                    f"then {rebuild_with()}"
                ) from exc
            yield found, offset, offset + len(line)
            offset += len(line)


def batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Give the items in lists of `BATCH`."""
    left = iter(items)
    while batch := list(islice(left, BATCH)):
        yield batch


def _is_id(text: str) -> bool:
    return len(text) == 16 and all(one in "0123456789abcdef" for one in text)


def _write_at(path: Path, offset: int, content: bytes) -> None:
    """Put `content` at `offset`, where the committed part ends, in place of what a crash left there."""
    with open_private(path) as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
