"""OpenTelemetry: a span a question, step, model call and query, and metrics. The one module that imports it.

Names are those of the GenAI and database semantic conventions 1.41 (open-telemetry/semantic-conventions,
docs/gen-ai and docs/database); what they have no name for is `agentsql.…`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container
from contextvars import Token as ContextToken
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from agentsql.errors import MissingExtraError
from agentsql.observe.literals import without_literals
from agentsql.observe.watching import Asked, QueryRan
from agentsql.types import (
    Answer,
    Event,
    ExecutionResult,
    ModelCall,
    StepFailed,
    StepFinished,
    StepStarted,
    TraceEvent,
)

try:
    from opentelemetry import context, metrics, trace
except ModuleNotFoundError as exc:
    raise MissingExtraError("[observe] telemetry", "opentelemetry-sdk", "otel") from exc

_SCOPE = "agentsql"
_PROVIDERS = {"local": "llama.cpp"}
_SYSTEMS = {"postgres": "postgresql", "tsql": "microsoft.sql_server", "bigquery": "gcp.bigquery", "oracle": "oracle.db"}
_TOKEN_BUCKETS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576)
_SECOND_BUCKETS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)


def configure_from_environment() -> None:
    """Set up exporters by the standard OTEL_* variables, OTLP where they name none, unless the program has done so.

    For programs of its own only: a library leaves this to the program that it is in.
    """
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider) and not os.environ.get("OTEL_SDK_DISABLED"):
        # Made for those who set up the SDK for others, whatever its name says; it reads every variable, of samplers and
        # batches too.
        from opentelemetry.sdk._configuration import _OTelSDKConfigurator

        class FromVariables(_OTelSDKConfigurator):
            pass

        os.environ.setdefault("OTEL_SERVICE_NAME", "agentsql")
        os.environ.setdefault("OTEL_TRACES_EXPORTER", "otlp")
        os.environ.setdefault("OTEL_METRICS_EXPORTER", "otlp")
        os.environ.setdefault("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        configurator: Any = FromVariables
        configurator().configure()


class TelemetryObserver:
    """Gives spans and metrics to whichever providers the program has set."""

    sees_queries = True

    def __init__(self, *, graph: str, values: bool, names: Callable[[], Container[str]]) -> None:
        """Make the instruments.

        Args:
            values: questions and the literals of SQL may be told too.
            names: gives the names of the schema, folded.
        """
        self.graph = graph
        self.values = values
        self.names = names
        self.tracer = trace.get_tracer(_SCOPE)
        self.instruments = _instruments()

    def watch(self, asked: Asked) -> TelemetryWatch:
        return TelemetryWatch(self, asked)

    def query(self, asked: Asked, run: Callable[[], ExecutionResult], sql: str) -> ExecutionResult:
        """Run a query that belongs to no question, and give its span."""
        started_ns = time.time_ns()
        result = run()
        self.query_span(asked, QueryRan(sql, result, started_ns, time.time_ns()))
        return result

    def query_span(self, asked: Asked, query: QueryRan) -> None:
        """Give the span of a query below the one that is current."""
        shown = query.sql if self.values else without_literals(query.sql, asked.dialect, names=self.names())
        attributes: dict[str, Any] = {
            "db.system.name": _SYSTEMS.get(asked.dialect, asked.dialect),
            "db.namespace": asked.database,
            "db.query.text": shown,
            "db.response.returned_rows": len(query.result.rows),
        }
        failure = query.result.error
        if failure:
            attributes["error.type"] = failure.kind
        span = self.tracer.start_span(
            f"query {asked.database}",
            kind=trace.SpanKind.CLIENT,
            attributes=attributes,
            start_time=query.started_ns,
        )
        if failure:
            span.set_status(trace.StatusCode.ERROR, failure.kind)
        span.end(query.ended_ns)
        self.instruments.queries.add(1, {"agentsql.status": failure.kind if failure else "ok"})


class TelemetryWatch:
    """The spans of one question. A step's span is current in its task, so that other libraries' spans lie below it."""

    def __init__(self, observer: TelemetryObserver, asked: Asked) -> None:
        self._observer = observer
        self._asked = asked
        self._started = time.perf_counter()
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": "agentsql",
            "agentsql.question.id": asked.question_id,
            "agentsql.graph": observer.graph,
            "db.namespace": asked.database,
        }
        if asked.thread_id:
            attributes["gen_ai.conversation.id"] = asked.thread_id
        if asked.principal:
            attributes["enduser.id"] = asked.principal
        if observer.values:
            attributes["agentsql.question"] = asked.question
        self._span = observer.tracer.start_span("invoke_agent agentsql", attributes=attributes)
        self._within = trace.set_span_in_context(self._span)
        self._steps: dict[str, tuple[trace.Span, int, ContextToken[context.Context]]] = {}

    async def begin(self) -> None:
        """Do nothing: the span began when it was made."""

    def event(self, event: Event) -> None:
        if isinstance(event, StepStarted):
            attributes = {"agentsql.step": event.step, "agentsql.question.id": self._asked.question_id}
            span = self._observer.tracer.start_span(f"step {event.step}", context=self._within, attributes=attributes)
            token = context.attach(trace.set_span_in_context(span, self._within))
            self._steps[event.step] = (span, time.time_ns(), token)
        elif isinstance(event, StepFinished | StepFailed):
            self._end_step(event.event)
            if isinstance(event, StepFinished):
                self._count_failures(event)

    def query_begins(self, sql: str) -> None:
        """Do nothing: the span is made when the query has ended."""

    def query_ended(self, query: QueryRan) -> None:
        self._observer.query_span(self._asked, query)

    async def end(self, answer: Answer | None, error: BaseException | None) -> None:
        for span, _, _ in self._steps.values():  # what was cancelled, or waits for a person
            span.end()
        self._steps.clear()
        status = answer.status if answer else "error"
        attributes: dict[str, Any] = {"agentsql.status": status}
        if answer:
            attributes["gen_ai.usage.input_tokens"] = answer.usage.prompt_tokens
            attributes["gen_ai.usage.output_tokens"] = answer.usage.completion_tokens
            if answer.confidence is not None:
                attributes["agentsql.confidence"] = answer.confidence
        if error is not None:
            attributes["error.type"] = type(error).__name__
            self._span.set_status(trace.StatusCode.ERROR, type(error).__name__)
        self._span.set_attributes(attributes)
        self._span.end()
        instruments, about = (
            self._observer.instruments,
            {"agentsql.status": status, "db.namespace": self._asked.database},
        )
        instruments.questions.add(1, about)
        instruments.question_seconds.record(time.perf_counter() - self._started, about)

    def _end_step(self, event: TraceEvent) -> None:
        instruments = self._observer.instruments
        instruments.step_seconds.record(event.seconds, {"agentsql.step": event.step})
        if event.step not in self._steps:
            return
        span, started_ns, token = self._steps.pop(event.step)
        if event.writes:
            span.set_attribute("agentsql.writes", event.writes)
        if event.error:
            span.set_attribute("error.type", event.error)
            span.set_status(trace.StatusCode.ERROR, event.error)
        within = trace.set_span_in_context(span, self._within)
        for call in event.model_calls:
            begin_ns = started_ns + int((call.started - event.started) * 1e9)
            self._model_span(call, within, begin_ns)
        span.end()
        context.detach(token)

    def _model_span(self, call: ModelCall, within: context.Context, begin_ns: int) -> None:
        attributes = _model_attributes(call)
        span = self._observer.tracer.start_span(
            f"chat {attributes['gen_ai.request.model']}",
            context=within,
            kind=trace.SpanKind.CLIENT,
            attributes=attributes,
            start_time=begin_ns,
        )
        if call.error:
            span.set_status(trace.StatusCode.ERROR, call.error)
        span.end(begin_ns + int(call.seconds * 1e9))
        shared = (
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "server.address",
            "error.type",
        )
        about = {key: attributes[key] for key in shared if key in attributes}
        instruments = self._observer.instruments
        instruments.call_seconds.record(call.seconds, about)
        instruments.calls.add(1, {**about, "agentsql.role": call.role})
        if not call.error:
            instruments.tokens.record(call.usage.prompt_tokens, {**about, "gen_ai.token.type": "input"})
            instruments.tokens.record(call.usage.completion_tokens, {**about, "gen_ai.token.type": "output"})
            instruments.cached_tokens.add(call.usage.cached_tokens, about)

    def _count_failures(self, event: StepFinished) -> None:
        candidates: Any = event.updates.get("candidates", ())
        for candidate in candidates:
            if candidate.failure:
                about = {"agentsql.failure": candidate.failure.kind, "agentsql.step": event.event.step}
                self._observer.instruments.failures.add(1, about)


def _model_attributes(call: ModelCall) -> dict[str, Any]:
    kind, _, rest = call.model.partition(":")
    model, _, url = rest.partition("@")
    attributes: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(kind, kind),
        "gen_ai.request.model": model or call.model,
        "gen_ai.request.max_tokens": call.max_tokens,
        "gen_ai.request.temperature": call.temperature,
        "gen_ai.response.finish_reasons": call.finish_reasons,
        "gen_ai.usage.input_tokens": call.usage.prompt_tokens,
        "gen_ai.usage.output_tokens": call.usage.completion_tokens,
        "gen_ai.usage.cache_read.input_tokens": call.usage.cached_tokens,
        "agentsql.role": call.role,
        "agentsql.prompt.hash": call.prompt_hash,
    }
    if call.completions != 1:
        attributes["gen_ai.request.choice.count"] = call.completions
    server = urlsplit(url.partition(",")[0])
    if server.hostname:
        attributes["server.address"] = server.hostname
        if server.port:
            attributes["server.port"] = server.port
    if call.error:
        attributes["error.type"] = call.error
    return attributes


@dataclass(frozen=True, slots=True)
class _Instruments:
    questions: metrics.Counter
    question_seconds: metrics.Histogram
    step_seconds: metrics.Histogram
    calls: metrics.Counter
    call_seconds: metrics.Histogram
    tokens: metrics.Histogram
    cached_tokens: metrics.Counter
    queries: metrics.Counter
    failures: metrics.Counter


def _instruments() -> _Instruments:
    meter = metrics.get_meter(_SCOPE)

    def seconds(name: str, description: str) -> metrics.Histogram:
        return meter.create_histogram(
            name, "s", description, explicit_bucket_boundaries_advisory=[float(one) for one in _SECOND_BUCKETS]
        )

    return _Instruments(
        questions=meter.create_counter("agentsql.questions", "{question}", "Questions by status"),
        question_seconds=seconds("agentsql.question.duration", "From asking to the answer"),
        step_seconds=seconds("agentsql.step.duration", "Of one run of a step"),
        calls=meter.create_counter("agentsql.model.calls", "{call}", "Model calls by role"),
        call_seconds=seconds("gen_ai.client.operation.duration", "GenAI operation duration"),
        tokens=meter.create_histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Number of input and output tokens used",
            explicit_bucket_boundaries_advisory=[float(one) for one in _TOKEN_BUCKETS],
        ),
        cached_tokens=meter.create_counter(
            "agentsql.model.cached_tokens", "{token}", "Prompt tokens that servers took from their prefix cache"
        ),
        queries=meter.create_counter("agentsql.queries", "{query}", "Queries that were run, by how they ended"),
        failures=meter.create_counter("agentsql.failures", "{failure}", "What was held against queries, by kind"),
    )
