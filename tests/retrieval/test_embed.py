"""The embedding model that a package carries, and models that are not there."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from agentsql.errors import MissingExtraError, ModelNotFoundError
from agentsql.retrieval import embed
from agentsql.retrieval.embed import DEFAULT_MODEL, load_embedder


def test_the_default_model_gives_unit_vectors_in_order(embedder):
    texts = ["How many singers are there?", "What is the number of singers?", "List the cities of France."]
    vectors = embedder.encode(texts)
    assert (embedder.name, embedder.dimension) == (DEFAULT_MODEL, 384)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.8 > vectors[0] @ vectors[2]


def test_no_texts_give_no_rows(embedder):
    assert embedder.encode([]).shape == (0, 384)


def test_a_model_is_loaded_once(embedder):
    assert load_embedder("") is embedder


def test_the_fingerprint_follows_the_weights(embedder):
    model = embedder._model
    before = embed._fingerprint(model)
    weights = model.state_dict()["0.model.embeddings.LayerNorm.bias"]
    old = weights[0].item()
    try:
        weights[0] = old + 1
        assert embed._fingerprint(model) != before == embedder.fingerprint
    finally:
        weights[0] = old


def test_an_unknown_model_says_what_to_give(tmp_path):
    with pytest.raises(ModelNotFoundError, match=r"cannot be loaded.*\[examples\] model"):
        load_embedder(str(tmp_path / "none"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelNotFoundError, match="cannot be loaded"):
        load_embedder(str(tmp_path / "empty"))


def test_a_missing_library_names_the_line_that_installs_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'agentsql-framework\[retrieval\]'"):
        load_embedder(str(tmp_path))


def test_loading_and_encoding_print_nothing():
    code = "from agentsql.retrieval.embed import load_embedder; load_embedder().encode(['a'])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
