"""Finds steps, routers, models, databases, graphs and benchmarks among the installed packages' entry points."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from agentsql.errors import PluginError, nearest

PLUGIN_API = 1
"""Version of the contracts a plugin builds on; a plugin's package may say `PLUGIN_API = 1` to have it checked."""

GROUPS = (
    "agentsql.steps",
    "agentsql.routers",
    "agentsql.models",
    "agentsql.databases",
    "agentsql.graphs",
    "agentsql.benchmarks",
)


@dataclass(frozen=True, slots=True)
class PluginEntry:
    """One installed plugin, as its distribution announces it; nothing of it has been imported."""

    group: str
    name: str
    value: str
    """`module:attribute`."""
    distribution: str
    version: str


@dataclass(frozen=True, slots=True)
class PluginProblem:
    """A plugin that cannot be used, and why."""

    entry: PluginEntry
    problem: str


def list_plugins() -> list[PluginEntry]:
    """Give every installed plugin, sorted by group and name, without importing any."""
    return [_described(found) for group in GROUPS for found in _entries(group)]


def plugin_names(group: str) -> list[str]:
    """Give the names in one group, sorted, each once."""
    return sorted({found.name for found in _entries(group)})


def load_plugin(group: str, name: str) -> Any:
    """Import the plugin of that name.

    Raises:
        PluginError: none or several of that name, it breaks when imported, or it was made for another PLUGIN_API.
    """
    return _load(group, name, _entries(group))


def check_plugins() -> list[PluginProblem]:
    """Import every installed plugin and give those that cannot be used."""
    problems = []
    for group in GROUPS:
        for found in _entries(group):
            try:
                load_plugin(group, found.name)
            except PluginError as exc:
                problems.append(PluginProblem(_described(found), str(exc)))
    return problems


@cache
def _entries(group: str) -> tuple[EntryPoint, ...]:
    # An editable install and a wheel of one distribution may both announce the same entry; it is still one plugin.
    unique = {(found.name, found.value, _distribution(found)): found for found in entry_points(group=group)}
    return tuple(unique[key] for key in sorted(unique))


def _load(group: str, name: str, entries: Sequence[EntryPoint]) -> Any:
    found = [one for one in entries if one.name == name]
    kind = group.removeprefix("agentsql.").removesuffix("s")
    if not found:
        names = sorted({one.name for one in entries})
        known = f"; installed are {', '.join(names)}" if names else "; none is installed"
        raise PluginError(f"there is no {kind} {name!r}{nearest(name, names)}{known}")
    if len(found) > 1:
        sources = " and ".join(f"{_distribution(one)} ({one.value})" for one in found)
        raise PluginError(f"there are two {kind}s {name!r}, from {sources}; uninstall one of them")
    return _imported(found[0], kind)


def _imported(entry: EntryPoint, kind: str) -> Any:
    try:
        loaded = entry.load()
    # Foreign code may raise anything while it is imported; the cause goes on with the error.
    except Exception as exc:
        raise PluginError(
            f"the {kind} {entry.name!r} of {_distribution(entry)} cannot be loaded from {entry.value}: "
            f"{type(exc).__name__}: {exc}; update or uninstall {_distribution(entry)}"
        ) from exc
    wanted = getattr(sys.modules.get(entry.module.partition(".")[0]), "PLUGIN_API", PLUGIN_API)
    if wanted != PLUGIN_API:
        raise PluginError(
            f"the {kind} {entry.name!r} of {_distribution(entry)} is made for PLUGIN_API {wanted}, this agentsql has "
            f"{PLUGIN_API}; {'update agentsql' if wanted > PLUGIN_API else f'update {_distribution(entry)}'}"
        )
    return loaded


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown distribution"


def _described(entry: EntryPoint) -> PluginEntry:
    version = entry.dist.version if entry.dist else ""
    return PluginEntry(entry.group, entry.name, entry.value, _distribution(entry), version)
