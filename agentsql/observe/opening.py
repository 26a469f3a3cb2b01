"""Opens the observers that the settings ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agentsql.observe.names import SchemaNames
from agentsql.observe.watching import Observer, Observers
from agentsql.settings import ObserveSettings

if TYPE_CHECKING:
    from agentsql.db.database import Database
    from agentsql.db.schema import Schema


def open_observers(
    settings: ObserveSettings,
    database: Database,
    *,
    graph: str,
    data: Path,
    schema: Callable[[], Schema],
) -> Observers:
    """Give what the settings turn on.

    Args:
        graph: its name.
        data: the user's data folder.
        schema: gives the schema as it is; called with each trace and span.

    Raises:
        AuditError: the audit log cannot be written.
        MissingExtraError: telemetry is on, and OpenTelemetry is not installed.
    """
    observers: list[Observer] = []
    names = SchemaNames(schema)
    if settings.traces:
        from agentsql.observe.traces import FOLDER, TraceKeeper

        observers.append(TraceKeeper(data / FOLDER, most=settings.traces, values=settings.values, names=names))
    if settings.telemetry:
        from agentsql.observe.telemetry import TelemetryObserver

        observers.append(TelemetryObserver(graph=graph, values=settings.values, names=names))
    if settings.audit:
        from importlib.metadata import version

        from agentsql.observe.audit import AuditLog, AuditObserver

        log = AuditLog(settings.audit)
        observers.append(AuditObserver(log, database=database.name, version=version("agentsql-framework")))
    return Observers(observers, database=database.name, dialect=database.dialect)
