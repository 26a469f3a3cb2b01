"""Fixtures for solved questions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from agentsql.retrieval.embed import Embedder, load_embedder
from agentsql.retrieval.example import Example
from agentsql.retrieval.store import ExampleStore


class HashEmbedder:
    """Gives each text a vector of its own at once; texts that share their first word are near each other."""

    def __init__(self, name: str = "hash", dimension: int = 32) -> None:
        self.name = name
        self.fingerprint = f"{name}-{dimension}"
        self.dimension = dimension
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.encoded += len(texts)
        vectors = np.array(
            [_noise(text.split()[0], self.dimension) + 0.3 * _noise(text, self.dimension) for text in texts]
        )
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def _noise(text: str, dimension: int) -> np.ndarray:
    seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
    return np.random.default_rng(seed).standard_normal(dimension)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real default model."""
    return load_embedder()


@pytest.fixture
def hashes() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def store(tmp_path: Path, hashes: HashEmbedder) -> ExampleStore:
    """An empty store whose vectors cost nothing."""
    return ExampleStore(tmp_path / "examples", lambda: hashes)


@pytest.fixture
def make_examples() -> Callable[..., list[Example]]:
    def make(count: int, *, db: str = "shop", start: int = 0) -> list[Example]:
        return [
            Example(f"topic{number % 7} question {number}", f"SELECT {number}", db)
            for number in range(start, start + count)
        ]

    return make
