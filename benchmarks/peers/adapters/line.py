"""The line protocol of an adapter: a question's JSON on stdin, its SQL's JSON on stdout.

Runs under each peer's own interpreter, so it needs nothing but Python.

    {"question": "How many singers are there?", "database": "/path/to/copy.sqlite", "evidence": ""}
    {"sql": "SELECT COUNT(*) FROM singer", "text": "There are 6.", "error": ""}
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from typing import NamedTuple

_FENCE = re.compile(r"```(?:\w*\s*\n)?(.*?)(?:```|\Z)", re.DOTALL)
MAX_TOKENS = 512
"""For a reply, where a peer lets its user say so: small models may never end."""


class Options(NamedTuple):
    """What the runner tells an adapter."""

    url: str
    """Base URL of the model server, ends in `/v1`."""
    model: str
    variant: str


class Reply(NamedTuple):
    """What a peer gave."""

    sql: str
    """The SQL it gave or, where it gives prose only, the SQL it executed last; empty if there was none."""
    text: str = ""


Ask = Callable[[str, str, str], Reply]
"""Asks a question, the path of a SQLite file, and evidence."""


def main(open_peer: Callable[[Options], Ask], *packages: str) -> None:
    """Answer lines until stdin ends; `packages` are those whose versions are reported."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--variant", default="")
    options = parser.parse_args()
    # Several peers print what they do; only the replies may reach the runner.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    started = time.perf_counter()
    ask = open_peer(Options(options.url, options.model, options.variant))
    ready = {
        "ready": True,
        "seconds": time.perf_counter() - started,
        "versions": {one: version(one) for one in packages},
    }
    print(json.dumps(ready), file=replies, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            reply, error = ask(asked["question"], asked["database"], asked.get("evidence", "")), ""
        except Exception as exc:  # whatever a peer raises, its user has no answer
            reply, error = Reply(""), f"{type(exc).__name__}: {exc}"[:2000]
        answer = {"sql": reply.sql or "", "text": str(reply.text)[:2000], "error": error}
        print(json.dumps(answer), file=replies, flush=True)


def table_texts(database: str) -> list[str]:
    """Give the CREATE TABLE text of each table, in the order they were made."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        )
        return [text for (text,) in rows]


def without_fence(text: str) -> str:
    """Give the first fenced block of a reply, or the reply if there is none."""
    found = _FENCE.search(text)
    return (found.group(1) if found else text).strip()
