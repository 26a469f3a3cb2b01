"""Every setting with its default, and where a value came from.

A later source wins: defaults, the user's config.toml, ./agentsql.toml, `AGENTSQL_SECTION_KEY` variables, flags.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from agentsql.errors import SettingsError, nearest


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


PROJECT_FILE = "agentsql.toml"
OTHER_VARIABLES = frozenset({"AGENTSQL_DEBUG", "AGENTSQL_KEYS"})
"""Variables of the prefix that are not settings."""

_PREFIX = "AGENTSQL_"
_LEAST = dict.fromkeys(
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
_PATHS = frozenset(
    {"database.policy", "schema.notes", "models.directory", "examples.folder", "models.vllm_python", "observe.audit"}
)
"""Settings that are paths; a relative one in a file is relative to that file."""
_EXPECTED = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings and where each of them came from."""

    settings: Settings
    origins: Mapping[str, str]
    """For each `section.key`: `default`, a file's path, `$VARIABLE` or `flag`."""
    files: tuple[Path, ...] = ()
    """Files that would be read, weakest first; they need not exist."""

    def value(self, key: str) -> str | int | float | bool:
        """Give the value of a `section.key`."""
        section, _, name = key.partition(".")
        value: str | int | float | bool = getattr(getattr(self.settings, section), name)
        return value


def load_settings(
    *,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user_file: Path | None = None,
) -> LoadedSettings:
    """Give the settings from every source.

    Args:
        flags: values by `section.key`; None is a flag that was not given.
        environ: variables to read in place of the process's own.
        cwd: folder of the project's agentsql.toml; the current one if None.
        user_file: the user's file; `config.toml` in the user's settings folder if None.

    Raises:
        SettingsError: an unknown section or key, a value of the wrong type or out of range, or a file that is not TOML.
    """
    files = (user_file or _user_file(), (cwd or Path.cwd()) / PROJECT_FILE)
    values: dict[str, object] = {}
    origins = dict.fromkeys(_SETTING_TYPES, "default")
    for path in files:
        for key, value in _from_file(path).items():
            values[key], origins[key] = value, str(path)
    for key, (variable, value) in _from_environment(os.environ if environ is None else environ).items():
        values[key], origins[key] = value, f"${variable}"
    for key, value in (flags or {}).items():
        if value is not None:
            values[key], origins[key] = _checked(key, value, "command line"), "flag"
    sections = {
        section: cls(**{key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{section}.")})
        for section, cls in _SECTIONS.items()
    }
    return LoadedSettings(Settings(**sections), origins, files)


def _user_file() -> Path:
    from agentsql.folders import settings_folder  # here, because `import agentsql` reaches this module

    return settings_folder() / "config.toml"


def _from_file(path: Path) -> dict[str, object]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path} is not valid TOML: {exc}; correct that line") from exc
    except OSError as exc:
        raise SettingsError(
            f"cannot read the settings file {path}: {exc.strerror or exc}; make it readable, or remove it"
        ) from exc
    values: dict[str, object] = {}
    for section, table in document.items():
        if section not in _SECTIONS:
            raise SettingsError(
                f"{path}: unknown section [{section}]{nearest(section, _SECTIONS) or _known(_SECTIONS)}"
            )
        if not isinstance(table, dict):
            raise SettingsError(f"{path}: {section!r} must be a section, written [{section}]")
        for name, value in table.items():
            key = f"{section}.{name}"
            values[key] = _resolved(key, _checked(key, value, str(path)), path.parent)
    return values


def _resolved(key: str, value: object, folder: Path) -> object:
    return str(folder / Path(str(value)).expanduser()) if key in _PATHS and value else value


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[str, object]]:
    by_variable = {_PREFIX + key.upper().replace(".", "_"): key for key in _SETTING_TYPES}
    values: dict[str, tuple[str, object]] = {}
    for variable in sorted(environ):
        if not variable.startswith(_PREFIX) or variable in OTHER_VARIABLES:
            continue
        if variable not in by_variable:
            meant = nearest(variable, by_variable) or "; `agentsql config show` lists the settings"
            raise SettingsError(f"environment: unknown variable {variable}{meant}")
        key = by_variable[variable]
        values[key] = (variable, _checked(key, _parsed(key, environ[variable]), f"environment variable {variable}"))
    return values


def _parsed(key: str, text: str) -> object:
    """Give the value a variable's text stands for, or the text itself where it stands for none."""
    if _SETTING_TYPES[key] is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.casefold(), text)
    try:
        return _SETTING_TYPES[key](text)
    except ValueError:
        return text


def _checked(key: str, value: object, where: str) -> Any:
    """Give `value` as the setting's own type, or raise a SettingsError that names `where`."""
    section, _, name = key.partition(".")
    if key not in _SETTING_TYPES:
        names = [known.partition(".")[2] for known in _SETTING_TYPES if known.startswith(f"{section}.")]
        raise SettingsError(f"{where}: unknown key {name!r} in [{section}]{nearest(name, names) or _known(names)}")
    kind = _SETTING_TYPES[key]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind:
        raise SettingsError(f"{where}: [{section}] {name} must be {_EXPECTED[kind]}, not {value!r}")
    if isinstance(value, float) and not (value > 0 and math.isfinite(value)):
        raise SettingsError(f"{where}: [{section}] {name} must be a number above 0, not {value!r}")
    if isinstance(value, int) and not isinstance(value, bool) and value < (least := _LEAST.get(key, 1)):
        raise SettingsError(f"{where}: [{section}] {name} must be at least {least}, not {value!r}")
    return value


def _known(names: Mapping[str, Any] | list[str]) -> str:
    return f"; known: {', '.join(names)}"


_SECTIONS: dict[str, type[Any]] = get_type_hints(Settings)
_SETTING_TYPES: dict[str, type[Any]] = {
    f"{section}.{one.name}": get_type_hints(cls)[one.name] for section, cls in _SECTIONS.items() for one in fields(cls)
}
