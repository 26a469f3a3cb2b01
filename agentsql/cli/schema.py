"""`agentsql schema`: what a database looks like."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from agentsql.cli import options
from agentsql.errors import UsageError, nearest
from agentsql.settings import Settings, load_settings

if TYPE_CHECKING:
    from agentsql.db.schema import Schema, Table


class SchemaFormat(StrEnum):
    """How `schema` writes it."""

    TEXT = "text"
    JSON = "json"
    MERMAID = "mermaid"


def schema(
    db: options.Db,
    form: Annotated[
        SchemaFormat, typer.Option("--format", help="text: as models read it; mermaid: an ER diagram.")
    ] = SchemaFormat.TEXT,
    table: Annotated[
        list[str] | None, typer.Option("--table", metavar="NAME", help="Only this table; repeatable.")
    ] = None,
    schemas: options.Schemas = None,
) -> None:
    """Show the tables, columns, keys and sample values of a database."""
    from dataclasses import replace

    from agentsql.cli.safe import printable
    from agentsql.db.connect import open_database

    settings = load_settings(flags={"database.schemas": schemas}).settings
    database = open_database(db, settings=settings.database, schema_settings=settings.schema)
    try:
        found = database.schema()
    finally:
        database.close()
    if table:
        chosen = [_table(found, name) for name in table]
        found = replace(found, tables=tuple(one for one in found if one in chosen))
    typer.echo(printable(_rendered(found, form, settings)).rstrip("\n"))


def _rendered(found: Schema, form: SchemaFormat, settings: Settings) -> str:
    from agentsql import formats
    from agentsql.db.diagram import render_mermaid, render_schema_json
    from agentsql.db.render import render_schema

    if form is SchemaFormat.JSON:
        return formats.to_json(render_schema_json(found))
    if form is SchemaFormat.MERMAID:
        return render_mermaid(found)
    return render_schema(found, prompt_tokens=sys.maxsize, sample_values=settings.schema.sample_values).text


def _table(schema: Schema, name: str) -> Table:
    found = schema.table(name)
    if found is None:
        meant = nearest(name, (one.name for one in schema)) or "; leave --table out to see all"
        raise UsageError(f"there is no table {name!r}{meant}")
    return found
