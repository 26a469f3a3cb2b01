"""Distances between SQL texts, by a real model."""

from __future__ import annotations

import pytest

from agentsql.evaluation.embedding_distance import embedding_distances
from agentsql.retrieval.embed import load_embedder

GOLD = "SELECT name FROM singer WHERE age > 30"


@pytest.fixture(scope="module")
def embedder():
    return load_embedder()


def test_a_query_like_the_gold_is_nearer_than_another(embedder) -> None:
    same, like, other = embedding_distances(
        [(GOLD, GOLD), (GOLD, "SELECT Name FROM singer WHERE age >= 30"), (GOLD, "DROP TABLE invoices")], embedder
    )
    assert same == pytest.approx(0.0, abs=1e-6)
    assert same < like < other < 2


def test_both_metrics_put_pairs_in_the_same_order(embedder) -> None:
    pairs = [(GOLD, "SELECT count(*) FROM concert"), (GOLD, "SELECT name FROM singer")]
    cosine = embedding_distances(pairs, embedder)
    euclidean = embedding_distances(pairs, embedder, metric="euclidean")
    assert [round(one**2 / 2, 4) for one in euclidean] == [round(one, 4) for one in cosine]


def test_no_pairs_have_no_distances(embedder) -> None:
    assert embedding_distances([], embedder) == ()


def test_each_text_is_embedded_once() -> None:
    import numpy as np

    class Counting:
        name = fingerprint = ""
        dimension = 1
        texts: tuple[str, ...] = ()

        def encode(self, texts):
            self.texts = (*self.texts, *texts)
            return np.ones((len(texts), 1), np.float32)

    counting = Counting()
    assert embedding_distances([("a", "b"), ("b", "a"), ("a", "a")], counting) == (0.0, 0.0, 0.0)
    assert counting.texts == ("a", "b")
