"""A scripted model and a tiny database: what tests are made of where no model and no data are at hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agentsql.types import Completion, Message, Usage

Reply = str | Exception | Callable[[Sequence[Message]], str]


class ScriptedModel:
    """An Endpoint that gives prepared replies, in order; keeps what it was asked in `asked`.

    A reply is a text, a function of the messages, or an exception to raise. When all are used up, the last text or
    function goes on being used.
    """

    def __init__(self, *replies: Reply, name: str = "scripted") -> None:
        self.name = name
        self.asked: list[tuple[Message, ...]] = []
        self.options: list[dict[str, Any]] = []
        self._replies = list(replies)

    def script(self, *replies: Reply) -> None:
        """Add replies behind those that are there."""
        self._replies.extend(replies)

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        n: int = 1,
        on_token: Callable[[str], None] | None = None,
        **options: Any,
    ) -> tuple[Completion, ...]:
        """Give the next `n` replies; word counts stand for token counts."""
        self.asked.append(tuple(messages))
        self.options.append({"n": n, **options})
        texts = [self._next(messages) for _ in range(n)]
        if on_token:
            for word in texts[0].split(" "):
                on_token(word)
        prompt_tokens = sum(len(message.content.split()) for message in messages)
        usage = Usage(1, prompt_tokens, sum(len(text.split()) for text in texts))
        return tuple(Completion(text, usage=usage if number == 0 else Usage()) for number, text in enumerate(texts))

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _next(self, messages: Sequence[Message]) -> str:
        if not self._replies:
            raise AssertionError(
                f"{self.name} was asked, but has no reply; the last message was: {messages[-1].content}"
            )
        reply = self._replies[0]
        if len(self._replies) > 1 or isinstance(reply, Exception):
            self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply(messages) if callable(reply) else reply


def tiny_database(path: str | Path) -> Path:
    """Make an SQLite database of singers and concerts at `path`, which must not exist, and give the path.

    `singer` (4 rows), `concert` (3 rows) and `singer_in_concert` (4 rows) are joined by foreign keys.
    """
    path = Path(path)
    if path.exists():
        raise FileExistsError(f"{path} exists; give tiny_database a new path, such as tmp_path / 'tiny.sqlite'")
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_TINY)
    finally:
        connection.close()
    return path


_TINY = """
CREATE TABLE singer (singer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT, age INTEGER);
CREATE TABLE concert (concert_id INTEGER PRIMARY KEY, title TEXT, year INTEGER);
CREATE TABLE singer_in_concert (
    singer_id INTEGER REFERENCES singer (singer_id), concert_id INTEGER REFERENCES concert (concert_id),
    PRIMARY KEY (singer_id, concert_id)
);
INSERT INTO singer VALUES (1, 'Joe Sharp', 'Netherlands', 52), (2, 'Timbaland', 'United States', 32),
    (3, 'Justin Brown', 'France', 29), (4, 'Rose White', 'France', 41);
INSERT INTO concert VALUES (1, 'Auditions', 2014), (2, 'Super bootcamp', 2014), (3, 'Home Visits', 2015);
INSERT INTO singer_in_concert VALUES (1, 1), (2, 1), (3, 2), (4, 3);
"""
