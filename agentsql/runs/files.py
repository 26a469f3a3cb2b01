"""Files that are whole or not there, whenever the process dies."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from agentsql.retrieval.manifest import sync_folder

PART = ".part"
"""End of the name of a file that is not whole yet."""


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file beside `path` and put it in its place in one step, once it is on disk."""
    part = path.with_name(path.name + PART)
    with part.open("wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)
