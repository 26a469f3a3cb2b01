"""Checks the name of a new plugin and fills the templates of its kind."""

from __future__ import annotations

import keyword
import re
import shutil
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.util import find_spec
from pathlib import Path
from string import Template

from agentsql.errors import UsageError, nearest
from agentsql.plugins import PLUGIN_API, list_plugins

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_SUFFIX = ".template"
"""Of each file there, so that no tool takes one for Python before its names are filled in."""
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LONGEST = 50
_PREFIX = "agentsql_"


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where a plugin of one kind is announced, and what its entry point names."""

    group: str
    value: str


KINDS: Mapping[str, _Kind] = {
    "step": _Kind("agentsql.steps", "$package.step:$plugin"),
    "model": _Kind("agentsql.models", "$package.model:open_model"),
    "database": _Kind("agentsql.databases", "$package.database:open_database"),
    "graph": _Kind("agentsql.graphs", "$package.graph:$plugin"),
    "benchmark": _Kind("agentsql.benchmarks", "$package.benchmark"),
}
"""What a new plugin may be."""


def write_plugin(name: str, kind: str, directory: str | Path = ".") -> Path:
    """Write a package that installs, passes its own tests and is found by agentsql, and give its folder.

    Args:
        name: of its distribution and its folder. Its import package has `_` for `-`, and the plugin in it is called the
            same without a leading `agentsql_`.
        kind: one of `KINDS`.
        directory: where the folder goes; made if it is not there.

    Raises:
        UsageError: the name cannot be one, or is taken; there is no such kind; or the folder is there.
        OSError: it cannot be written there; then nothing of it is left.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no kind {kind!r} of plugin{nearest(kind, KINDS)}; kinds are {', '.join(KINDS)}")
    _check_name(name)
    package = name.replace("-", "_")
    plugin = package.removeprefix(_PREFIX)
    folder = Path(directory).expanduser() / name
    _check_free(name, package, plugin, KINDS[kind].group, folder)
    names = {
        "distribution": name,
        "package": package,
        "plugin": plugin,
        "title": "".join(word.capitalize() for word in plugin.split("_")),
        "group": KINDS[kind].group,
        "value": Template(KINDS[kind].value).substitute(package=package, plugin=plugin),
        "kind": kind,
        "api": str(PLUGIN_API),
        "framework": ".".join(version("agentsql-framework").split(".")[:2]),
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = folder.with_name(f".{name}-{uuid.uuid4().hex}")  # so that the folder is complete, or not there at all
    try:
        made.mkdir()
        for path, text in _filled(kind, names):
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8")
        made.rename(folder)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return folder


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-0123456789")[:_LONGEST].rstrip("-")
        advice = f"call it {plain!r}, say" if plain else "call it 'agentsql-top-customers', say"
        raise UsageError(
            f"{name!r} cannot be the name of a package: it takes up to {_LONGEST} of the characters a-z, 0-9, - and _, "
            f"and begins with a letter; {advice}"
        )
    package = name.replace("-", "_")
    plugin = package.removeprefix(_PREFIX)
    if keyword.iskeyword(plugin) or keyword.iskeyword(package) or not plugin.isidentifier():
        raise UsageError(f"the plugin {plugin!r} of {name!r} cannot be a name in Python; take a longer one")
    if package in ("agentsql", "tests") or package in sys.stdlib_module_names:
        raise UsageError(f"a package {package!r} would hide the module of that name; call it 'agentsql-{name}', say")


def _check_free(name: str, package: str, plugin: str, group: str, folder: Path) -> None:
    """Refuse what is there: the folder, the distribution, the module, or a plugin of that name in that group."""
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{str(folder)!r} is there already; take another name, or another --directory")
    for entry in list_plugins():
        if (entry.group, entry.name) == (group, plugin):
            raise UsageError(
                f"{entry.distribution} {entry.version} has a plugin {plugin!r} in {group} already, and two of one name "
                "cannot be used; take another name"
            )
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        if find_spec(package) is None:
            return
        raise UsageError(f"a module {package!r} is installed already; take another name") from None
    raise UsageError(f"{name} {installed.version} is installed already; take another name, or uninstall it")


def _filled(kind: str, names: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Give each file of a new package, as a path in its folder with its text."""
    for source in (_TEMPLATES / "common", _TEMPLATES / kind):
        for template in sorted(source.rglob(f"*{_SUFFIX}")):
            path = str(template.relative_to(source)).removesuffix(_SUFFIX)
            path = path.replace("package/", f"{names['package']}/").replace("dot.", ".")
            yield Path(path), Template(template.read_text(encoding="utf-8")).substitute(names)
