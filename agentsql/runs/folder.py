"""The folder of a run: a log that survives a kill at any byte, one process at a time, and the files made of the log."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from agentsql.errors import UsageError
from agentsql.evaluation.questions import Question
from agentsql.evaluation.records import TRACES, Record, record_from
from agentsql.runs.asking import ERROR, is_unreachable
from agentsql.runs.files import PART, write_whole
from agentsql.runs.manifest import MANIFEST, Manifest, changed, read_manifest, write_manifest
from agentsql.runs.results import CSV, csv_header, csv_rows, write_results

LOCK = ".lock"


class RunFolder:
    """An open folder of a run; `open_folder` gives it. Its methods are called by one thread at a time."""

    def __init__(self, path: Path, manifest: Manifest, places: dict[str, int], log: BinaryIO) -> None:
        self.path = path
        self.manifest = manifest
        self._places = places
        """For each question that has a record, the byte of the log where that begins."""
        self._log = log
        self._end = log.seek(0, os.SEEK_END)
        self._table = (path / CSV).open("ab")

    def __contains__(self, question: Question) -> bool:
        return question.id in self._places

    def __len__(self) -> int:
        return len(self._places)

    def append(self, records: Sequence[Record]) -> None:
        """Add records; they are on disk when this returns, each whole."""
        lines = [_line(record) for record in records]
        self._log.write(b"".join(lines))
        self._log.flush()
        os.fsync(self._log.fileno())
        for record, line in zip(records, lines, strict=True):
            self._places[record.question_id] = self._end
            self._end += len(line)
        self._table.write(csv_rows(records))
        self._table.flush()

    def record_of(self, question: Question) -> Record | None:
        """Give the record of a question; None if it has none yet."""
        place = self._places.get(question.id)
        return record_from(json.loads(self._line_at(place))) if place is not None else None

    def records(self, questions: Iterable[Question]) -> Iterator[Record]:
        """Give the records of those questions that have one."""
        for one in questions:
            if record := self.record_of(one):
                yield record

    def finish(self, questions: Sequence[Question], now: str) -> None:
        """Write the other files, and note the time; once every question has its record the log is put in order too."""
        complete = all(one in self for one in questions)
        if complete:
            self._sort(questions)
        write_results(self.path, questions, self.record_of)
        self.manifest["sessions"][-1]["finished"] = now
        self.manifest["finished"] = now if complete else None
        write_manifest(self.path, self.manifest)

    def close(self) -> None:
        """Close its files."""
        self._log.close()
        self._table.close()

    def _line_at(self, place: int) -> bytes:
        self._log.seek(place)  # writing is always at the end: the file is open to append
        return self._log.readline()

    def _sort(self, questions: Sequence[Question]) -> None:
        """Put the log in the order of the questions."""
        places = [self._places[one.id] for one in questions]
        if places == sorted(places):
            return
        write_whole(self.path / TRACES, map(self._line_at, places))
        self._log.close()
        self._log = (self.path / TRACES).open("a+b")
        self._places = {question: place for question, place, _ in _lines(self._log, self.path / TRACES)}
        self._end = self._log.seek(0, os.SEEK_END)


@contextmanager
def open_folder(
    path: Path,
    manifest: Manifest,
    *,
    resume: bool = False,
    retry_errors: bool = False,
) -> Iterator[RunFolder]:
    """Give the folder of a run, made or gone on with, and keep every other process out of it.

    Args:
        manifest: of the run that is to be; with `resume` one in the folder must be of the same run.
        retry_errors: forget every record of a question that could not be asked, not only where the model was the cause.

    Raises:
        UsageError: there is a run already and `resume` is false, it is another run, another process works on it, its
            log is damaged, or the folder holds something else.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as exc:
        raise UsageError(f"{path} is a file; name a folder for the run") from exc
    _check_contents(path, resume=resume)
    lock = FileLock(path / LOCK, timeout=0)
    try:
        with lock:
            folder = _opened(path, manifest, resume=resume, retry_errors=retry_errors)
            try:
                yield folder
            finally:
                folder.close()
    except Timeout as exc:
        raise UsageError(
            f"another process is working on the run in {path}; wait for it, or name another folder"
        ) from exc


def _check_contents(path: Path, *, resume: bool) -> None:
    names = {one.name for one in path.iterdir()}
    if MANIFEST in names:
        if not resume:
            raise UsageError(f"there is a run in {path} already; go on with it by --resume, or name another folder")
    elif found := sorted(name for name in names if name != LOCK and not name.endswith(PART)):
        raise UsageError(f"{path} holds {found[0]!r} and no {MANIFEST}, so it is no run's folder; name another one")


def _opened(path: Path, manifest: Manifest, *, resume: bool, retry_errors: bool) -> RunFolder:
    _check_contents(path, resume=resume)  # again, now that no other process can make a run here
    known = read_manifest(path)
    if known is not None and (differences := changed(known, manifest)):
        listed = "\n".join(f"  - {one}" for one in differences)
        raise UsageError(
            f"the run in {path} is another one:\n{listed}\n"
            "go on with it as it was begun, or name another folder for a run as it is now"
        )
    if known is not None:
        manifest = {**known, "sessions": [*known["sessions"], *manifest["sessions"]]}
    write_manifest(path, manifest)
    _mend(path / TRACES, retry_errors=retry_errors)
    log = (path / TRACES).open("a+b")
    try:
        places = {question: place for question, place, _ in _lines(log, path / TRACES)}
        # The table is made anew of the log: it may lack rows, or have half of one.
        rows = (csv_rows([record_from(json.loads(line))]) for line in _each_line(log, places.values()))
        write_whole(path / CSV, chain([csv_header()], rows))
        return RunFolder(path, manifest, places, log)
    except BaseException:
        log.close()
        raise


def _mend(path: Path, *, retry_errors: bool) -> None:
    """Cut off a last line that is not whole, and take out the records of questions that are to be asked again."""
    with path.open("a+b") as log:
        kept: list[int] = []
        end = again = 0
        for _, place, record in _lines(log, path):
            end = log.tell()
            if is_unreachable(record) or (retry_errors and record.status == ERROR):
                again += 1
            else:
                kept.append(place)
        log.truncate(end)
        if again:
            write_whole(path, _each_line(log, kept))


def _each_line(log: BinaryIO, places: Iterable[int]) -> Iterator[bytes]:
    for place in places:
        log.seek(place)
        yield log.readline()


def _lines(log: BinaryIO, path: Path) -> Iterator[tuple[str, int, Record]]:
    """Give question, place and record of each whole line; the file then stands at that line's end."""
    log.seek(0)
    place = 0
    number = 0
    while (line := log.readline()).endswith(b"\n"):
        number += 1
        try:
            record = record_from(json.loads(line))
        except (TypeError, ValueError) as exc:
            raise UsageError(
                f"line {number} of {path} is no record ({exc}); remove that line, or name another folder"
            ) from exc
        yield record.question_id, place, record
        place += len(line)


def _line(record: Record) -> bytes:
    # Text of a model may hold half of a surrogate pair, which UTF-8 has no bytes for; JSON readers take it so.
    return record.to_json().encode("utf-8", "surrogatepass") + b"\n"
