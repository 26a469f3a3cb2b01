"""What is counted for Prometheus. With several worker processes, prometheus_client adds up what each wrote to files."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from agentsql.types import Answer

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Read by prometheus_client as it is imported: the folder that the workers share."""
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self.requests = Counter(
            "agentsql_http_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self.request_seconds = Histogram(
            "agentsql_http_request_seconds",
            "Until the last byte was sent.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.rejected = Counter(
            "agentsql_rejected", "Requests turned away, by the code of the error.", ("code",), registry=registry
        )
        self._questions = Counter(
            "agentsql_questions", "Questions that came to an end.", ("database", "status"), registry=registry
        )
        self._seconds = Histogram(
            "agentsql_question_seconds",
            "From its turn to its answer.",
            ("database",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._tokens = Counter(
            "agentsql_model_tokens", "Tokens of model calls.", ("database", "kind"), registry=registry
        )
        self.running = Gauge(
            "agentsql_questions_running", "Questions being answered.", multiprocess_mode="livesum", registry=registry
        )
        self.waiting = Gauge(
            "agentsql_questions_waiting", "Questions in the queue.", multiprocess_mode="livesum", registry=registry
        )
        self.gone = Counter(
            "agentsql_questions_abandoned", "Questions whose client went away.", ("database",), registry=registry
        )

    def count(self, database: str, answer: Answer) -> None:
        """Count an answered question."""
        self._questions.labels(database, answer.status).inc()
        self._seconds.labels(database).observe(answer.seconds)
        for kind in ("prompt", "completion", "cached"):
            self._tokens.labels(database, kind).inc(getattr(answer.usage, f"{kind}_tokens"))

    def text(self) -> bytes:
        """Give all of it in Prometheus' text format, that of the other workers too."""
        if os.environ.get(FOLDER_VARIABLE):
            together = CollectorRegistry()
            MultiProcessCollector(together)  # type: ignore[no-untyped-call]
            return generate_latest(together)
        return generate_latest(self._registry)
