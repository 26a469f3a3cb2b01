"""Errors as responses: one shape for every route, OpenAI's, so that its clients read them too."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from agentsql.errors import (
    AgentSQLError,
    BudgetSpentError,
    BusyError,
    DatabaseError,
    ExampleStoreError,
    MissingExtraError,
    ModelDeadlineError,
    ModelError,
    PolicyError,
    UsageError,
)
from agentsql.serving.fairness import QueueFullError

logger = logging.getLogger(__name__)

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    429: "rate_limit_error",
}
RETRY_AFTER_S = 5
"""Named to a caller where a model or a database cannot be reached."""


class Problem(BaseModel):
    """What went wrong."""

    message: str
    type: str = Field(description="The class of the problem, as OpenAI's API has it.", examples=["not_found_error"])
    param: str | None = Field(None, description="The field that is wrong.")
    code: str | None = Field(None, examples=["unknown_database"])


class ProblemBody(BaseModel):
    """The body of every response that is not a success."""

    error: Problem


class ApiError(Exception):
    """A request that cannot be answered; any route may raise it."""

    def __init__(
        self, status: int, code: str, message: str, *, param: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.retry_after_s = retry_after_s


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Give the documentation of a route's errors; every one of them may be refused by key, limits or a stop."""
    said = {
        400: "The request cannot be read.",
        401: "No key, or one that is nobody's.",
        403: "The policy shows this caller nothing.",
        404: "There is no such database, conversation or example, or not for this key.",
        409: "It does not fit what there is.",
        413: "The body is too large.",
        422: "The request is not of the documented form.",
        429: "This key asks too often, or too many of its questions wait.",
        502: "The model gave an error.",
        503: "The queue is full, or a model or database cannot be reached.",
        504: "The model did not answer in time.",
    }
    return {
        status: {"model": ProblemBody, "description": said[status]}
        for status in (400, 401, 403, 413, 422, 429, *statuses)
    }


def problem_body(problem: ApiError) -> dict[str, Any]:
    """Give the body of an error."""
    message = str(problem).encode("utf-8", "replace").decode()
    kind = _TYPES.get(problem.status, "server_error" if problem.status >= 500 else "invalid_request_error")
    return {"error": {"message": message, "type": kind, "param": problem.param, "code": problem.code}}


def problem_response(problem: ApiError) -> JSONResponse:
    """Give the response of an error."""
    headers: dict[str, str] = {}
    if problem.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after_s)))
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem_body(problem), problem.status, headers)


def from_error(error: Exception) -> ApiError:
    """Give the problem that an error of agentsql's is to a caller."""
    match error:
        case ApiError():
            return error
        case QueueFullError():
            status, code = (429, "too_many_waiting") if error.own else (503, "queue_full")
            return ApiError(status, code, str(error), retry_after_s=error.retry_after_s)
        case MissingExtraError() | ExampleStoreError():
            return ApiError(503, "not_available", str(error), retry_after_s=RETRY_AFTER_S)
        case PolicyError():
            return ApiError(403, "not_allowed", str(error))
        case UsageError():
            return ApiError(422, "invalid_request", str(error))
        case BusyError():
            return ApiError(503, "database_busy", str(error), retry_after_s=RETRY_AFTER_S)
        case BudgetSpentError() | ModelDeadlineError():
            return ApiError(504, "too_slow", str(error))
        case ModelError():
            return ApiError(502, "model_error", str(error))
        case DatabaseError():
            return ApiError(503, "database_unreachable", str(error), retry_after_s=RETRY_AFTER_S)
        case _:
            return ApiError(500, "internal_error", str(error))


def add_handlers(app: FastAPI) -> None:
    """Let the application answer every error in the one shape."""

    async def known(_request: Request, error: Exception) -> JSONResponse:
        problem = from_error(error)
        if problem.status >= 500:
            logger.warning("a request failed: %s", error)
        return problem_response(problem)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first: Mapping[str, Any] = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        status = 400 if request.url.path.startswith("/v1/") else 422
        where = f"{field}: " if field else ""
        return problem_response(ApiError(status, first["type"], f"{where}{first['msg']}", param=field or None))

    async def http(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        codes = {400: "unreadable", 404: "not_found", 405: "method_not_allowed"}
        response = problem_response(ApiError(error.status_code, codes.get(error.status_code, "error"), error.detail))
        response.headers.update(error.headers or {})
        return response

    async def unknown(_request: Request, _error: Exception) -> JSONResponse:
        # Starlette raises the error again behind this response, so the server's log has its traceback.
        return problem_response(ApiError(500, "internal_error", "something went wrong; the server's log says what"))

    for kind in (ApiError, AgentSQLError, QueueFullError):
        app.add_exception_handler(kind, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unknown)
