"""`agentsql examples`: the solved questions that are shown to the SQL model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.cli.options import Db, Form, ListFormat, Schemas
from agentsql.errors import UsageError
from agentsql.settings import load_settings

if TYPE_CHECKING:
    from agentsql.cli.progress import ProgressLine
    from agentsql.retrieval.example import Example
    from agentsql.retrieval.store import ExampleStore

app = typer.Typer(
    help="Keep, find and remove solved questions, which are shown for similar ones.", no_args_is_help=True
)
DbName = Annotated[str | None, typer.Option("--db", metavar="NAME", help="Only those of this database.")]
Folder = Annotated[str | None, typer.Option("--folder", help="Folder of the examples, if not the settings'.")]

_LISTED = 50


@app.command()
def add(
    question: Annotated[str, typer.Argument(help="The question in full.")],
    sql: Annotated[str, typer.Argument(help="SQL that answers it; it is run first.")],
    db: Db,
    folder: Folder = None,
    schemas: Schemas = None,
) -> None:
    """Add one solved question, if its SQL runs, and print its id."""
    from agentsql.db.connect import open_database
    from agentsql.steps.examples import confirmed_example

    settings = load_settings(flags={"database.schemas": schemas}).settings
    with closing(open_database(db, settings=settings.database, schema_settings=settings.schema)) as database:
        example = confirmed_example(database, question, sql, source="command line")
    with _progress() as progress:
        progress.say("loading the embedding model")
        added = _store(folder).add([example], progress.say)
    typer.echo(example.id)
    if not added:
        typer.echo("it was there already", err=True)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="JSON or JSON lines with question, sql (or query) and db (or db_id).")],
    db: Annotated[str, typer.Option("--db", metavar="NAME", help="The database of entries that name none.")] = "",
    dialect: Annotated[str, typer.Option("--dialect", help="SQL dialect of entries that name none.")] = "sqlite",
    folder: Folder = None,
) -> None:
    """Add the solved questions of a file. Done again, or after a stop, it adds only what is missing."""
    from agentsql.retrieval.layouts import read_solved

    examples = read_solved(file, db=db, dialect=dialect)
    store = _store(folder)
    with _progress() as progress:
        progress.say("loading the embedding model")
        added = store.add(_prepared(examples, progress), progress.say)
    already = f", {len(examples) - added:,} were there already" if added < len(examples) else ""
    typer.echo(f"{added:,} of {len(examples):,} added{already}; the store has {len(store):,}", err=True)


@app.command("list")
def list_examples(
    db: DbName = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")] = _LISTED,
    form: Form = ListFormat.TABLE,
    folder: Folder = None,
) -> None:
    """List the newest examples, newest last."""
    from collections import deque

    from agentsql.cli.lists import write_list
    from agentsql.retrieval.example import folded

    wanted = [one for one in _store(folder) if db is None or folded(one.db) == folded(db)]
    rows = [
        (one.id, one.db, one.question, _one_line(one.sql), one.source, one.created)
        for one in deque(wanted, maxlen=limit)
    ]
    write_list(("id", "db", "question", "sql", "source", "created"), rows, form)
    if len(wanted) > limit:
        typer.echo(f"{len(wanted):,} in all; --limit shows more", err=True)


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="The question to find similar ones of.")],
    db: Annotated[
        str | None, typer.Option("--db", metavar="FILE|URL", help="Compare as for a question about this database.")
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many.")] = 5,
    form: Form = ListFormat.TABLE,
    folder: Folder = None,
) -> None:
    """List the examples most like a question, most similar first."""
    from agentsql.cli.lists import write_list

    with _progress() as progress:
        progress.say("loading the embedding model")
        found = _store(folder).search(_masked(question, db), k)
    rows = [
        (round(one.similarity, 3), one.example.id, one.example.db, one.example.question, _one_line(one.example.sql))
        for one in found
    ]
    write_list(("similarity", "id", "db", "question", "sql"), rows, form)


@app.command()
def rm(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="As `agentsql examples list` shows them.")],
    folder: Folder = None,
) -> None:
    """Delete examples. Their text leaves the disk with the next `agentsql examples rebuild`."""
    deleted = _store(folder).delete(ids)
    typer.echo(f"{deleted:,} deleted", err=True)
    if deleted < len(set(ids)):
        raise UsageError(f"{len(set(ids)) - deleted} of these ids name no example; `agentsql examples list` shows them")


@app.command()
def rebuild(folder: Folder = None) -> None:
    """Embed every example anew: after a change of the embedding model, or of the file by hand."""
    store = _store(folder)
    with _progress() as progress:
        progress.say("loading the embedding model")
        count = store.rebuild(progress.say)
    typer.echo(f"{count:,} examples", err=True)


def _store(folder: str | None) -> ExampleStore:
    from agentsql.retrieval.store import open_examples

    return open_examples(load_settings(flags={"examples.folder": folder}).settings.examples)


def _prepared(examples: list[Example], progress: ProgressLine) -> Iterator[Example]:
    """Give each with what is compared of it, and when it came; what a file says of that is kept."""
    from agentsql.steps.examples import masked_by_sql

    now = datetime.now(UTC).isoformat(timespec="seconds")
    for number, one in enumerate(examples):
        progress.say(f"{number:,} of {len(examples):,} questions")
        masked = one.masked or masked_by_sql(one.question, one.sql, one.dialect)
        yield replace(one, masked=masked, created=one.created or now)


def _masked(question: str, db: str | None) -> str:
    from agentsql.db.connect import open_database
    from agentsql.db.words import index_words
    from agentsql.steps.examples import masked_by_links
    from agentsql.types import Links

    if db is None:
        return masked_by_links(question, Links())
    settings = load_settings().settings
    with closing(open_database(db, settings=settings.database, schema_settings=settings.schema)) as database:
        return masked_by_links(question, index_words(database.schema()).find(question))


@contextmanager
def _progress() -> Iterator[ProgressLine]:
    from agentsql.cli.progress import ProgressLine
    from agentsql.cli.show import make_console

    with ProgressLine(make_console(stderr=True)) as progress:
        yield progress


def _one_line(sql: str) -> str:
    return " ".join(sql.split())
