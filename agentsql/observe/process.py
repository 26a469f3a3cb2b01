"""What a program of its own sets up, and a library leaves to its user: the log and OpenTelemetry's exporters."""

from __future__ import annotations

from agentsql.observe.logs import configure_logs, log_form
from agentsql.settings import ObserveSettings


def observe_process(settings: ObserveSettings) -> None:
    """Set up where the log goes, if `configure_logs` has not been called, and exporters where telemetry is on."""
    if log_form() is None:  # not by --debug or --log-format
        configure_logs(settings.log_format)
    if settings.telemetry:
        from agentsql.observe.telemetry import configure_from_environment

        configure_from_environment()
