"""Opens the endpoint of a spec `anthropic:MODEL[@URL]`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agentsql.errors import ModelKeyError, UsageError
from agentsql.models.progress import ReportProgress, ignore_progress
from agentsql.settings import ModelSettings

if TYPE_CHECKING:
    from agentsql_anthropic.endpoint import AnthropicEndpoint

KEY = "ANTHROPIC_API_KEY"
_URL = "https://api.anthropic.com"


def open_anthropic(
    rest: str, *, settings: ModelSettings, progress: ReportProgress = ignore_progress
) -> AnthropicEndpoint:
    """Give the endpoint of `anthropic:MODEL`, or of a gateway that speaks the same protocol, `anthropic:MODEL@URL`.

    It connects on first use. The key is in ANTHROPIC_API_KEY; a gateway may do without one.

    Raises:
        UsageError: the spec names no model, or its address is none or holds a password.
        ModelKeyError: there is no key.
    """
    del progress  # nothing is downloaded and no server is started
    model, at, url = rest.partition("@")
    if not model or (at and not url):
        raise UsageError(f"model spec 'anthropic:{rest}' is not anthropic:MODEL or anthropic:MODEL@https://HOST")
    parts = urlsplit(url or _URL)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} in a model spec is no http address; write anthropic:{model}@https://HOST")
    if parts.username or parts.password:
        raise UsageError(f"the address of anthropic:{model} holds a name or password; put the key into {KEY}")
    key = os.environ.get(KEY, "")
    if not key and not url:
        raise ModelKeyError(f"model 'anthropic:{model}' needs a key; put one from console.anthropic.com into {KEY}")
    # Imported here because the import takes two seconds.
    from agentsql_anthropic.endpoint import AnthropicEndpoint

    return AnthropicEndpoint(model, url=url or _URL, key=key or "none", settings=settings)
