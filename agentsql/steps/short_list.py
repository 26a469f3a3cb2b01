"""The tables a question may need, where the schema is too large to be shown whole: found without a language model."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsql.db.closure import join_closure
from agentsql.db.schema import Schema
from agentsql.db.table_scores import TableIndex, index_tables, table_description
from agentsql.db.value_match import find_values
from agentsql.errors import MissingExtraError
from agentsql.folders import cache_folder
from agentsql.resources import Resources
from agentsql.retrieval.embed import Embedder, load_embedder
from agentsql.steps.shared import all_asked, shown_schema

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_embedding = ThreadPoolExecutor(1, thread_name_prefix="table-vectors")
"""One thread, so that a schema's vectors are made once, and those who wait for them take no thread from other steps."""
_WAIT_S = 30.0
"""A question goes on without embeddings after this long; loading the libraries and 850 tables take 17 s, once."""
TABLES = 15
"""Tables on the short list. Of an 840-table schema, of 100 questions 98 have all they need among so many."""


async def short_list(
    state: Mapping[str, Any], resources: Resources, *, tables: int = TABLES, meaning: bool = True
) -> tuple[str, ...]:
    """Give the most likely tables, first the most likely, each preceded by those it is joined over.

    Empty, which stands for all, if the whole schema fits its token budget or nothing speaks for any table. What
    does not fit the budget is left off the end.
    """
    if not shown_schema(resources).dropped:
        return ()
    ranked = await rank_tables(state, resources, meaning=meaning and len(resources.schema.tables) > tables)
    listed = join_closure(ranked[:tables], table_index(resources.schema).linked)
    if not listed:
        resources.note("the question names nothing of a schema that does not fit the prompt")
        return ()
    shown = shown_schema(resources, listed).tables
    return tuple(name for name in listed if name in shown)


async def rank_tables(state: Mapping[str, Any], resources: Resources, *, meaning: bool) -> tuple[str, ...]:
    """Give the tables that words, values, keys or, with `meaning`, embeddings speak for; the most likely first."""
    schema, asked = resources.schema, all_asked(state)
    similarities = None
    if meaning:
        making = _embedding.submit(_similarities, asked, schema, resources.settings.examples.model)
        try:
            similarities = await asyncio.wait_for(asyncio.wrap_future(making), _WAIT_S)
        except TimeoutError:
            resources.note("the tables are still being embedded; until then they are sought by their words alone")
        except MissingExtraError as missing:
            resources.note(f"tables are sought by their words alone: {missing}")
    # A number among samples is in the question for another reason, more often than not.
    samples = (value for value in resources.words.find(asked).values if any(map(str.isalpha, value[2])))
    indexed = find_values(asked, resources.values, resources.words)
    return table_index(schema).ranked(asked, values=(*samples, *indexed), similarities=similarities)


@lru_cache(maxsize=8)
def table_index(schema: Schema) -> TableIndex:
    """Give the index of this schema, made once."""
    return index_tables(schema)


def _similarities(text: str, schema: Schema, model: str) -> dict[str, float]:
    vectors = _vectors(schema, model)
    (asked,) = load_embedder(model).encode([text])
    return dict(zip((table.name for table in schema), (vectors @ asked).tolist(), strict=True))


@lru_cache(maxsize=8)
def _vectors(schema: Schema, model: str) -> NDArray[np.float32]:
    """Give the vectors of the tables' descriptions, in their order; 850 take 8 s once, then they are on disk."""
    import numpy as np

    embedder = load_embedder(model)
    descriptions = [table_description(table) for table in schema]
    path = cache_folder() / "schemas" / f"tables-{_digest(descriptions, embedder)}.npy"
    try:
        kept: NDArray[np.float32] = np.load(path, allow_pickle=False)
        if kept.shape == (len(descriptions), embedder.dimension):
            return kept
    except FileNotFoundError:
        pass
    except (OSError, ValueError, EOFError) as problem:
        logger.warning("the table vectors in %s cannot be read (%s); making them anew", path, problem)
    logger.info("embedding the descriptions of %s tables, once for this schema", len(descriptions))
    vectors = embedder.encode(descriptions)
    _store(path, vectors)
    return vectors


def _digest(descriptions: Sequence[str], embedder: Embedder) -> str:
    """Hash what the vectors follow from. It is not the schema's own fingerprint, which leaves out comments."""
    return hashlib.sha256(
        "\x1f".join([embedder.fingerprint, *descriptions]).encode("utf-8", "surrogatepass")
    ).hexdigest()[:32]


def _store(path: Path, vectors: NDArray[np.float32]) -> None:
    """Write the file in one step, for its owner only; a cache that cannot be written costs time and nothing else."""
    import numpy as np

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(prefix=".tables-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            np.save(file, vectors, allow_pickle=False)
        Path(temporary).replace(path)
    except OSError as problem:
        logger.warning("the table vectors cannot be kept in %s (%s); going on without", path, problem)
