"""Where model files lie, and whether one is the file that the catalogue means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from agentsql.errors import ModelFileError
from agentsql.folders import cache_folder
from agentsql.models.catalogue import CatalogueModel

_CHUNK = 1 << 20


def model_folder(directory: str = "") -> Path:
    """Give the folder of model files: `directory`, or the user's cache folder when that is empty."""
    return Path(directory).expanduser() if directory else cache_folder() / "models"


def verified_file(model: CatalogueModel, folder: Path) -> Path | None:
    """Give the model's file if it is there and its bytes are the catalogue's; None if it is not there.

    Hashing takes seconds for a gigabyte, so a stamp beside the file remembers the size and time of what was hashed.

    Raises:
        ModelFileError: the file is there and differs; it is set aside as `FILE.broken`, so that it is never loaded.
    """
    path = folder / model.file
    if not path.is_file():
        return None
    if _stamp_of(path, model.sha256) == _read_stamp(path):
        return path
    found = sha256_of(path)
    if found != model.sha256:
        broken = path.with_name(path.name + ".broken")
        path.replace(broken)
        raise ModelFileError(
            f"model file {path.name!r} in {folder} has sha256 {found}, not {model.sha256}; it was set aside as"
            f" {broken.name!r} and not loaded: delete it, then run `agentsql models pull {model.name}`"
        )
    write_stamp(path, model.sha256)
    return path


def write_stamp(path: Path, sha256: str) -> None:
    """Remember that the bytes of `path`, as they lie there now, have this hash."""
    stamp = _stamp_path(path)
    partial = stamp.with_suffix(".tmp")
    partial.write_text(json.dumps(_stamp_of(path, sha256)), "utf-8")
    partial.replace(stamp)


def sha256_of(path: Path, on_bytes: Callable[[int], None] | None = None) -> str:
    """Give the SHA-256 of a file in hex; `on_bytes` gets the number of bytes hashed so far."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            if on_bytes:
                on_bytes(done)
    return digest.hexdigest()


def _stamp_path(path: Path) -> Path:
    return path.with_name(path.name + ".verified")


def _stamp_of(path: Path, sha256: str) -> dict[str, object]:
    stat = path.stat()
    return {"bytes": stat.st_size, "modified_ns": stat.st_mtime_ns, "sha256": sha256}


def _read_stamp(path: Path) -> object:
    try:
        return json.loads(_stamp_path(path).read_text("utf-8"))
    except (OSError, ValueError):
        return None
