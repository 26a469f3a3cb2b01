"""Measures the store of solved questions with a million examples: build, open, search, recall, add.

.venv/bin/python benchmarks/examples_scale.py                     # 1,000,000 examples, 3 GB of disk
.venv/bin/python benchmarks/examples_scale.py --examples 100000

The vectors are made, not embedded: 2,112 questions written from templates go through the real default model, and each
example is one of them plus noise along the directions in which they differ. Everything else is the store's own way:
JSONL, commits, index. Searched are questions that are not in the store. Times are without embedding a question, which
is measured apart.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import agentsql
from agentsql.retrieval.embed import load_embedder
from agentsql.retrieval.example import Example
from agentsql.retrieval.manifest import Files, read_manifest
from agentsql.retrieval.store import ExampleStore
from agentsql.retrieval.view import StoreView, map_vectors

NOISE = 0.8
"""Of the spread of the questions themselves: so much that the clusters run into each other."""
QUERIES = 1000
QUERY_SEED = 1 << 40
DATABASES = 200
K = 5
POOL = 40

OPENINGS = ("How many", "What are the names of the", "List all", "Show the oldest", "Which", "Give the average age of")
THINGS = (
    "singers", "flights", "students", "orders of a customer", "invoices", "patients", "dogs", "matches", "employees",
    "tracks on an album", "airports", "courses", "battles", "cars", "documents", "films", "hospitals", "cities",
    "shops", "machines", "teachers", "wines",
)  # fmt: skip
ENDINGS = (
    "are there?", "in each city, sorted by count?", "that cost more than 100?", "since 2014?", "and their owners?",
    "with the highest score?", "without a manager?", "of France or Spain?", "that are not in any list?",
    "per year and country?", "whose name begins with A?", "with at least two entries?", "in the largest department?",
    "ordered by date?", "of the last month?", "above the average?",
)  # fmt: skip


class MadeVectors:
    """An Embedder whose texts are numbers: each is the seed of its vector."""

    def __init__(self, anchors: NDArray[np.float32]) -> None:
        self.name, self.fingerprint, self.dimension = "made", "made", anchors.shape[1]
        self._anchors = anchors
        centred = anchors - anchors.mean(axis=0)
        _, spread, directions = np.linalg.svd(centred, full_matrices=False)
        self.seconds = 0.0
        self._noise = (NOISE * spread[:, None] / np.sqrt(len(anchors)) * directions).astype(np.float32)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        started = time.perf_counter()
        draws = [np.random.default_rng(int(text)) for text in texts]
        near = self._anchors[[one.integers(len(self._anchors)) for one in draws]]
        noise = np.stack([one.standard_normal(len(self._noise), np.float32) for one in draws])
        vectors = near + noise @ self._noise
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        self.seconds += time.perf_counter() - started
        return vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=1_000_000)
    parser.add_argument(
        "--keep", metavar="FOLDER", type=Path, help="use this folder, filled already or not, and leave it there"
    )
    parser.add_argument("--search", metavar="FOLDER", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.search:
        print(json.dumps(search(arguments.search)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        numbers = measure(arguments.keep or Path(temporary) / "store", arguments.examples)
    for what, number in numbers.items():
        print(f"{what:<56} {number:12,.3f}")
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    folder = Path(__file__).resolve().parent / "results"
    folder.mkdir(exist_ok=True)
    with (folder / "examples_scale.jsonl").open("a") as file:
        rounded = {what: round(number, 5) for what, number in numbers.items()}
        file.write(json.dumps({**rounded, **machine, "version": agentsql.__version__}) + "\n")


def measure(folder: Path, count: int) -> dict[str, float]:
    numbers: dict[str, float] = {"examples": count}
    one_question, anchors = _anchors()
    numbers["embedding one question with the real model, ms"] = one_question
    folder.parent.mkdir(parents=True, exist_ok=True)
    np.save(folder.parent / "anchors.npy", anchors)
    model = MadeVectors(anchors)
    store = ExampleStore(folder, lambda: model)
    if not len(store):
        started, began = time.perf_counter(), time.process_time()
        store.add(examples(0, count), lambda line: print(line, file=sys.stderr) if "sorting" in line else None)
        numbers["build, s"] = time.perf_counter() - started
        numbers["  of which making the vectors, s"] = model.seconds
        numbers["build, processor time of all cores, s"] = time.process_time() - began
        numbers["peak memory while building, MB"] = _peak_memory()
    numbers["on disk, MB"] = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    numbers |= _in_new_process(folder)
    numbers["programs that wanted a core meanwhile (load)"] = os.getloadavg()[0]
    numbers |= adding(store)
    return numbers


def examples(first: int, count: int) -> Iterator[Example]:
    for number in range(first, first + count):
        sql = f"SELECT name, count(*) FROM things WHERE place = {number} GROUP BY name ORDER BY count(*) DESC LIMIT 5"
        question = f"Which five things are there most often in the place with the number {number}?"
        yield Example(question, sql, f"database_{number % DATABASES}", masked=str(number), dialect="sqlite")


def adding(store: ExampleStore) -> dict[str, float]:
    """Seconds of adding 1,000: twelve times, so that one takes the new rows into the index."""
    first = (1 << 30) + len(store)
    took, own = [], []
    for round_ in range(12):
        started, began = time.perf_counter(), time.process_time()
        store.add(examples(first + 1000 * round_, 1000))
        took.append(time.perf_counter() - started)
        own.append(time.process_time() - began)
    took.sort()
    own.sort()
    started = time.perf_counter()
    store.delete([one.id for one in examples(first, 1000)])
    return {
        "adding 1,000, median, s": took[6],
        "  of which processor time, s": own[6],
        "adding 1,000, the one of 12 that sorts new rows in, s": took[-1],
        "  of which processor time, s, ": own[-1],
        "deleting 1,000, s": time.perf_counter() - started,
    }


def _in_new_process(folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--search", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def search(folder: Path) -> dict[str, float]:
    """Open the store in this new process, search it, and compare with a flat search."""
    started = time.perf_counter()
    import faiss  # noqa: F401

    imported = time.perf_counter() - started
    model = MadeVectors(np.load(folder.parent / "anchors.npy"))
    queries = model.encode([str(QUERY_SEED + one) for one in range(QUERIES)])
    waiting = iter(queries)
    model.encode = lambda _texts: next(waiting)[np.newaxis]  # type: ignore[method-assign]
    store = ExampleStore(folder, lambda: model)
    started = time.perf_counter()
    store.search("0", K)
    opened = time.perf_counter() - started
    found, times, own = [], [], []
    for one in range(1, QUERIES):
        kwargs = {"exclude": frozenset({f"database_{one % 2}"})} if one % 4 == 0 else {}
        started, began = time.perf_counter(), time.process_time()
        best = store.search(str(one), POOL, **kwargs)
        times.append(time.perf_counter() - started)
        own.append(time.process_time() - began)
        found.append(None if kwargs else {int(hit.example.masked) for hit in best[:K]})
    truth, nearest = flat(folder, queries[1:])
    right = [len(got & true) for got, true in zip(found, truth, strict=True) if got is not None]
    times.sort()
    own.sort()
    manifest = read_manifest(folder)
    return {
        "importing faiss, s": imported,
        "opening and the first search, s": opened,
        f"search of {POOL} with their texts, p50, ms": 1000 * times[len(times) // 2],
        f"search of {POOL} with their texts, p95, ms": 1000 * times[int(0.95 * len(times))],
        f"search of {POOL} with their texts, p99, ms": 1000 * times[int(0.99 * len(times))],
        "  of which processor time, p95, ms": 1000 * own[int(0.95 * len(own))],
        f"recall@{K} against flat": sum(right) / (K * len(right)),
        f"similarity of the {K} nearest, mean": nearest,
        "lists looked into": manifest.base.probes if manifest and manifest.base else 0,
        "peak memory of the searching process, MB": _peak_memory(),
    }


def flat(folder: Path, queries: NDArray[np.float32]) -> tuple[list[set[int]], float]:
    """Give the numbers of the nearest examples by looking at all of them, and their mean similarity."""
    manifest = read_manifest(folder)
    assert manifest
    view = StoreView(folder, manifest)
    vectors = map_vectors(Files(folder, manifest.generation), manifest)
    best = np.full((len(queries), K), -2, np.float32)
    rows = np.full((len(queries), K), -1)
    for first in range(0, len(vectors), 20_000):
        part = queries @ vectors[first : first + 20_000].T
        part[:, ~view.live[first : first + 20_000]] = -2
        numbers = np.broadcast_to(np.arange(first, first + part.shape[1]), part.shape)
        scores, numbers = np.concatenate([best, part], axis=1), np.concatenate([rows, numbers], axis=1)
        order = np.argpartition(-scores, K, axis=1)[:, :K]
        best, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(numbers, order, 1)
    return [{int(view.example(row).masked) for row in one} for one in rows.tolist()], float(best.mean())


def _peak_memory() -> float:
    """Megabytes this process held at most; `ru_maxrss` would begin with what its parent held."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _anchors() -> tuple[float, NDArray[np.float32]]:
    """Give the milliseconds of embedding one question, and the vectors of the templates' questions."""
    model = load_embedder()
    texts = [" ".join(parts) for parts in itertools.product(OPENINGS, THINGS, ENDINGS)]
    vectors = model.encode(texts)
    started = time.perf_counter()
    for text in texts[:50]:
        model.encode([text])
    return 1000 * (time.perf_counter() - started) / 50, vectors


if __name__ == "__main__":
    main()
