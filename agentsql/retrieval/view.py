"""A committed state of a store, opened to be searched: memory-mapped, never changed."""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentsql.errors import ExampleStoreError
from agentsql.retrieval.example import Example, folded, from_line
from agentsql.retrieval.index import RowFilter, VectorIndex, Vectors
from agentsql.retrieval.manifest import Files, Manifest, rebuild_with

ROW = np.dtype([("offset", "<i8"), ("key", "<u8"), ("db", "<u8")])
"""Where a row's line begins, its id as a number, and the hash of its database's name."""

_FILTERS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Found:
    """An example and how alike its question is."""

    example: Example
    similarity: float
    """Cosine of the two questions, -1 to 1."""


class StoreView:
    """The examples of one committed state. Safe to use from several threads."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open it.

        Raises:
            FileNotFoundError: another process has rebuilt the store meanwhile.
            ExampleStoreError: a file is shorter than the manifest says, or cannot be read.
        """
        files = Files(folder, manifest.generation)
        self.manifest = manifest
        self._path = files.log
        self._log = _mapped_text(files.log, manifest.log_bytes)
        self.rows = map_rows(files, manifest)
        self.live = live_rows(files, manifest)
        try:
            self._index = VectorIndex(map_vectors(files, manifest), manifest.base, folder)
        except RuntimeError as exc:  # what faiss raises for a file it cannot read
            raise ExampleStoreError(f"the index in {folder} is damaged; {rebuild_with()}") from exc
        self._filters: dict[tuple[str | None, frozenset[str]], RowFilter | None] = {}

    def search(self, vector: Vectors, k: int, *, only: str | None, exclude: frozenset[str]) -> tuple[Found, ...]:
        """Give up to `k` examples, most similar first; see `ExampleStore.search`."""
        wanted = self._filter(only, exclude)
        if wanted is not None and not wanted.count:
            return ()
        rows, similarities = self._index.search(vector, k, wanted)
        return tuple(
            Found(self.example(int(row)), float(similarity)) for row, similarity in zip(rows, similarities, strict=True)
        )

    def example(self, row: int) -> Example:
        """Give a row's example.

        Raises:
            ExampleStoreError: the JSONL does not hold it there: it was edited by hand.
        """
        start = int(self.rows["offset"][row])
        try:
            found = from_line(self._log[start : self._log.find(b"\n", start)])
        except (ValueError, KeyError) as exc:
            raise self._edited() from exc
        if isinstance(found, str) or key_of(found.id) != self.rows["key"][row]:
            raise self._edited()
        return found

    def __iter__(self) -> Iterator[Example]:
        """Give the examples that are not deleted, oldest first."""
        return (self.example(int(row)) for row in np.flatnonzero(self.live))

    def _filter(self, only: str | None, exclude: frozenset[str]) -> RowFilter | None:
        if only is None and not exclude and not self.manifest.deleted:
            return None
        key = (only, exclude)
        if key not in self._filters:
            if len(self._filters) >= _FILTERS_KEPT:
                self._filters.clear()
            allowed = self.live.copy()
            if only is not None:
                allowed &= self.rows["db"] == db_hash(only)
            for db in exclude:
                allowed &= self.rows["db"] != db_hash(db)
            self._filters[key] = RowFilter(allowed)
        return self._filters[key]

    def _edited(self) -> ExampleStoreError:
        return ExampleStoreError(f"{self._path} has changed since it was indexed; {rebuild_with()}")


def map_rows(files: Files, manifest: Manifest) -> NDArray[np.void]:
    """Give the committed rows, of dtype `ROW`."""
    return _mapped(files.rows, ROW, (manifest.rows,))


def live_rows(files: Files, manifest: Manifest) -> NDArray[np.bool_]:
    """Give for each committed row whether it is not deleted."""
    live = np.ones(manifest.rows, np.bool_)
    live[_mapped(files.deleted, np.dtype("<i8"), (manifest.deleted,))] = False
    return live


def map_vectors(files: Files, manifest: Manifest) -> Vectors:
    """Give the committed vectors, shape (rows, dimension)."""
    return _mapped(files.vectors, np.dtype(np.float32), (manifest.rows, manifest.dimension))


def key_of(example_id: str) -> int:
    """Give an id as the number that rows hold."""
    return int(example_id, 16)


def db_hash(db: str) -> np.uint64:
    """Give what rows hold in place of a database's name."""
    return np.uint64(int.from_bytes(hashlib.blake2b(folded(db).encode("utf-8", "replace"), digest_size=8).digest()))


def _mapped_text(path: Path, size: int) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        there = os.fstat(file.fileno()).st_size
        if there < size:
            raise ExampleStoreError(f"{path} is shorter than it was; {rebuild_with()}")
        # To its end: rows may be committed before the manifest says that their lines are.
        return mmap.mmap(file.fileno(), there, access=mmap.ACCESS_READ) if there else b""


def _mapped(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    count = int(np.prod(shape))
    if not count:
        return np.zeros(shape, dtype)
    if path.stat().st_size < count * dtype.itemsize:
        raise ExampleStoreError(f"{path} is shorter than it was; {rebuild_with()}")
    return np.memmap(path, dtype, "r", shape=shape)
