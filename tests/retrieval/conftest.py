"""Fixtures for solved questions."""

from __future__ import annotations

import pytest

from agentsql.retrieval.embed import Embedder, load_embedder


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real default model."""
    return load_embedder()
