"""Every setting with its default: a frozen dataclass for each section."""

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
    conversations: str = ""
    """Where threads are kept: a file, or a `postgresql://` URL; empty means a file in the user's data folder."""


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """What one question may cost at most."""

    calls: int = 12
    tokens: int = 60_000
    """Prompt and completion tokens together."""
    seconds: float = 300.0
    corrections: int = 2


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Limits on one query."""

    timeout_s: float = 30.0
    max_rows: int = 1000
    max_bytes: int = 64_000_000
    """Bytes of cells kept of one result."""
    schemas: str = ""
    """Schemas of a server's database to read, parted by commas, the default one first; empty takes the default one."""
    connections: int = 8
    """Connections to a server that are open at the same time; further questions wait for one."""
    max_cost: int = 0
    """What a server's EXPLAIN may expect a query to cost, in its own unit; 0 sets no bound."""
    concurrent: int = 8
    """Questions of one agent that use the database at the same moment; others wait in order, each at most for what is
    left of its seconds. So many connections an agent has at most, and one more while values are read."""
    memory_megabytes: int = 1000
    """Memory that a query on DuckDB may take."""
    temp_megabytes: int = 1000
    """Disk space that sorting and joining in SQLite and DuckDB may take beside memory."""
    functions: str = ""
    """Functions that the database's users have made and queries may call, as globs parted by commas."""
    policy: str = ""
    """Path of a policy.toml: who may see which tables, columns and rows; empty lets everyone see everything."""
    principal: str = ""
    """Who asks where a call does not say: a name that the policy describes."""

    @property
    def permitted_functions(self) -> tuple[str, ...]:
        """The globs of `functions`."""
        return tuple(part.strip() for part in self.functions.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class SchemaSettings:
    """How a schema is read and shown to a model."""

    prompt_tokens: int = 6000
    """Estimated tokens the schema text may take; least-linked tables are dropped above it."""
    sample_values: int = 2
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
    """Tokens of prompt and answer together that an embedded model can take."""
    threads: int = 0
    """Threads of an embedded model; 0 means the number of usable cores."""
    idle_minutes: float = 15.0
    """An embedded model's server stops after this long without a request."""
    vllm_python: str = ""
    """Path of the Python interpreter that has vLLM, for `agentsql models serve`; empty means agentsql's own."""


@dataclass(frozen=True, slots=True)
class ValueSettings:
    """Which cell values are indexed on this machine, so that a question's words are found among them."""

    exclude: str = ""
    """Columns whose values are neither indexed nor shown, as `table.column` with `*` and `?`, parted by commas; `table`
    alone is all its columns."""
    rows: int = 1_000_000
    """Rows of one table that are read."""
    distinct: int = 100_000
    """Texts of one column that are kept; 0 keeps no index at all."""
    seconds: float = 90.0
    """For reading all columns, in the background."""
    megabytes: int = 256
    """Size of the texts on disk; their index comes on top, about as large again."""


@dataclass(frozen=True, slots=True)
class ExamplesSettings:
    """Solved questions that are shown to the SQL model."""

    folder: str = ""
    """Where they are stored; empty means `examples` in the user's data folder."""
    model: str = ""
    """Folder or hub name of the sentence-transformers model that compares questions; empty means the one installed."""
    exclude: str = ""
    """Databases being evaluated, separated by commas, `this` for the one asked: no example of theirs, nor the asked
    question itself, is shown."""


@dataclass(frozen=True, slots=True)
class ObserveSettings:
    """What is told about questions, and to whom."""

    audit: str = ""
    """Path of the audit log; empty keeps none. While it cannot be written no question is answered."""
    telemetry: bool = False
    """Give OpenTelemetry spans and metrics; needs the extra `[otel]`."""
    traces: int = 200
    """Questions whose traces are kept for `agentsql trace`; 0 keeps none."""
    values: bool = False
    """Let telemetry and kept traces hold what may be cell values: literals of SQL, questions, sentences, some rows."""
    log_format: str = "text"
    """How the command line writes its log: `text`, or `json` for one object a line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    agent: AgentSettings = field(default_factory=AgentSettings)
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    schema: SchemaSettings = field(default_factory=SchemaSettings)
    values: ValueSettings = field(default_factory=ValueSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    examples: ExamplesSettings = field(default_factory=ExamplesSettings)
    observe: ObserveSettings = field(default_factory=ObserveSettings)


LEAST = dict.fromkeys(
    (
        "budget.corrections",
        "database.max_cost",
        "schema.sample_values",
        "values.distinct",
        "models.retries",
        "models.threads",
        "observe.traces",
    ),
    0,
)
"""Smallest whole number a setting takes, where it is not 1."""
PATHS = frozenset(
    {"database.policy", "schema.notes", "models.directory", "examples.folder", "models.vllm_python", "observe.audit"}
)
"""Settings that are paths; a relative one in a file is relative to that file."""
