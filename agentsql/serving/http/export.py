"""Rows of a query as a file, with the types that JSON has no names for."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ConfigDict

from agentsql.errors import UsageError
from agentsql.export import export_rows
from agentsql.serving.bodies import SqlBody
from agentsql.serving.http.databases import queried
from agentsql.serving.problems import ApiError, responses
from agentsql.serving.service import CallerOf, ServiceOf, served

router = APIRouter(prefix="/api", tags=["databases"])
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportBody(SqlBody):
    """A query whose rows are wanted as a file."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"sql": "SELECT COUNT(*) FROM books", "format": "csv"}]}
    )
    format: Literal["csv", "json", "parquet", "xlsx"]


@router.post(
    "/export",
    response_class=Response,
    responses={
        **responses(404, 409, 503),
        200: {"description": "The file.", "content": {kind.partition(";")[0]: {} for kind in _TYPES.values()}},
    },
)
async def export(body: ExportBody, service: ServiceOf, caller: CallerOf) -> Response:
    """Run a query as `/api/sql` does and give its rows as a file: CSV, JSON, Parquet or a spreadsheet.

    Texts that a spreadsheet would run as a formula are made harmless.
    """
    of = served(service, caller, body.database)
    result = await queried(of, body)
    if result.error:
        raise ApiError(409, "query_failed", f"the query gave no rows: {result.error.message}", param="sql")

    def written() -> bytes:
        with tempfile.TemporaryDirectory(prefix="agentsql-export-") as folder:
            path = Path(folder) / f"rows.{body.format}"
            export_rows(path, result.columns, result.rows)
            return path.read_bytes()

    try:
        content = await asyncio.to_thread(written)
    except UsageError as exc:  # a missing extra, or more rows than the format holds
        raise ApiError(409, "not_exported", str(exc), param="format") from exc
    name = f'attachment; filename="{of.name}.{body.format}"'
    return Response(content, media_type=_TYPES[body.format], headers={"Content-Disposition": name})
