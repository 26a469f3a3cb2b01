"""Flat search, inverted lists and filters, against a search that looks at everything."""

from __future__ import annotations

import numpy as np
import pytest

from agentsql.errors import ExampleStoreError
from agentsql.retrieval import index, writer
from agentsql.retrieval.example import Example
from agentsql.retrieval.index import RowFilter, VectorIndex, build_base, extend_base
from agentsql.retrieval.manifest import read_manifest
from agentsql.retrieval.store import ExampleStore

from .conftest import HashEmbedder

ROWS, DIMENSION = 6000, 32


@pytest.fixture(scope="module")
def vectors():
    random = np.random.default_rng(0)
    centres = random.standard_normal((300, DIMENSION))
    made = centres[random.integers(0, 300, ROWS)] + 0.6 * random.standard_normal((ROWS, DIMENSION))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def built(vectors, tmp_path_factory):
    """Inverted lists over all rows but the last 500."""
    folder = tmp_path_factory.mktemp("base")
    return folder, build_base(vectors[:-500], folder / "base.faiss", lambda _line: None)


def _best(vectors, query, k, allowed=None):
    similarities = vectors @ query
    if allowed is not None:
        similarities[~allowed] = -2
    return set(np.argsort(-similarities)[:k].tolist())


def _recall(searched, vectors, allowed=None):
    wanted = RowFilter(allowed) if allowed is not None else None
    right = 0
    for query in vectors[::60]:
        rows, similarities = searched.search(query, 5, wanted)
        assert np.all(np.diff(similarities) <= 0)
        right += len(set(rows.tolist()) & _best(vectors, query, 5, allowed))
    return right / (5 * len(vectors[::60]))


def test_a_flat_search_is_exact(vectors, tmp_path):
    assert _recall(VectorIndex(vectors, None, tmp_path), vectors) == 1


def test_inverted_lists_and_the_rows_after_them_find_nearly_all(vectors, built):
    folder, base = built
    assert (base.rows, base.trained_rows) == (ROWS - 500, ROWS - 500)
    assert _recall(VectorIndex(vectors, base, folder), vectors) >= 0.95


@pytest.mark.parametrize("share", [0.9, 0.4, 0.05, 0.0])
def test_a_filter_holds_and_costs_little_recall(vectors, built, monkeypatch, share):
    folder, base = built
    monkeypatch.setattr(index, "_FEW_ROWS", 1000)
    allowed = np.random.default_rng(2).random(ROWS) < share
    searched = VectorIndex(vectors, base, folder)
    rows, _ = searched.search(vectors[0], 50, RowFilter(allowed))
    assert allowed[rows].all()
    assert len(rows) == min(50, allowed.sum())
    if share:
        assert _recall(searched, vectors, allowed) >= 0.93


def test_asking_for_more_rows_than_there_are_gives_all(vectors, tmp_path):
    rows, similarities = VectorIndex(vectors[:3], None, tmp_path).search(vectors[1], 10)
    assert (rows[0], len(rows)) == (1, 3)
    assert similarities[0] == pytest.approx(1, abs=1e-5)


def test_lists_are_extended_and_made_anew_once_the_rows_have_doubled(vectors, built, tmp_path):
    folder, base = built
    longer = extend_base(vectors, base, folder, tmp_path / "longer.faiss", lambda _line: None)
    assert (longer.rows, longer.trained_rows, longer.probes) == (ROWS, base.trained_rows, base.probes)
    assert _recall(VectorIndex(vectors, longer, tmp_path), vectors) >= 0.95
    half = build_base(vectors[:2500], tmp_path / "half.faiss", lambda _line: None)
    again = extend_base(vectors, half, tmp_path, tmp_path / "again.faiss", lambda _line: None)
    assert (again.rows, again.trained_rows) == (ROWS, ROWS)


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(writer, "FLAT_ROWS", 2000)
    monkeypatch.setattr(writer, "TAIL_ROWS", 300)


def _examples(count, start=0):
    return [
        Example(f"topic{one % 50} question {one}", f"SELECT {one}", f"db{one % 3}")
        for one in range(start, start + count)
    ]


def test_a_store_grows_into_inverted_lists_and_finds_old_and_new(tmp_path, small_limits):
    model = HashEmbedder()
    store = ExampleStore(tmp_path / "store", lambda: model)
    said = []
    store.add(_examples(1999))
    assert read_manifest(store.folder).base is None
    store.add(_examples(1, 1999), said.append)
    assert said[-1] == "sorting 2,000 vectors into 178 lists"
    store.add(_examples(100, 2000))
    assert read_manifest(store.folder).base.rows == 2000
    store.add(_examples(250, 2100))
    assert read_manifest(store.folder).base.rows == 2350
    store.add(_examples(20, 2350))
    store.delete([_examples(1)[0].id])
    for one in (1, 1999, 2100, 2360):
        assert store.search(f"topic{one % 50} question {one}", 1)[0].example == _examples(1, one)[0]
    assert store.search("topic0 question 0", 1)[0].similarity < 0.999
    assert {found.example.db for found in store.search("topic7", 40, only="db1")} == {"db1"}
    assert len(list(store.folder.glob("base-*"))) == 1
    assert store.rebuild() == 2369
    assert len(store.search("topic7", 40)) == 40


def test_a_damaged_index_file_names_the_rebuild(tmp_path, small_limits):
    model = HashEmbedder()
    store = ExampleStore(tmp_path / "store", lambda: model)
    store.add(_examples(2000))
    next(store.folder.glob("base-*")).write_bytes(b"nothing")
    other = ExampleStore(store.folder, lambda: model)
    with pytest.raises(ExampleStoreError, match=r"is damaged; run `agentsql examples rebuild`"):
        other.search("topic1", 1)
    assert other.rebuild() == 2000
