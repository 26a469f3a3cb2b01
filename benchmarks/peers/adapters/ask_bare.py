"""One greedy call with the CREATE TABLE texts, and nothing more: what anyone writes in ten minutes."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from chat import complete
from line import Options, Reply, main, table_texts, without_fence

_SYSTEM = "You write one SQLite query that answers the question. Reply with the query alone."


def open_peer(options: Options):
    def ask(question: str, database: str, evidence: str) -> Reply:
        tables = ";\n\n".join(table_texts(database))
        asked = f"{tables};\n\nQuestion: {question}" + (f"\nHint: {evidence}" if evidence else "")
        (text,) = complete(options, _SYSTEM, asked)
        sql = without_fence(text)
        try:
            with closing(sqlite3.connect(database)) as connection:
                return Reply(sql, repr(connection.execute(sql).fetchall()))
        except (sqlite3.Error, sqlite3.Warning) as exc:
            return Reply(sql, f"failed: {exc}")

    return ask


if __name__ == "__main__":
    main(open_peer)
