"""The person behind a client, asked through it ("elicitation") whether a query may run."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.types import (
    CallToolRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from agentsql.types import ApprovalRequest, Decision, EditedSQL

_KEY = "decision"
_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "decision": {"type": "string", "enum": ["run", "refuse"], "title": "Decision"},
        "sql": {"type": "string", "title": "Other SQL", "description": "To run in its place; leave empty to run it."},
    },
    "required": ["decision"],
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A query that a person has decided on, by what their client sends back: the client may have made it up."""

    conversation: str
    digest: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Person:
    """How far a client lets the person be asked."""

    ask: Callable[[ApprovalRequest], Awaitable[Decision]] | None = None
    """Asks during the call; only clients of the handshake revisions can."""
    between: bool = False
    """True if the call may end with a question to the person, whose answer comes with the next call."""
    shown: Shown | None = None
    """What was answered between the call before and this one."""

    @property
    def can_be_asked(self) -> bool:
        return self.between or self.ask is not None


def person_of(context: ServerRequestContext[Any, Any], params: CallToolRequestParams | None = None) -> Person:
    """Give the person behind the client that sent a request."""
    session = context.session
    capabilities = session.client_capabilities
    form = capabilities.elicitation if capabilities else None
    if form is None or (form.form is None and form.url is not None):
        return Person()
    if context.protocol_version in MODERN_PROTOCOL_VERSIONS:
        return Person(between=True, shown=_shown(params) if params else None)
    if not session.can_send_request:
        return Person()

    async def ask(request: ApprovalRequest) -> Decision:
        return _decision(await session.elicit_form(_message(request), _FORM, context.request_id))

    return Person(ask=ask)


def asked_between(conversation: str, request: ApprovalRequest) -> InputRequiredResult:
    """Give the result that asks the person before the call goes on."""
    form = ElicitRequest(params=ElicitRequestFormParams(message=_message(request), requested_schema=_FORM))
    return InputRequiredResult(input_requests={_KEY: form}, request_state=f"{conversation} {digest(request.sql)}")


def digest(sql: str) -> str:
    """Give what tells a query from another that took its place in the conversation."""
    return hashlib.sha256(sql.encode("utf-8", "replace")).hexdigest()


def _shown(params: CallToolRequestParams) -> Shown | None:
    if not params.request_state:
        return None
    conversation, _, seen = params.request_state.partition(" ")
    said = (params.input_responses or {}).get(_KEY)
    return Shown(conversation, seen, _decision(said) if isinstance(said, ElicitResult) else "refuse")


def _decision(said: ElicitResult) -> Decision:
    """Give the decision; a form that was put away, or says nothing clear, is no consent."""
    content = said.content or {}
    if said.action != "accept" or content.get("decision") != "run":
        return "refuse"
    sql = content.get("sql")
    return EditedSQL(sql) if isinstance(sql, str) and sql.strip() else "run"


def _message(request: ApprovalRequest) -> str:
    findings = [f"Look: {finding}" for finding in request.findings]
    return "\n\n".join([f"Run this query for the question {request.question!r}?", request.sql, *findings])
