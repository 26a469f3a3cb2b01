"""How the first lock says no."""

from __future__ import annotations

from agentsql.db.failures import error_for_model
from agentsql.types import FailureKind, QueryFailure


class StatementRefused(Exception):  # noqa: N818 - it carries a refusal, and callers turn it into data
    """A statement did not pass; `failure` says why and never reaches the caller of the library as an exception."""

    def __init__(self, kind: FailureKind, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.failure = QueryFailure(kind, error_for_model(message), hint)
