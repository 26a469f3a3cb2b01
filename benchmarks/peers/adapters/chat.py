"""A call of a chat model with nothing but Python's own library."""

from __future__ import annotations

import json
import urllib.request

from line import MAX_TOKENS, Options


def complete(
    options: Options, system: str, user: str, *, n: int = 1, temperature: float = 0.0, top_p: float = 1.0
) -> list[str]:
    """Give the texts of `n` completions of one request."""
    body = {
        "model": options.model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "n": n,
        "temperature": temperature,
        "top_p": top_p,
        "max_tokens": MAX_TOKENS,
    }
    request = urllib.request.Request(
        f"{options.url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as response:
        return [choice["message"]["content"] or "" for choice in json.load(response)["choices"]]
