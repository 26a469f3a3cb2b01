"""Feather-SQL's loop, one request after another: prune, link, up to four prompts, eight candidates, correction, choice.

The order of the calls, their numbers and sampling, which candidates are dropped, corrected and shown, and how the
choice is read are those of HLXU23/Feather-SQL (run.py, stages.py and generation.py of commit 50c5bb1), with eight
candidates where that has twelve, as many as our graph `feather`. The prompts are written anew.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from functools import partial

from chat import complete
from line import Options, Reply, main, without_fence

_CANDIDATES = 8
_CORRECTIONS = 2
_CHOICES = 10
"""How often the model may be asked to choose until it names a candidate."""
_QUERY_S = 15.0
_MOST_SHOWN = 4500
"""Characters of all results together up to which the choice is shown them."""
_SAMPLED = {"temperature": 0.2, "top_p": 0.8}
_PRUNE = "You find the tables that a query for the question needs. Think about keys and columns, then name the tables."
_LINK = "You find the columns that a query for the question needs, to filter, to join or to show. Name them."
_WRITE = "You write one SQLite query that answers the question, in a ```sql block, and nothing else."
_MEND = "You correct a SQLite query that failed. Reply with one query and nothing else."
_CHOOSE = "You judge which of several queries answers the question. Reply with its number, as `Index: 1`."
_BLOCK = re.compile(r"```sql(.*?)```", re.DOTALL)
_TO_SEMICOLON = re.compile(r"SELECT.*?;", re.DOTALL)
_INDEX = re.compile(r"Index: (\d+)")


def open_peer(options: Options):
    call = partial(complete, options)

    def ask(question: str, database: str, evidence: str) -> Reply:
        texts, columns = _schema(database)
        whole = ";\n\n".join(texts.values())
        asked = f"Question: {question}\nHint: {evidence}\n"
        (reply,) = call(_PRUNE, f"{whole}\n\n{asked}Which of the tables {', '.join(texts)} are needed?")
        kept = [table for table in texts if table.lower() in reply.lower()]
        (reply,) = call(_LINK, f"{whole}\n\n{asked}Which columns are needed?")
        linked = sorted({f"{table}.{column}" for column, table in columns.items() if column in reply})
        prompts = _prompts(asked, whole, ";\n\n".join(texts[one] for one in kept) if kept else whole, linked)
        written = {_cleaned(text) for prompt in prompts
                   for text in call(_WRITE, prompt, n=_CANDIDATES // len(prompts), **_SAMPLED)}  # fmt: skip
        ran: list[tuple[str, str]] = []
        for sql in written:
            rows, error = _run(database, sql)
            attempts = [(sql, rows)]
            if error:
                prompt = f"{whole}\n\n{asked}Query: {sql}\nError: {error}\nCorrected query:"
                again = [without_fence(one) for one in call(_MEND, prompt, n=_CORRECTIONS, **_SAMPLED)]
                attempts = [(one, _run(database, one)[0]) for one in again]
            for one, found in attempts:
                if found and repr(found) not in [seen for _, seen in ran]:
                    ran.append((one, repr(found)))
        return Reply(_chosen(call, whole, asked, ran)) if ran else Reply("", "no candidate gave rows")

    return ask


def _schema(database: str) -> tuple[dict[str, str], dict[str, str]]:
    """Give each table's CREATE text, and for each column name the first table that has it."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        texts = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid"))
        columns: dict[str, str] = {}
        for table in texts:
            for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)):
                columns.setdefault(column, table)
    return texts, columns


def _prompts(asked: str, whole: str, pruned: str, linked: list[str]) -> list[str]:
    """Give the prompts that differ: all or the kept tables, without and with the columns found."""
    named = f"Important columns: {', '.join(linked)}\n"
    shown = [(whole, "")]
    if pruned != whole:
        shown += [(pruned, ""), *([(pruned, named)] if linked else [])]
    shown += [(whole, named)] if linked else []
    return [f"{schema}\n\n{columns}{asked}SQLite query:" for schema, columns in shown]


def _cleaned(text: str) -> str:
    found = _TO_SEMICOLON.search(text)
    block = _BLOCK.search(text)
    sql = found.group() if found else block.group(1) if block else text
    return " ".join(sql.replace('"', " ").split())  # quoted names are lost here, as they are in the source


def _run(database: str, sql: str) -> tuple[list[tuple[object, ...]], str]:
    give_up_at = time.monotonic() + _QUERY_S
    with closing(sqlite3.connect(database)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > give_up_at, 10_000)
        try:
            return connection.execute(sql).fetchall(), ""
        except (sqlite3.Error, sqlite3.Warning) as exc:
            return [], str(exc)


def _chosen(call, whole: str, asked: str, ran: list[tuple[str, str]]) -> str:
    if len(ran) == 1:
        return ran[0][0]
    with_rows = max(len(rows) for _, rows in ran) * len(ran) < _MOST_SHOWN
    lines = [f"Index: {number}, Query: {sql}" + (f", Result: {rows}" if with_rows else "")
             for number, (sql, rows) in enumerate(ran, 1)]  # fmt: skip
    for _ in range(_CHOICES):
        (reply,) = call(_CHOOSE, f"{whole}\n\n{asked}" + "\n".join(lines) + "\nWhich one?")
        named = reply if reply.isdigit() else match.group(1) if (match := _INDEX.search(reply)) else "0"
        if 1 <= int(named) <= len(ran):
            return ran[int(named) - 1][0]
    return ran[0][0]


if __name__ == "__main__":
    main(open_peer)
