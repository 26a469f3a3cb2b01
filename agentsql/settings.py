"""Every setting with its default, and where a value came from."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """Which graph and which models answer."""

    graph: str = "default"
    """Name of an installed graph, or a path to a graph TOML."""
    sql_model: str = "local:qwen2.5-coder-1.5b"
    chat_model: str = ""
    """Model spec of the chat role; empty means the SQL model plays both roles."""


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """What one question may cost at most."""

    calls: int = 12
    tokens: int = 60_000
    """Prompt and completion tokens together."""
    seconds: float = 120.0
    corrections: int = 2


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Limits on one query."""

    timeout_s: float = 30.0
    max_rows: int = 1000
    max_bytes: int = 64_000_000
    """Bytes of cells kept of one result."""


@dataclass(frozen=True, slots=True)
class SchemaSettings:
    """How a schema is read and shown to a model."""

    prompt_tokens: int = 6000
    """Estimated tokens the schema text may take; least-linked tables are dropped above it."""
    sample_values: int = 3
    """Cell values shown for each column; 0 shows none."""
    notes: str = ""
    """Path of a notes.toml with what people know about tables and columns."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How endpoints are called and how embedded models are served."""

    directory: str = ""
    """Where model files lie; empty means the user's cache folder."""
    deadline_s: float = 300.0
    """Of one model call, retries included."""
    retries: int = 3
    context: int = 8192
    """Context of an embedded model, in tokens, for each slot."""
    threads: int = 0
    """Threads of an embedded model; 0 means the number of usable cores."""
    idle_minutes: float = 15.0
    """An embedded model's server stops after this long without a request."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    agent: AgentSettings = field(default_factory=AgentSettings)
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    schema: SchemaSettings = field(default_factory=SchemaSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
