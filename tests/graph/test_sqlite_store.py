"""Several processes write to one store in a SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

from agentsql.graph.threads import open_store


async def test_what_another_process_writes_beside_a_read_refuses_no_write(tmp_path):
    file = tmp_path / "conversations.sqlite"
    store, close = await open_store(file)
    await store.aput(("a",), "key", {"n": 1}, index=False)
    written: list[str] = []

    def before(statement: str) -> None:
        if not written and statement.lstrip().startswith(("DELETE", "INSERT")):
            other.execute("PRAGMA user_version = 7")  # the smallest write there is
            written.append(statement)

    try:
        with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
            await store.conn.set_trace_callback(before)
            found, _ = await asyncio.gather(  # which LangGraph takes together
                store.aget(("a",), "key"), store.aput(("b",), "key", {"n": 2}, index=False)
            )
            await store.conn.set_trace_callback(None)
        kept = await store.aget(("b",), "key")
    finally:
        await close()
    assert written
    assert (found.value, kept.value) == ({"n": 1}, {"n": 2})
