"""The resources: the schema of each database, and each of its tables, as the caller may see them."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import quote, unquote

from mcp.types import (
    ListResourcesResult,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from agentsql.db.schema import Schema
from agentsql.errors import UsageError, nearest
from agentsql.serving.keys import Caller
from agentsql.serving.mcp.schema import rendered
from agentsql.serving.service import Served, Service, names_for, served

SQL_TYPE = "application/sql"
TEMPLATES = [
    ResourceTemplate(
        name="schema",
        title="Schema of a database",
        uri_template="agentsql:///{database}/schema",
        description="The tables of a database as CREATE statements.",
        mime_type=SQL_TYPE,
    ),
    ResourceTemplate(
        name="table",
        title="Table of a database",
        uri_template="agentsql:///{database}/schema/{table}",
        description="One table as a CREATE statement, with its keys and sample values.",
        mime_type=SQL_TYPE,
    ),
]
_URI = re.compile(r"agentsql:///([^/?#]+)/schema(?:/([^/?#]+))?")
_A_PAGE = 500
"""Resources listed at a time."""


async def list_resources(service: Service, caller: Caller, cursor: str | None) -> ListResourcesResult:
    """List a page of what `caller` may read: each database, and behind it its tables.

    Raises:
        UsageError: there is no such page.
    """
    listed: list[Resource] = []
    for name in names_for(service, caller):
        schema = await _schema(served(service, caller, name))
        about = f"{len(schema.tables)} tables, SQL dialect {schema.dialect}"
        listed.append(_resource(schema_uri(name), f"{name} schema", about))
        listed += [_resource(schema_uri(name, one.name), f"{name}: {one.name}", one.comment) for one in schema]
    start = 0
    if cursor is not None:
        if not (cursor.isdecimal() and len(cursor) < 10 and int(cursor) < len(listed)):
            raise UsageError(f"there is no page {cursor[:50]!r}; list the resources from the start")
        start = int(cursor)
    end = start + _A_PAGE
    return ListResourcesResult(resources=listed[start:end], next_cursor=str(end) if end < len(listed) else None)


async def read_resource(service: Service, caller: Caller, uri: str) -> ReadResourceResult:
    """Give a schema or one table as text.

    Raises:
        UsageError, ApiError: there is no such resource, or not for this caller.
    """
    parts = _URI.fullmatch(uri)
    if parts is None:
        raise UsageError(f"there is no resource {uri[:200]!r}; one is called agentsql:///DATABASE/schema[/TABLE]")
    of = served(service, caller, unquote(parts[1]))
    text = await schema_text(of, unquote(parts[2]) if parts[2] else None)
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=SQL_TYPE, text=text)])


async def schema_text(of: Served, table: str | None = None) -> str:
    """Give CREATE statements of one table, or of all that there is room for.

    Raises:
        UsageError: there is no such table.
    """
    schema = await _schema(of)
    if table is not None and schema.table(table) is None:
        raise UsageError(f"database {of.name!r} has no table {table!r}{nearest(table, (one.name for one in schema))}")
    shown = rendered(schema, [table] if table is not None else ())
    left = [f"-- left out: {', '.join(shown.dropped)}"] if shown.dropped else []
    return "\n".join([f"-- dialect: {schema.dialect}", shown.text, *left])


async def table_names(of: Served) -> list[str]:
    """Give the tables that the caller may see."""
    return [table.name for table in await _schema(of)]


def schema_uri(database: str, table: str | None = None) -> str:
    """Give a resource's address."""
    return f"agentsql:///{database}/schema" + (f"/{quote(table, safe='')}" if table is not None else "")


async def _schema(of: Served) -> Schema:
    return await asyncio.to_thread(of.agent.schema_for, of.caller.principal)


def _resource(uri: str, name: str, description: str) -> Resource:
    return Resource(uri=uri, name=name, description=description or None, mime_type=SQL_TYPE)
