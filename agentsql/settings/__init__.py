"""Every setting with its default, and where a value came from."""

from __future__ import annotations

from agentsql.settings.load import OTHER_VARIABLES, PROJECT_FILE, LoadedSettings, load_settings
from agentsql.settings.sections import (
    AgentSettings,
    BudgetSettings,
    DatabaseSettings,
    ExamplesSettings,
    ModelSettings,
    ObserveSettings,
    SchemaSettings,
    Settings,
    ValueSettings,
)

__all__ = [
    "OTHER_VARIABLES",
    "PROJECT_FILE",
    "AgentSettings",
    "BudgetSettings",
    "DatabaseSettings",
    "ExamplesSettings",
    "LoadedSettings",
    "ModelSettings",
    "ObserveSettings",
    "SchemaSettings",
    "Settings",
    "ValueSettings",
    "load_settings",
]
