"""Fetches one model file from the hub; only this module imports huggingface_hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from agentsql.models.catalogue import CatalogueModel, HubSource
from agentsql.models.sources import SourceFailedError

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
