"""Finds the rows of a matrix most like a vector: flat while they are few, by inverted lists (FAISS) when they are many.

Vectors have length 1, so their inner product is their similarity. A flat index is the inner products with all of the
memory-mapped vectors: 3 ms of one core for 50,000, a tenth of what FAISS's flat index takes for a single query, which
it shares between threads. The inverted lists hold 8-bit codes, memory-mapped too; what they find is ranked anew by the
exact vectors. The only module that imports faiss.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agentsql.errors import MissingExtraError
from agentsql.retrieval.manifest import Base, open_private

if TYPE_CHECKING:
    import faiss

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]

FLAT_ROWS = 50_000
"""From here on a store has inverted lists."""
TAIL_ROWS = 10_000
"""Rows beyond the inverted lists, searched flat, before they are taken in, which takes a second or two."""

_TARGET_RECALL = 0.98
"""Of the 5 nearest, on rows of the index itself; questions from elsewhere do a little worse."""
_PROBES = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
_TRIALS = 200
_RERANKED = 64
_FEW_ROWS = 5_000
"""Where a filter leaves no more than this, they are gathered and compared one by one."""
_CHUNK = 50_000
_POINTS_A_LIST = 64


class RowFilter:
    """Which rows may be found; made once for a filter and used for many queries."""

    def __init__(self, allowed: NDArray[np.bool_]) -> None:
        self.allowed = allowed
        self.count = int(np.count_nonzero(allowed))
        self.few = np.flatnonzero(allowed) if self.count <= _FEW_ROWS else None
        self.bits = np.packbits(allowed, bitorder="little")


@dataclass(frozen=True, slots=True)
class _Lists:
    index: Any
    base: Base


class VectorIndex:
    """A committed state of the vectors, ready to be searched; safe to use from several threads."""

    def __init__(self, vectors: Vectors, base: Base | None, folder: Path) -> None:
        """Open it.

        Args:
            vectors: shape (rows, dimension), rows of length 1; may be memory-mapped.
            base: the inverted lists in `folder` that cover the first rows; None if all are searched flat.
        """
        self._vectors = vectors
        self._lists = _Lists(_opened(folder / base.file), base) if base else None

    def search(self, query: Vectors, k: int, wanted: RowFilter | None = None) -> tuple[Rows, Vectors]:
        """Give up to `k` rows and their similarities (-1 to 1), most similar first.

        Args:
            query: shape (dimension,), length 1.
        """
        if wanted is not None and wanted.few is not None:
            return _best(self._vectors, wanted.few, query, k)
        start = self._lists.base.rows if self._lists else 0
        tail = _similarities(self._vectors[start:], query)
        if wanted is not None:
            tail[~wanted.allowed[start:]] = -math.inf
        near = np.argpartition(-tail, k - 1)[:k] if len(tail) > k else np.arange(len(tail))
        near = near[tail[near] > -math.inf] + start
        if self._lists:
            near = np.concatenate([near, self._from_lists(self._lists, query, max(k, _RERANKED), wanted)])
        return _best(self._vectors, near, query, k)

    def _from_lists(self, lists: _Lists, query: Vectors, count: int, wanted: RowFilter | None) -> Rows:
        faiss = _faiss()
        probes = lists.base.probes
        parameters = faiss.SearchParametersIVF(nprobe=probes)
        if wanted is not None:
            # The fewer rows are allowed, the more lists hold the same number of them.
            widened = math.ceil(probes * len(self._vectors) / wanted.count)
            selector = faiss.IDSelectorBitmap(wanted.bits)
            parameters = faiss.SearchParametersIVF(nprobe=min(widened, lists.index.nlist), sel=selector)
        _, found = lists.index.search(query[np.newaxis], count, params=parameters)
        rows: Rows = found[0][found[0] >= 0]
        return rows


def build_base(vectors: Vectors, path: Path, report: Callable[[str], None]) -> Base:
    """Write inverted lists over all `vectors` to `path`, which must not exist, and give what they are.

    The number of lists is 4 √rows; how many of them a query looks into is found by comparing with a flat search.
    1,000,000 rows of 384 take 4 minutes and 2 GB of memory on two cores.
    """
    faiss = _faiss()
    rows, dimension = vectors.shape
    lists = int(4 * math.sqrt(rows))
    report(f"sorting {rows:,} vectors into {lists:,} lists")
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension), dimension, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.niter = 10
    index.cp.max_points_per_centroid = _POINTS_A_LIST
    chosen = np.random.default_rng(0).choice(rows, min(rows, _POINTS_A_LIST * lists), replace=False)
    index.train(vectors[np.sort(chosen)])
    _add(index, vectors, 0)
    _write(index, path)
    return Base(path.name, rows, rows, _probes_for(index, vectors))


def extend_base(vectors: Vectors, base: Base, folder: Path, path: Path, report: Callable[[str], None]) -> Base:
    """Write the lists of `base` with the rows after it to `path`; all anew once the rows have doubled."""
    if len(vectors) >= 2 * base.trained_rows:
        return build_base(vectors, path, report)
    faiss = _faiss()
    report(f"sorting {len(vectors) - base.rows:,} more vectors into lists")
    index = faiss.read_index(str(folder / base.file))
    _add(index, vectors, base.rows)
    _write(index, path)
    return Base(path.name, len(vectors), base.trained_rows, base.probes)


def _add(index: faiss.IndexIVFScalarQuantizer, vectors: Vectors, start: int) -> None:
    for first in range(start, len(vectors), _CHUNK):
        index.add(np.ascontiguousarray(vectors[first : first + _CHUNK]))


def _write(index: faiss.IndexIVFScalarQuantizer, path: Path) -> None:
    with open_private(path) as file:
        _faiss().write_index(index, str(path))
        os.fsync(file.fileno())


def _probes_for(index: faiss.IndexIVFScalarQuantizer, vectors: Vectors) -> int:
    """Give the fewest lists that find the target share of the 5 nearest other rows of a sample."""
    faiss = _faiss()
    sample = np.sort(np.random.default_rng(1).choice(len(vectors), _TRIALS, replace=False))
    queries = np.ascontiguousarray(vectors[sample])
    _, flat = faiss.knn(queries, vectors, 6, metric=faiss.METRIC_INNER_PRODUCT)
    for probes in _PROBES:
        _, found = index.search(queries, _RERANKED, params=faiss.SearchParametersIVF(nprobe=probes))
        near = [set(one) - {row} for one, row in zip(flat, sample, strict=True)]
        right = sum(len(set(got) & true) for got, true in zip(found, near, strict=True))
        if right >= _TARGET_RECALL * sum(map(len, near)):
            return probes
    return _PROBES[-1]


def _best(vectors: Vectors, rows: Rows, query: Vectors, k: int) -> tuple[Rows, Vectors]:
    similarities = _similarities(vectors[rows], query)
    order = np.argsort(-similarities, kind="stable")[:k]
    return rows[order], similarities[order]


def _similarities(vectors: Vectors, query: Vectors) -> Vectors:
    # Not `@`: its threads wait for each other, on a busy machine for 20 ms.
    similarities: Vectors = np.vecdot(vectors, query)
    return similarities


def _opened(path: Path) -> Any:
    faiss = _faiss()
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)


def _faiss() -> Any:
    try:
        import faiss
    except ModuleNotFoundError as exc:
        raise MissingExtraError("an index of many questions", "faiss-cpu", "retrieval") from exc
    return faiss
