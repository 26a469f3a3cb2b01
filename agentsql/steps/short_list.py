"""The tables a question may need, where the schema is too large to be shown whole: found without a language model."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

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
_EARLIER = 4
"""Files of vectors that are looked through for those of tables that are as they were."""
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
    """Give the vectors of the tables' descriptions, in their order.

    850 take 8 s once, then they are on disk; of a schema that changed, only the tables that did are embedded again.
    """
    import numpy as np

    embedder = load_embedder(model)
    descriptions = [table_description(table) for table in schema]
    hashes = [_digest([one], embedder) for one in descriptions]
    folder = cache_folder() / "schemas"
    path = folder / f"tables-{_digest(hashes, embedder)}.npz"
    known: dict[str, NDArray[np.float32]] = {}
    for kept in (path, *_newest(folder)):
        known.update(_kept(kept, embedder.dimension))
        if known.keys() >= set(hashes):
            break
    wanted = [number for number, one in enumerate(hashes) if one not in known]
    if wanted:
        logger.info("embedding the descriptions of %s tables", len(wanted))
        made = embedder.encode([descriptions[number] for number in wanted])
        known.update((hashes[number], made[place]) for place, number in enumerate(wanted))
    vectors = np.stack([known[one] for one in hashes])
    if not path.exists():
        _store(path, hashes, vectors)
    return vectors


def _newest(folder: Path) -> list[Path]:
    """Give the files of vectors that were written last: an earlier state of the schema is likely among them."""
    with suppress(OSError):
        return sorted(folder.glob("tables-*.npz"), key=lambda one: one.stat().st_mtime, reverse=True)[:_EARLIER]
    return []


def _kept(path: Path, dimension: int) -> dict[str, NDArray[np.float32]]:
    """Read a file of vectors, by the hash of what each is of; none if it is not there or broken."""
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            hashes, vectors = file["hashes"].tolist(), file["vectors"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as problem:
        logger.warning("the table vectors in %s cannot be read (%s); making them anew", path, problem)
        path.unlink(missing_ok=True)
        return {}
    return dict(zip(hashes, vectors, strict=True)) if vectors.shape == (len(hashes), dimension) else {}


def _digest(texts: Sequence[str], embedder: Embedder) -> str:
    """Hash what vectors follow from. It is not the schema's own fingerprint, which leaves out comments."""
    return hashlib.sha256("\x1f".join([embedder.fingerprint, *texts]).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _store(path: Path, hashes: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Write the file in one step, for its owner only; a cache that cannot be written costs time and nothing else."""
    import numpy as np

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(prefix=".tables-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            np.savez(file, hashes=np.array(hashes), vectors=vectors)
        Path(temporary).replace(path)
    except OSError as problem:
        logger.warning("the table vectors cannot be kept in %s (%s); going on without", path, problem)
