"""Fetches model files."""

from __future__ import annotations

from pathlib import Path

from agentsql.errors import ModelFileError
from agentsql.models.catalogue import catalogue_model
from agentsql.models.files import model_folder, verified_file
from agentsql.models.progress import ReportProgress, ignore_progress


def pull(name: str, *, directory: str = "", progress: ReportProgress = ignore_progress) -> Path:
    """Give the verified file of a catalogue model, downloaded if it is missing."""
    model = catalogue_model(name)
    folder = model_folder(directory)
    if path := verified_file(model, folder):
        return path
    raise ModelFileError(f"no file for {name!r}")
