"""Rows as Hugging Face `datasets` and Parquet, in and out; the one module that imports these libraries."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agentsql.errors import MissingExtraError, TrainingDataError, UsageError
from agentsql.models.hub import hub_in_reach, hub_is_off

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

TableFormat = Literal["parquet", "datasets"]
FOLDER = "datasets"
"""Name of the folder of saved `datasets`, beside the JSONL files."""

_ROWS_AT_A_TIME = 1000
_HUB = "hf:"
OWNER_AND_NAME = r"[\w.-]+/[\w.-]+"
_HUB_NAME = re.compile(rf"(?P<name>{OWNER_AND_NAME})(@(?P<revision>[\w./-]+))?(:(?P<split>[\w.]+))?")


@dataclass(frozen=True, slots=True)
class HubDataset:
    """A dataset on the hub."""

    name: str
    """`OWNER/NAME`."""
    revision: str = ""
    """Branch, tag or commit; empty for the newest."""
    split: str = ""
    """Empty for all of them."""


def hub_dataset(path: Path) -> HubDataset | None:
    """Read `hf:OWNER/NAME[@REVISION][:SPLIT]`; None if it is a path like any other.

    Raises:
        UsageError: it begins so, and does not go on so.
    """
    text = str(path)
    if not text.startswith(_HUB):
        return None
    found = _HUB_NAME.fullmatch(text.removeprefix(_HUB))
    if found is None:
        raise UsageError(f"{text!r} names no dataset of the hub; write hf:OWNER/NAME or hf:OWNER/NAME:SPLIT")
    return HubDataset(found["name"], found["revision"] or "", found["split"] or "")


def read_hub(wanted: HubDataset) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a dataset on the hub, or of its copy in the cache of `datasets` with HF_HUB_OFFLINE=1.

    Raises:
        MissingExtraError: `datasets` is not installed.
        TrainingDataError: the hub is not in reach, or has no such dataset or split.
    """
    _check_installed()
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError
    from httpx2 import HTTPError  # what the hub's client raises

    advice = (
        f"see that the name is right, or fetch it where there is a network (`hf download {wanted.name} --repo-type "
        "dataset --local-dir FOLDER`) and give that folder"
    )
    if not (hub_in_reach() or hub_is_off()):
        raise TrainingDataError(f"the dataset {wanted.name!r} cannot be fetched: the hub is not in reach; {advice}")
    try:
        with quietly():
            found = load_dataset(wanted.name, split=wanted.split or None, revision=wanted.revision or None)
    except (OSError, ValueError, RuntimeError, HTTPError, DatasetsError) as exc:
        said = " ".join(str(exc).split())[:300] or type(exc).__name__
        raise TrainingDataError(f"the dataset {wanted.name!r} cannot be fetched: {said}; {advice}") from exc
    yield from _rows_of(found)


def read_parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a Parquet file, a batch of them in memory at a time.

    Raises:
        MissingExtraError: pyarrow is not installed.
        TrainingDataError: it is no Parquet file.
    """
    try:
        from pyarrow import ArrowInvalid
        from pyarrow.parquet import ParquetFile
    except ModuleNotFoundError as exc:
        raise MissingExtraError("a Parquet file", "pyarrow", "train") from exc
    try:
        with ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS_AT_A_TIME):
                yield from batch.to_pylist()
    except ArrowInvalid as exc:
        raise TrainingDataError(f"{path} is no Parquet file: {exc}; is it whole?") from exc


def read_dataset(folder: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a folder that `save_to_disk` of `datasets` made; those of all splits, one after another.

    Raises:
        MissingExtraError: `datasets` is not installed.
        TrainingDataError: it cannot be read.
    """
    _check_installed()
    from datasets import load_from_disk

    try:
        found = load_from_disk(str(folder))
    except (OSError, ValueError) as exc:
        raise TrainingDataError(
            f"the dataset {folder} cannot be read: {exc}; save it anew with `save_to_disk`"
        ) from exc
    yield from _rows_of(found)


def write_tables(folder: Path, parts: Sequence[str], form: TableFormat) -> None:
    """Write `PART.jsonl` of each part as `PART.parquet`, or all of them as one saved dataset in `datasets`.

    Raises:
        MissingExtraError: `datasets` is not installed.
    """
    with as_datasets(folder, parts) as made:
        if form == "datasets":
            made.save_to_disk(str(folder / FOLDER))
        else:
            for name, one in made.items():
                one.to_parquet(str(folder / f"{name}.parquet"))


@contextmanager
def as_datasets(folder: Path, parts: Sequence[str]) -> Iterator[DatasetDict]:
    """Give those `PART.jsonl` that have rows as datasets, which last as long as the block.

    Raises:
        MissingExtraError: `datasets` is not installed.
    """
    _check_installed()
    from datasets import DatasetDict

    files = {name: folder / f"{name}.jsonl" for name in parts}
    with tempfile.TemporaryDirectory() as scratch, quietly():
        yield DatasetDict({name: _read(path, scratch) for name, path in files.items() if path.stat().st_size})


@contextmanager
def quietly() -> Iterator[None]:
    """Keep the progress bars of `datasets` away, and what it says of them; a command has its own."""
    from datasets.utils import logging as said

    shown, level = said.is_progress_bar_enabled(), said.get_verbosity()
    said.disable_progress_bar()
    said.set_verbosity_error()
    try:
        yield
    finally:
        said.set_verbosity(level)
        if shown:
            said.enable_progress_bar()


def _rows_of(found: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a dataset, or those of all its splits, one after another."""
    from datasets import DatasetDict

    for one in found.values() if isinstance(found, DatasetDict) else (found,):
        yield from one


def _read(path: Path, scratch: str) -> Dataset:
    from datasets import Dataset

    return Dataset.from_json(str(path), cache_dir=scratch)


def _check_installed() -> None:
    try:
        import datasets  # noqa: F401 - whether it is there is all that matters here
    except ModuleNotFoundError as exc:
        raise MissingExtraError("Hugging Face datasets", "datasets", "train") from exc
