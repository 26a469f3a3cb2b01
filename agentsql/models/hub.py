"""Fetches one model file from the hub, and tells whether that is in reach."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlsplit

from agentsql.models.catalogue import CatalogueModel, HubSource
from agentsql.models.sources import SourceFailedError

_REACH_S = 3.0
_PROBE_S = 5.0
"""Patience with one small request before anything is downloaded: the hub client alone retries for minutes."""


def fetch_from_hub(model: CatalogueModel, source: HubSource, parts: Path, on_bytes: Callable[[int], None]) -> Path:
    """Download the file into `parts` and give its path; what an earlier attempt left there is gone on with.

    The hub client's own settings hold: HF_ENDPOINT, HF_HUB_OFFLINE, HF_TOKEN and proxies.

    Raises:
        SourceFailedError: the hub cannot be reached, or holds another file.
    """
    import huggingface_hub
    from httpx2 import HTTPError
    from huggingface_hub.errors import HfHubHTTPError

    try:
        url = huggingface_hub.hf_hub_url(source.repository, model.file)
        found = huggingface_hub.get_hf_file_metadata(url, timeout=_PROBE_S)
        if found.etag and re.fullmatch("[0-9a-f]{64}", found.etag) and found.etag != model.sha256:
            raise SourceFailedError(f"it now holds another file, with sha256 {found.etag}")
        bars = cast(Any, lambda **options: _ByteCounter(on_bytes, **options))
        path = huggingface_hub.hf_hub_download(
            source.repository, model.file, local_dir=parts, etag_timeout=_PROBE_S, tqdm_class=bars
        )
    except (HTTPError, HfHubHTTPError, ConnectionError, TimeoutError, ValueError) as exc:
        raise SourceFailedError(" ".join(str(exc).split())[:200] or type(exc).__name__) from exc
    return Path(path)


def hub_is_off() -> bool:
    """Tell whether HF_HUB_OFFLINE keeps to what is in the cache."""
    return os.environ.get("HF_HUB_OFFLINE", "0").lower() in ("1", "on", "yes", "true")


def hub_in_reach() -> bool:
    """Tell within seconds whether the hub may be there; its own client tries for 50 s where it is not."""
    if hub_is_off():
        return False
    if any(os.environ.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")):
        return True
    address = urlsplit(os.environ.get("HF_ENDPOINT", "https://huggingface.co"))
    try:
        socket.create_connection((address.hostname or "", address.port or 443), timeout=_REACH_S).close()
    except OSError:
        return False
    return True


def cached_file(repository: str, file: str) -> Path | None:
    """Give a file of the hub as it was fetched before; None if it was not."""
    import huggingface_hub

    found = huggingface_hub.try_to_load_from_cache(repository, file)
    return Path(found) if isinstance(found, str) else None


class _ByteCounter:
    """Stands in for the progress bar that the hub client would draw."""

    def __init__(self, on_bytes: Callable[[int], None], *, initial: int = 0, **_: object) -> None:
        self._on_bytes = on_bytes
        self.n = initial

    def update(self, count: float | None = 1) -> None:
        self.n += int(count or 0)
        self._on_bytes(self.n)

    def __enter__(self) -> _ByteCounter:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        return None

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Take the other calls that a bar gets (`refresh`, `set_description`, …) and do nothing."""
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None
