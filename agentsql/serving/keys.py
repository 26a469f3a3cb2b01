"""API keys: who a caller is, and what that caller may reach. Only hashes are kept."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import secrets
import threading
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentsql.errors import UsageError, nearest
from agentsql.types import Principal

logger = logging.getLogger(__name__)

VARIABLE = "AGENTSQL_KEYS"
"""Environment variable with keys as `NAME=sha256:HEX,NAME=sha256:HEX`; databases and limits need a file."""
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a key, a database and a conversation may be called: such a name stays whole in a path, a label and a file."""

_PREFIX = "asql_"
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_LOOK_EVERY_S = 1.0
_KNOWN = ("hash", "databases", "per_minute", "principal")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str
    databases: tuple[str, ...] = ()
    """Names of those it may reach; empty means all."""
    per_minute: int = 0
    """Requests; 0 means no limit."""
    principal: Principal | str | None = None
    """Who it is for a policy; a text is one that the policy describes, and None the agent's own."""


LOCAL = Caller("local")
"""Whoever asks a server without keys, which listens on this machine only."""


class KeyRing:
    """The keys of a file and of the environment; a change of the file holds from a second later, without a restart."""

    def __init__(self, file: Path | None, fixed: Mapping[str, Caller], clock: Callable[[], float] = time.monotonic):
        """Read the file.

        Args:
            fixed: callers by the hash of their key, beside those of the file.

        Raises:
            UsageError: the file cannot be read or is wrong.
        """
        self._file = file
        self._fixed = fixed
        self._clock = clock
        self._lock = threading.Lock()
        self._looked = clock()
        self._stamp = _stamp(file)
        self._callers = {**fixed, **(read_keys(file) if file else {})}

    def find(self, key: str) -> Caller | None:
        """Give whose key it is; None if it is nobody's."""
        self._follow()
        return self._callers.get(hash_key(key))

    def __len__(self) -> int:
        return len(self._callers)

    def _follow(self) -> None:
        with self._lock:
            if self._file is None or self._clock() - self._looked < _LOOK_EVERY_S:
                return
            self._looked = self._clock()
            if (stamp := _stamp(self._file)) == self._stamp:
                return
            try:
                self._callers = {**self._fixed, **read_keys(self._file)}
            except UsageError as exc:
                logger.error("the keys stay as they were: %s", exc)
            self._stamp = stamp


def make_key() -> str:
    """Give a new key with 256 random bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def hash_key(key: str) -> str:
    """Give the hash a key is kept as.

    One round of SHA-256 is enough for a key of 256 random bits: there is nothing to guess, unlike in a password.
    """
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def read_keys(file: Path) -> dict[str, Caller]:
    """Give the callers of a key file by the hash of their key.

    Raises:
        UsageError: it cannot be read, is no TOML, or an entry is wrong; the message names file and entry.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise UsageError(f"the key file {str(file)!r} is not valid TOML: {exc}; correct that line") from exc
    except OSError as exc:
        raise UsageError(
            f"cannot read the key file {str(file)!r}: {exc.strerror or exc}; make one with `agentsql keys add NAME`"
        ) from exc
    callers: dict[str, Caller] = {}
    for name, entry in document.items():
        where = f"key {name!r} in {str(file)!r}"
        if not isinstance(entry, dict):
            raise UsageError(f"{where} must be a section, written [{name}]")
        key_hash, caller = _caller(name, entry, where)
        if key_hash in callers:
            raise UsageError(f"{where} has the same hash as key {callers[key_hash].name!r}; give each a key of its own")
        callers[key_hash] = caller
    return callers


def keys_of_variable(text: str) -> dict[str, Caller]:
    """Give the callers of the environment variable's text, by the hash of their key.

    Raises:
        UsageError: it is not of the form `NAME=sha256:HEX,…`.
    """
    callers: dict[str, Caller] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _, key_hash = part.partition("=")
        stored, caller = _caller(name.strip(), {"hash": key_hash.strip()}, f"key {name!r} in ${VARIABLE}")
        callers[stored] = caller
    return callers


def add_key(file: Path, name: str, *, databases: tuple[str, ...] = (), per_minute: int = 0) -> str:
    """Add an entry to a key file, which is made readable to its owner only, and give the key, which is kept nowhere.

    Raises:
        UsageError: the name is taken or none, or the file is wrong.
    """
    _check_name(name, f"key {name!r}")
    if file.exists() and name in (caller.name for caller in read_keys(file).values()):
        raise UsageError(f"{str(file)!r} has a key {name!r} already; take another name, or delete its section first")
    key = make_key()
    lines = [f"[{name}]", f'hash = "{hash_key(key)}"']
    if databases:
        for one in databases:
            _check_name(one, f"database {one!r}")
        lines.append(f"databases = {json.dumps(databases)}")  # a list of such names is the same in TOML
    if per_minute:
        lines.append(f"per_minute = {per_minute}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(("\n" if file.stat().st_size else "") + "\n".join(lines) + "\n")
    return key


def _caller(name: str, entry: Mapping[str, Any], where: str) -> tuple[str, Caller]:
    _check_name(name, where)
    for key in entry:
        if key not in _KNOWN:
            meant = nearest(key, _KNOWN) or f"; known: {', '.join(_KNOWN)}"
            raise UsageError(f"{where}: unknown setting {key!r}{meant}")
    key_hash = entry.get("hash")
    if not isinstance(key_hash, str) or not _HASH.fullmatch(key_hash):
        raise UsageError(f'{where} needs hash = "sha256:…" of 64 hex digits; `agentsql keys add NAME` writes one')
    databases = entry.get("databases", [])
    if not isinstance(databases, list) or not all(isinstance(one, str) for one in databases):
        raise UsageError(f"{where}: databases must be a list of names")
    per_minute = entry.get("per_minute", 0)
    if type(per_minute) is not int or per_minute < 0:
        raise UsageError(f"{where}: per_minute must be a whole number, 0 for no limit")
    return key_hash, Caller(name, tuple(databases), per_minute, _principal(entry.get("principal"), name, where))


def _principal(entry: object, name: str, where: str) -> Principal | str:
    if entry is None:
        return name  # never the server's own, which may see more than a key's holder
    if isinstance(entry, str):
        return entry
    if not isinstance(entry, dict) or set(entry) - {"name", "roles", "attributes"}:
        raise UsageError(f"{where}: principal must be a name, or a table of name, roles and attributes")
    roles, attributes = entry.get("roles", []), entry.get("attributes", {})
    if not isinstance(roles, list) or not isinstance(attributes, dict):
        raise UsageError(f"{where}: roles of a principal are a list, attributes a table")
    kept = {key: tuple(value) if isinstance(value, list) else value for key, value in attributes.items()}
    return Principal(str(entry.get("name", name)), kept, tuple(map(str, roles)))


def _check_name(name: str, where: str) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(f"{where}: a name has 1 to 64 letters, digits, `_` and `-`")


def _stamp(file: Path | None) -> tuple[int, ...]:
    try:
        status = file.stat() if file else None
    except OSError:
        return ()
    return (status.st_mtime_ns, status.st_size, status.st_ino) if status else ()
