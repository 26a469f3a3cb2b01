"""What a store's folder holds, and the one file whose replacement commits a change."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from agentsql.errors import ExampleStoreError

FORMAT = 1
"""Raised when the files' layout or the way questions are masked changes."""
FILE = "manifest.json"


@dataclass(frozen=True, slots=True)
class Base:
    """The part of the rows that an IVF index covers."""

    file: str
    rows: int
    """The first so many rows are in it."""
    trained_rows: int
    """Rows there were when its lists were chosen."""
    probes: int
    """Lists searched a query; chosen by measuring recall when it was built."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A committed state: whatever the files hold beyond these counts is not part of it."""

    model: str
    """Name of the embedding model, for messages; its fingerprint decides."""
    fingerprint: str
    dimension: int
    generation: int = 1
    """Number in the names of the files; a rebuild writes the next one beside the old."""
    rows: int = 0
    deleted: int = 0
    log_bytes: int = 0
    base: Base | None = None

    @property
    def examples(self) -> int:
        return self.rows - self.deleted


@dataclass(frozen=True, slots=True)
class Files:
    """Paths of one generation."""

    folder: Path
    generation: int

    @property
    def log(self) -> Path:
        """The truth: a JSON line for each example and each deletion, in order."""
        return self.folder / f"examples-{self.generation}.jsonl"

    @property
    def vectors(self) -> Path:
        """A float32 array of shape (rows, dimension)."""
        return self.folder / f"vectors-{self.generation}.bin"

    @property
    def rows(self) -> Path:
        """For each row where its line begins, its id and a hash of its database."""
        return self.folder / f"rows-{self.generation}.bin"

    @property
    def deleted(self) -> Path:
        """Numbers of deleted rows."""
        return self.folder / f"deleted-{self.generation}.bin"

    def base(self, number: int) -> Path:
        return self.folder / f"base-{self.generation}-{number}.faiss"


def read_manifest(folder: Path) -> Manifest | None:
    """Give the committed state; None if there is no store.

    Raises:
        ExampleStoreError: it is damaged or of another format.
    """
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise ExampleStoreError(
                f"the examples in {folder} have format {found['format']}, and this agentsql reads {FORMAT}; "
                f"{rebuild_with()}"
            )
        base = Base(**found["base"]) if found["base"] else None
        return Manifest(**{key: found[key] for key in Manifest.__slots__ if key != "base"}, base=base)
    except FileNotFoundError:
        if newest_log(folder) is None:
            return None
        raise ExampleStoreError(f"the examples in {folder} have lost their {FILE}; {rebuild_with()}") from None
    except (ValueError, KeyError, TypeError) as exc:
        raise ExampleStoreError(f"{folder / FILE} is damaged; {rebuild_with()}") from exc
    except OSError as exc:
        raise ExampleStoreError(
            f"the examples in {folder} cannot be read: {exc.strerror or exc}; make the folder readable, "
            "or name another in [examples] folder"
        ) from exc


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Commit a state in one step; what it counts must be on disk already."""
    temporary = folder / f"{FILE}.new"
    with open_private(temporary) as file:
        file.truncate()
        file.write(json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / FILE)
    sync_folder(folder)


def newest_log(folder: Path) -> Path | None:
    """Give the JSONL of the highest generation."""
    logs = {
        int(path.stem.removeprefix("examples-")): path
        for path in folder.glob("examples-*.jsonl")
        if path.stem.removeprefix("examples-").isdecimal()
    }
    return logs[max(logs)] if logs else None


def remove_others(folder: Path, manifest: Manifest) -> None:
    """Remove what earlier generations, replaced indexes and interrupted work left."""
    files = Files(folder, manifest.generation)
    kept = {files.log, files.vectors, files.rows, files.deleted}
    if manifest.base:
        kept.add(folder / manifest.base.file)
    for pattern in ("examples-*", "vectors-*.bin", "rows-*.bin", "deleted-*.bin", "base-*.faiss*"):
        for path in folder.glob(pattern):
            if path not in kept:
                with suppress(OSError):  # Windows keeps a file that another process has open; the next writer tries
                    path.unlink()


def open_private(path: Path) -> BinaryIO:
    """Open a file to read and write, made if it is not there; only its owner may read it, as SQL may be private."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def sync_folder(folder: Path) -> None:
    """Have the folder's names on disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def rebuild_with() -> str:
    return "run `agentsql examples rebuild`"
