"""The id of the question that a task or thread works on."""

from __future__ import annotations

from contextvars import ContextVar

question_id: ContextVar[str] = ContextVar("agentsql_question_id", default="")
"""What logs, traces, spans and the audit log call it; empty outside of a question."""
