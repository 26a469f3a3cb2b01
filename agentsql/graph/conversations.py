"""What was said in conversations, for their callers to list, read and delete: LangGraph's store beside its threads.

A checkpoint holds what the next question needs; here is what a person wants to see again. Rows are in neither list.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsql.graph.threads import open_store, thread_errors, unusable
from agentsql.types import Answer

if TYPE_CHECKING:
    from langgraph.store.base import BaseStore

_TURNS_READ = 1000
"""Turns of one conversation that are given; later ones are kept all the same."""
_TITLE = 200


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """One question of a conversation and what came of it."""

    question: str
    status: str
    text: str
    sql: str
    columns: tuple[str, ...]
    at: str
    """When it was answered: ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class KeptConversation:
    """A conversation in a list."""

    id: str
    title: str
    """Its first question."""
    created: str
    updated: str
    waiting: bool
    """A query of its newest question waits for a decision."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose conversations, and about which database; no part holds a period or is empty."""

    owner: str
    database: str

    def thread_id(self, conversation: str) -> str:
        """Give the id the conversation's checkpoints are kept under; another owner's is always another."""
        return f"serve/{self.owner}/{self.database}/{conversation}"


class Conversations:
    """The conversations of one place; it belongs to the event loop it was opened in."""

    def __init__(self, target: str | Path, store: BaseStore, close: Callable[[], Awaitable[None]]) -> None:
        self._target = target
        self._store = store
        self._close = close

    async def add(self, place: Place, conversation: str, answer: Answer) -> None:
        """Keep a turn; what came of a question that waited takes the place of its waiting.

        Raises:
            AgentSQLError: it cannot be written; likewise for all that follows.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        turn = {
            "question": answer.question,
            "status": answer.status,
            "text": answer.text,
            "sql": answer.sql,
            "columns": list(answer.columns),
            "at": now,
        }
        try:
            known = await self._store.aget(_listed(place), conversation)
            was = known.value if known else {"title": answer.question[:_TITLE], "created": now}
            key = f"{time.time_ns():020d}"  # sorts by time, whichever process wrote it
            if waiting := was.get("waiting"):
                waited = await self._store.aget(_said(place, conversation), waiting)
                key = waiting if waited and waited.value["question"] == answer.question else key
            listed = {**was, "updated": now, "waiting": key if answer.status == "waiting" else "", "decided": False}
            await self._store.aput(_listed(place), conversation, listed, index=False)
            await self._store.aput(_said(place, conversation), key, turn, index=False)
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc

    async def decided(self, place: Place, conversation: str) -> None:
        """Note that the query that waits there was decided about, also if nothing comes of it."""
        try:
            known = await self._store.aget(_listed(place), conversation)
            if known:
                await self._store.aput(_listed(place), conversation, {**known.value, "decided": True}, index=False)
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc

    async def listed(self, place: Place, *, limit: int, offset: int = 0) -> tuple[KeptConversation, ...]:
        """Give the conversations, the one with the newest turn first."""
        try:
            found = await self._store.asearch(_listed(place), limit=limit, offset=offset)
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc
        return tuple(_kept(one.key, one.value) for one in found)

    async def read(self, place: Place, conversation: str) -> tuple[KeptTurn, ...]:
        """Give the turns, oldest first; none if there is no such conversation."""
        try:
            found = await self._store.asearch(_said(place, conversation), limit=_TURNS_READ)
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc
        values = [one.value for one in sorted(found, key=lambda one: one.key)]
        return tuple(KeptTurn(**{**value, "columns": tuple(value["columns"])}) for value in values)

    async def delete(self, place: Place, conversation: str) -> bool:
        """Delete what was said in a conversation; False if there was none. Its thread is the agent's to forget."""
        try:
            known = await self._store.aget(_listed(place), conversation)
            while found := await self._store.asearch(_said(place, conversation), limit=_TURNS_READ):
                for one in found:
                    await self._store.adelete(one.namespace, one.key)
            await self._store.adelete(_listed(place), conversation)
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc
        return known is not None

    async def note(self, place: Place, note: Mapping[str, str]) -> None:
        """Keep what a caller said of an answer, in place of what the caller said of it before.

        Args:
            note: which answer, as `question` and `sql`, and what was said of it.
        """
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        key = hashlib.sha256(f"{note['question']}\0{note['sql']}".encode("utf-8", "surrogatepass")).hexdigest()
        try:
            await self._store.aput(_noted(place), key, {**note, "at": now}, index=False)
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc

    async def notes(self, place: Place, *, limit: int) -> tuple[Mapping[str, str], ...]:
        """Give the newest of what was said of answers, newest first."""
        try:
            found = await self._store.asearch(_noted(place), limit=limit)
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc
        return tuple(one.value for one in sorted(found, key=lambda one: one.value["at"], reverse=True))

    async def check(self) -> None:
        """Read something, to see that it can be read."""
        try:
            await self._store.aget(("check",), "check")
        except thread_errors() as exc:
            raise unusable(self._target, exc) from exc

    async def close(self) -> None:
        """Close it."""
        await self._close()


async def open_conversations(target: str | Path) -> Conversations:
    """Open those of a file or a `postgresql://` URL; several processes may do so. Raises as `open_store` does."""
    store, close = await open_store(target)
    return Conversations(target, store, close)


def _kept(conversation: str, value: Mapping[str, Any]) -> KeptConversation:
    waiting = bool(value.get("waiting")) and not value.get("decided")
    return KeptConversation(conversation, value["title"], value["created"], value["updated"], waiting)


def _listed(place: Place) -> tuple[str, ...]:
    return "conversations", place.owner, place.database


def _said(place: Place, conversation: str) -> tuple[str, ...]:
    return "turns", place.owner, place.database, conversation


def _noted(place: Place) -> tuple[str, ...]:
    return "feedback", place.owner, place.database
