"""Databases: which there are, their schema, and queries of the caller's own."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from agentsql.db.diagram import render_schema_json
from agentsql.serving.bodies import NAME, Databases, RowsBody, SchemaBody, SqlBody
from agentsql.serving.events import rows_body
from agentsql.serving.problems import responses
from agentsql.serving.service import CallerOf, Served, ServiceOf, names_for, served
from agentsql.types import ExecutionResult

router = APIRouter(prefix="/api", tags=["databases"])


@router.get("/databases", response_model=Databases, responses=responses())
async def list_databases(service: ServiceOf, caller: CallerOf) -> dict[str, Any]:
    """List the databases that this key may ask."""
    schemas = {name: service.agents[name].schema_for(caller.principal) for name in names_for(service, caller)}
    listed = [
        {"name": name, "dialect": schema.dialect, "tables": len(schema.tables)} for name, schema in schemas.items()
    ]
    return {"databases": listed}


@router.get("/schema", response_model=SchemaBody, responses=responses(404, 503))
async def schema(
    service: ServiceOf,
    caller: CallerOf,
    database: Annotated[str | None, Query(pattern=NAME, description="Left out, the first one.")] = None,
) -> dict[str, Any]:
    """Give the tables, columns, keys and sample values of a database."""
    of = served(service, caller, database)
    return {"database": of.name, **render_schema_json(of.agent.schema_for(caller.principal))}


@router.post("/sql", response_model=RowsBody, responses=responses(404, 503))
async def run_sql(body: SqlBody, service: ServiceOf, caller: CallerOf) -> dict[str, Any]:
    """Run one query of your own through both locks, so that it can only read.

    Wrong, slow and refused SQL is a success too: `error` says why there are no rows.
    """
    return rows_body(await queried(served(service, caller, body.database), body))


async def queried(of: Served, body: SqlBody) -> ExecutionResult:
    """Run a body's query for its caller, within the limits of both."""
    most = of.agent.settings.database
    return await of.agent.arun_sql(
        body.sql,
        max_rows=min(body.max_rows or most.max_rows, most.max_rows),
        timeout_s=min(body.timeout_s or most.timeout_s, most.timeout_s),
        principal=of.caller.principal,
    )
