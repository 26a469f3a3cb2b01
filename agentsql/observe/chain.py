"""The lines of an audit log: how each is chained to the one before, and where a chain is broken."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentsql.errors import AuditError

START = "0" * 64
"""Stands for the line before the first."""
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the next entry goes."""

    n: int = 0
    """Number of the last whole entry."""
    hash: str = START
    """SHA-256 of its line."""
    torn: bytes = b""
    """What a crash left behind it."""
    is_open: bool = False
    """True if nothing of it is missing but its line end."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a log."""

    entries: int
    head: str
    """SHA-256 of the last entry's line; kept elsewhere, it shows later that nothing was cut off."""
    broken_line: int = 0
    """Number of the first line that does not belong where it stands, from 1; 0 if there is none."""
    why: str = ""
    torn_lines: tuple[int, ...] = ()
    """Lines that a crash tore; the chain goes on behind them."""
    anchor_line: int = 0
    """Line whose hash is the anchor; 0 if none has it, or none was given."""


def digest(line: bytes) -> str:
    """Give the SHA-256 of a line, without its end, in hex."""
    return hashlib.sha256(line).hexdigest()


def entry_line(fields: Mapping[str, Any], previous: str) -> bytes:
    """Give an entry as a line without its end: ASCII, so that no text in it can break a line or a terminal."""
    return json.dumps({**fields, "previous": previous}).encode("ascii")


def read_tail(handle: int, path: Path) -> Tail:
    """Read a log's end backwards to its last whole entry.

    Raises:
        AuditError: the file has lines, none of which is an entry.
    """
    start = os.fstat(handle).st_size
    if not start:
        return Tail()
    kept = b""
    while start:
        size = min(_CHUNK, start)
        start -= size
        kept = os.pread(handle, size, start) + kept
        whole = kept if start == 0 else kept[kept.find(b"\n") + 1 :] if b"\n" in kept else b""
        if found := _last_entry(whole):
            return found
    if b"\n" not in kept:
        return _last_entry(b"\n" + kept) or Tail(torn=kept)  # the very first line was torn
    raise AuditError(f"{str(path)!r} is no audit log: it holds no entry; name another file in [observe] audit")


def verify(path: Path, *, anchor: str = "") -> Verdict:
    """Follow the chain from the first line to the last and say where it is broken.

    Args:
        anchor: a hash that an earlier check gave as the head.

    Raises:
        AuditError: the file cannot be read.
    """
    tail, torn_lines, pending = Tail(), [], b""
    anchored = number = 0
    try:
        for number, line in enumerate(_lines(path), 1):
            entry = _entry(line.removesuffix(b"\n"))
            if entry is None:
                torn_lines.append(number)
                pending += line
                continue
            if why := _problem(entry, tail, pending, torn_lines):
                broken = torn_lines[-1] if pending and entry["event"] != "resumed" else number
                return Verdict(tail.n, tail.hash, broken, why, tuple(torn_lines[:-1]), anchored)
            pending = b""
            tail = Tail(entry["n"], digest(line.removesuffix(b"\n")))
            anchored = number if tail.hash == anchor else anchored
    except OSError as exc:
        raise AuditError(f"cannot read the audit log {str(path)!r}: {exc.strerror or exc}; name a log's file") from exc
    if anchor and not anchored:
        why = "no line has the hash of the anchor: lines were cut off or written anew"
        return Verdict(tail.n, tail.hash, number + 1, why, tuple(torn_lines))
    return Verdict(tail.n, tail.hash, torn_lines=tuple(torn_lines), anchor_line=anchored)


def _problem(entry: Mapping[str, Any], tail: Tail, pending: bytes, torn_lines: list[int]) -> str:
    """Say why an entry does not follow on what is before it; empty if it does."""
    if pending:
        if entry["event"] != "resumed":
            return "it is no entry, and no crash: the line behind it does not speak of one"
        # The line end that closes a torn line is the first byte of what was written behind it.
        if entry.get("torn_sha256") not in (digest(pending), digest(pending.removesuffix(b"\n"))):
            return f"it resumes behind a torn line, but line {torn_lines[-1]} is not what was torn"
    elif entry["event"] == "resumed":
        return "it resumes behind a torn line that is not there"
    if entry["n"] != tail.n + 1:
        return f"it is entry {entry['n']}, where {tail.n + 1} belongs: lines were removed, added or moved"
    if entry["previous"] != tail.hash:
        return "it does not hold the hash of the line before it: that line was changed, or one was put in its place"
    return ""


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as lines:
        yield from lines


def _last_entry(text: bytes) -> Tail | None:
    """Give the tail of a text that begins with a line's beginning; None if it holds no whole entry."""
    end = text.rfind(b"\n")
    last = text[end + 1 :]
    if entry := _entry(last):
        return Tail(entry["n"], digest(last), is_open=True)
    while end >= 0:
        begin = text.rfind(b"\n", 0, end) + 1
        line = text[begin:end]
        if entry := _entry(line):
            return Tail(entry["n"], digest(line), text[end + 1 :])
        end = begin - 1
    return None


def _entry(line: bytes) -> dict[str, Any] | None:
    """Give the object of a line, or None if it is none of ours."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    kinds = {"n": int, "event": str, "previous": str}
    if not isinstance(found, dict) or any(type(found.get(key)) is not kind for key, kind in kinds.items()):
        return None
    return found
