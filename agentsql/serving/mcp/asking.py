"""The tools that answer questions, and wait for a person where queries have to be approved."""

from __future__ import annotations

import re
import uuid
from contextlib import aclosing

from mcp.types import CallToolResult, InputRequiredResult

from agentsql.answers import as_text
from agentsql.errors import UsageError
from agentsql.serving.asking import Decided, Question, admitted, events
from agentsql.serving.bodies import NAME, FailureItem
from agentsql.serving.events import json_rows
from agentsql.serving.mcp.bodies import AskArguments, AskResult, DecideArguments
from agentsql.serving.mcp.call import Call, result
from agentsql.serving.mcp.person import asked_between, digest
from agentsql.types import Answer, Answered, ApprovalNeeded, ApprovalRequest, Decision, EditedSQL, StepStarted


async def ask(call: Call, given: AskArguments) -> CallToolResult | InputRequiredResult:
    """Answer a question; where queries have to be approved, the person is asked as far as the client lets them be."""
    if not call.service.approve:
        answer, _request = await _ended(call, Question(given.question, given.evidence, given.conversation))
        return _answered(call, answer, given.conversation, given.max_rows)
    shown = call.person.shown
    if shown is not None and re.fullmatch(NAME, shown.conversation):
        conversation = shown.conversation
        answer, request = await _ended(call, Decided(conversation, shown.decision), shown.digest)
    else:
        conversation = given.conversation or f"mcp-{uuid.uuid4().hex[:12]}"
        question = Question(given.question, given.evidence, conversation, approve=True)
        answer, request = await _ended(call, question)
    while request is not None and call.person.ask is not None:
        decision = await call.person.ask(request)
        answer, request = await _ended(call, Decided(conversation, decision), digest(request.sql))
    if request is not None and call.person.between:
        return asked_between(conversation, request)
    return _answered(call, answer, conversation, given.max_rows)


async def decide(call: Call, given: DecideArguments) -> CallToolResult:
    """Go on with a question whose query waits."""
    if given.sql and given.decision == "refuse":
        raise UsageError("a refused query has none in its place; leave `sql` out")
    decision: Decision = EditedSQL(given.sql) if given.sql else given.decision
    answer, _request = await _ended(call, Decided(given.conversation, decision))
    return _answered(call, answer, given.conversation, given.max_rows)


async def _ended(call: Call, asked: Question | Decided, shown: str = "") -> tuple[Answer, ApprovalRequest | None]:
    """Answer, or go on, up to the end or to the next query that waits; give that too.

    Args:
        shown: digest of the query that was decided on; empty takes whichever waits.
    """
    of, service = call.of, call.service
    answer: Answer | None = None
    request: ApprovalRequest | None = None
    begun = 0
    async with admitted(service, of, asked.conversation) as ticket:
        if isinstance(asked, Decided):
            await _check_waiting(call, asked.conversation, shown)
        async with aclosing(events(service, of, asked, ticket)) as happening:
            async for event in happening:
                if isinstance(event, StepStarted):
                    begun += 1
                    await call.progress(begun, None, event.step)
                elif isinstance(event, ApprovalNeeded):
                    request = event.request
                elif isinstance(event, Answered):
                    answer = event.answer
    assert answer is not None, "a question without an error ends with its answer"
    return answer, request if answer.status == "waiting" else None


async def _check_waiting(call: Call, conversation: str, shown: str) -> None:
    thread = call.of.place.thread_id(conversation)
    waiting = await call.of.agent.apending(thread, principal=call.of.caller.principal)
    if waiting is None or (shown and digest(waiting.sql) != shown):
        raise UsageError(
            f"the query that was decided on no longer waits in conversation {conversation!r}; ask the question again"
        )


def _answered(call: Call, answer: Answer, conversation: str | None, max_rows: int) -> CallToolResult:
    error = answer.error
    body = AskResult(
        database=call.of.name,
        question=answer.question,
        status=answer.status,
        text=answer.text,
        sql=answer.sql,
        columns=list(answer.columns),
        rows=json_rows(answer.rows[:max_rows]),
        truncated=answer.truncated or len(answer.rows) > max_rows,
        confidence=answer.confidence,
        seconds=round(answer.seconds, 3),
        conversation=conversation,
        error=FailureItem(kind=error.kind, message=error.message, hint=error.hint) if error else None,
    )
    text = as_text(answer, max_rows=max_rows)
    if answer.status == "waiting":
        advice = f"Show it to the person, and call `decide` with conversation {conversation!r} and what they decided."
        text = f"{text}\nSQL: {answer.sql}\n{advice}"
    return result(text, body, is_error=answer.status in ("failed", "refused"))
