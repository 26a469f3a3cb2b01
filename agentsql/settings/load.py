"""Reads the settings from every source, and says where a value came from.

A later source wins: defaults, the user's config.toml, ./agentsql.toml, `AGENTSQL_SECTION_KEY` variables, flags.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from agentsql.errors import SettingsError, nearest
from agentsql.settings.sections import LEAST, PATHS, Settings

PROJECT_FILE = "agentsql.toml"
OTHER_VARIABLES = frozenset({"AGENTSQL_DEBUG", "AGENTSQL_KEYS"})
"""Variables of the prefix that are not settings."""

_PREFIX = "AGENTSQL_"
_OF_PLUGINS = "AGENTSQL_PLUGIN_"  # such a variable is a plugin's own, and any name will do
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
    return str(folder / Path(str(value)).expanduser()) if key in PATHS and value else value


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[str, object]]:
    by_variable = {_PREFIX + key.upper().replace(".", "_"): key for key in _SETTING_TYPES}
    values: dict[str, tuple[str, object]] = {}
    for variable in sorted(environ):
        if not variable.startswith(_PREFIX) or variable in OTHER_VARIABLES or variable.startswith(_OF_PLUGINS):
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
    if isinstance(value, int) and not isinstance(value, bool) and value < (least := LEAST.get(key, 1)):
        raise SettingsError(f"{where}: [{section}] {name} must be at least {least}, not {value!r}")
    return value


def _known(names: Mapping[str, Any] | list[str]) -> str:
    return f"; known: {', '.join(names)}"


_SECTIONS: dict[str, type[Any]] = get_type_hints(Settings)
_SETTING_TYPES: dict[str, type[Any]] = {
    f"{section}.{one.name}": get_type_hints(cls)[one.name] for section, cls in _SECTIONS.items() for one in fields(cls)
}
