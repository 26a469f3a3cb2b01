"""OpenTelemetry: the spans and metrics of a question, with the SDK's own exporters in memory."""

from __future__ import annotations

import asyncio
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agentsql import SQLAgent
from agentsql.errors import MissingExtraError
from agentsql.settings import ObserveSettings, Settings
from agentsql.testing import ScriptedModel

from .conftest import JOE

EXPORTER = InMemorySpanExporter()
READER = InMemoryMetricReader()


@pytest.fixture(scope="module", autouse=True)
def providers():
    """The process's providers, which can be set once."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
    trace.set_tracer_provider(provider)
    metrics.set_meter_provider(MeterProvider([READER]))


@pytest.fixture
def spans():
    """Give a function that takes the finished spans by name."""
    EXPORTER.clear()

    def take():
        return {span.name: span for span in EXPORTER.get_finished_spans()}

    return take


def totals() -> dict[tuple[str, str], float]:
    """Give each counter's sum and each histogram's count, by name and status, kind or direction."""
    found: dict[tuple[str, str], float] = {}
    data = READER.get_metrics_data()
    for resource in data.resource_metrics if data else ():
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    keys = ("agentsql.status", "agentsql.failure", "gen_ai.token.type", "agentsql.role")
                    label = next((str(point.attributes[key]) for key in keys if key in point.attributes), "")
                    amount = point.value if hasattr(point, "value") else point.count
                    found[metric.name, label] = found.get((metric.name, label), 0) + amount
    return found


def test_a_question_is_a_span_over_steps_model_calls_and_queries(observed, spans):
    answer = observed(telemetry=True).ask("How old is he?", thread_id="anna")
    found = spans()
    root, step = found["invoke_agent agentsql"], found["step generate"]
    chat, query = found["chat scripted"], found["query tiny"]
    assert root.parent is None
    assert step.parent.span_id == root.context.span_id
    assert chat.parent.span_id == step.context.span_id
    assert query.parent.span_id == found["step execute"].context.span_id
    assert {f"step {event.step}" for event in answer.trace} <= set(found)
    assert root.attributes["agentsql.status"] == "answered"
    assert root.attributes["gen_ai.operation.name"] == "invoke_agent"
    assert root.attributes["gen_ai.conversation.id"] == "anna"
    assert root.attributes["agentsql.question.id"] == answer.question_id
    assert root.attributes["gen_ai.usage.input_tokens"] == answer.usage.prompt_tokens


def test_a_model_call_follows_the_genai_conventions(observed, spans):
    observed(telemetry=True).ask("How old is he?")
    (call,) = [
        span
        for span in EXPORTER.get_finished_spans()
        if span.name == "chat scripted" and span.attributes["agentsql.role"] == "sql"
    ]
    attributes = dict(call.attributes)
    assert call.kind is trace.SpanKind.CLIENT
    assert attributes["gen_ai.operation.name"] == "chat"
    assert attributes["gen_ai.provider.name"] == "vllm"
    assert attributes["gen_ai.request.model"] == "scripted"
    assert attributes["gen_ai.request.max_tokens"] == 400
    assert attributes["gen_ai.response.finish_reasons"] == ("stop",)
    assert attributes["gen_ai.usage.output_tokens"] == len(JOE.split())
    assert (attributes["server.address"], attributes["server.port"]) == ("models.example", 8001)
    assert len(attributes["agentsql.prompt.hash"]) == 12
    step = next(span for span in EXPORTER.get_finished_spans() if span.context.span_id == call.parent.span_id)
    assert step.start_time <= call.start_time <= call.end_time <= step.end_time + 1_000_000


def test_no_value_is_told_unless_it_is_asked_for(observed, spans):
    observed(telemetry=True).ask("How old is Joe Sharp?")
    told = str([(span.name, dict(span.attributes)) for span in EXPORTER.get_finished_spans()])
    assert "Joe" not in told
    query = spans()["query tiny"]
    assert query.attributes["db.query.text"] == "SELECT age FROM singer WHERE name = ?"
    assert (query.attributes["db.system.name"], query.attributes["db.response.returned_rows"]) == ("sqlite", 1)


def test_values_are_told_where_they_are_asked_for(observed, spans):
    observed(telemetry=True, values=True).ask("How old is Joe Sharp?")
    assert spans()["query tiny"].attributes["db.query.text"] == JOE
    assert spans()["invoke_agent agentsql"].attributes["agentsql.question"] == "How old is Joe Sharp?"


def test_an_error_marks_the_span_of_its_step_and_its_question(observed, spans):
    agent = observed(RuntimeError("with a secret"), telemetry=True)
    with pytest.raises(RuntimeError):
        agent.ask("How old is he?")
    for name in ("chat scripted", "step generate", "invoke_agent agentsql"):
        assert spans()[name].status.status_code is trace.StatusCode.ERROR
        assert spans()[name].attributes["error.type"] == "RuntimeError"
    assert "secret" not in str([span.to_json() for span in EXPORTER.get_finished_spans()])


def test_a_refused_query_is_told_as_an_error(observed, spans):
    observed(telemetry=True).run_sql("DELETE FROM singer")
    query = spans()["query tiny"]
    assert query.attributes["error.type"] == "refused"


def test_spans_of_the_caller_are_above_the_questions_own(observed, spans):
    agent = observed(telemetry=True)

    async def ask():
        with trace.get_tracer("caller").start_as_current_span("request"):
            await agent.aask("How old is he?")

    asyncio.run(ask())
    assert spans()["invoke_agent agentsql"].parent.span_id == spans()["request"].context.span_id


def test_questions_side_by_side_do_not_mix_their_spans(observed, spans):
    agent = observed(telemetry=True, graph="default")

    async def ask():
        await asyncio.gather(*(agent.aask("How old is the singer?") for _ in range(4)))

    asyncio.run(ask())
    by_id = {span.context.span_id: span for span in EXPORTER.get_finished_spans()}
    steps = [span for span in by_id.values() if span.name.startswith("step ")]
    assert len(steps) >= 4 * 8
    for span in steps:
        root = by_id[span.parent.span_id]
        assert root.attributes["agentsql.question.id"] == span.attributes["agentsql.question.id"]


def test_metrics_count_questions_calls_tokens_queries_and_failures(observed, spans):
    before = totals()
    agent = observed(telemetry=True)
    agent.ask("How old is he?")
    failing = observed("DROP TABLE singer", telemetry=True)
    failing.ask("How old is she?")
    after = totals()

    def more(name: str, label: str = "") -> float:
        return after.get((name, label), 0) - before.get((name, label), 0)

    assert more("agentsql.questions", "answered") == 1
    assert more("agentsql.questions", "refused") == 1
    assert more("agentsql.question.duration", "answered") == 1
    assert more("agentsql.model.calls", "sql") == 2
    assert more("gen_ai.client.token.usage", "input") == more("gen_ai.client.token.usage", "output") >= 2
    assert more("agentsql.queries", "ok") == 1
    assert more("agentsql.failures", "refused") >= 1


def test_it_is_an_error_that_names_the_extra_where_opentelemetry_is_not_installed(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "agentsql.observe.telemetry")
    settings = Settings(observe=ObserveSettings(telemetry=True))
    with pytest.raises(MissingExtraError, match=r"agentsql-framework\[otel\]"):
        SQLAgent(tiny, sql_model=ScriptedModel(JOE), settings=settings)


ASK = """
import sys
from agentsql import SQLAgent
from agentsql.observe.process import observe_process
from agentsql.settings import load_settings
from agentsql.testing import ScriptedModel
settings = load_settings().settings
observe_process(settings.observe)
with SQLAgent(sys.argv[1], sql_model=ScriptedModel("SELECT 1"), graph="direct", settings=settings) as agent:
    agent.ask("one?")
"""


def _ask(tiny: Path, tmp_path: Path, **variables: str) -> None:
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), **variables}
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(tiny)], env=environment, cwd=tmp_path, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_nothing_of_it_is_imported_while_it_is_off(observed, monkeypatch):
    monkeypatch.delitem(sys.modules, "agentsql.observe.telemetry", raising=False)
    observed().ask("How old is he?")
    assert "agentsql.observe.telemetry" not in sys.modules


def test_the_standard_variables_choose_where_spans_go(tiny, tmp_path):
    received: list[tuple[str, bytes]] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _ask(
            tiny,
            tmp_path,
            AGENTSQL_OBSERVE_TELEMETRY="true",
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{server.server_port}",
            OTEL_SERVICE_NAME="my-analytics",
        )
        server.shutdown()
    sent = dict(received)
    assert b"my-analytics" in sent["/v1/traces"]
    assert b"invoke_agent agentsql" in sent["/v1/traces"]
    assert b"agentsql.questions" in sent["/v1/metrics"]
