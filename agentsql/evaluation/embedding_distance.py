"""How far apart the gold and the predicted SQL are as texts, to an embedding model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from agentsql.retrieval.embed import Embedder

DistanceMetric = Literal["cosine", "euclidean"]


def embedding_distances(
    pairs: Sequence[tuple[str, str]], embedder: Embedder, *, metric: DistanceMetric = "cosine"
) -> tuple[float, ...]:
    """Give the distance of each pair of gold and predicted SQL; 0 is the same text to the model, 2 the most.

    A small distance says that two queries look alike, not that they give the same rows: `a > 5` and `a < 5` are close.
    Texts are embedded in batches, each distinct text once.

    Args:
        embedder: of `load_embedder`, for any sentence-transformers model; it cuts off texts beyond its limit (256
            tokens for the default). Its vectors have length 1, so both metrics put the pairs in the same order.

    Source: jjovalle99/7b-SQLMaster-FineTune, langsmith.ipynb (commit ab4f344), which ranks its models by LangSmith's
    `EmbeddingDistance` evaluator: 1 minus the cosine of OpenAI's text-embedding-3-large, 512 dimensions.
    """
    import numpy as np

    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    places = {text: place for place, text in enumerate(texts)}
    vectors = embedder.encode(texts)
    gold = vectors[[places[one] for one, _ in pairs]]
    predicted = vectors[[places[other] for _, other in pairs]]
    if metric == "euclidean":
        found = np.linalg.norm(gold - predicted, axis=1)
    else:
        found = np.clip(1 - np.einsum("ij,ij->i", gold, predicted), 0.0, 2.0)
    return tuple(float(one) for one in found)
