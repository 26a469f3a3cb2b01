"""Rows as Hugging Face `datasets` and Parquet, in and out; the one module that imports these libraries."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agentsql.errors import MissingExtraError, TrainingDataError

if TYPE_CHECKING:
    from datasets import Dataset

TableFormat = Literal["parquet", "datasets"]
FOLDER = "datasets"
"""Name of the folder of saved `datasets`, beside the JSONL files."""

_ROWS_AT_A_TIME = 1000


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
    from datasets import DatasetDict, load_from_disk

    try:
        found = load_from_disk(str(folder))
    except (OSError, ValueError) as exc:
        raise TrainingDataError(
            f"the dataset {folder} cannot be read: {exc}; save it anew with `save_to_disk`"
        ) from exc
    for one in found.values() if isinstance(found, DatasetDict) else (found,):
        yield from one


def write_tables(folder: Path, parts: Sequence[str], form: TableFormat) -> None:
    """Write `PART.jsonl` of each part as `PART.parquet`, or all of them as one saved dataset in `datasets`.

    Raises:
        MissingExtraError: `datasets` is not installed.
    """
    _check_installed()
    from datasets import DatasetDict
    from datasets.utils import logging as bars

    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            made = {
                name: _read(folder / f"{name}.jsonl", scratch)
                for name in parts
                if (folder / f"{name}.jsonl").stat().st_size
            }
            if form == "datasets":
                DatasetDict(made).save_to_disk(str(folder / FOLDER))
            else:
                for name, one in made.items():
                    one.to_parquet(str(folder / f"{name}.parquet"))
    finally:
        if shown:
            bars.enable_progress_bar()


def _read(path: Path, scratch: str) -> Dataset:
    from datasets import Dataset

    return Dataset.from_json(str(path), cache_dir=scratch)


def _check_installed() -> None:
    try:
        import datasets  # noqa: F401 - whether it is there is all that matters here
    except ModuleNotFoundError as exc:
        raise MissingExtraError("Hugging Face datasets", "datasets", "train") from exc
