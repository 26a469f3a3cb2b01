"""Reads a recipe from TOML, refusing what it does not know, and writes it as it was used."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from importlib import resources
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from agentsql.errors import RecipeError, nearest
from agentsql.train.config import METHOD_SECTIONS, Above, AtLeast, AtMost, Method, Recipe

_FILES = (("data", "train"), ("data", "validation"))
_PATHS = (("model", "adapter"), ("model", "chat_template"))
_EXPECTED = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def shipped_recipes() -> dict[str, str]:
    """Give the text of each recipe that comes with the package, by its name."""
    folder = resources.files("agentsql.train").joinpath("recipes")
    found = sorted((one.name.removesuffix(".toml"), one) for one in folder.iterdir() if one.name.endswith(".toml"))
    return {name: one.read_text("utf-8") for name, one in found}


def load_recipe(name: str, method: Method, *, changes: Sequence[str] = (), output: str = "") -> Recipe:
    """Give the recipe in a file, or the shipped one of that name.

    Paths in a file are relative to it; those of a shipped recipe, and of `changes`, to the current folder.

    Args:
        changes: `section.key=VALUE`, each in place of what the recipe says; VALUE is read as TOML, else as text.
        output: in place of the recipe's own.

    Raises:
        RecipeError: there is no such recipe, it is not TOML, is for another method, or a value does not fit.
    """
    path = Path(name).expanduser()
    if path.suffix == ".toml" or path.is_file():
        text, where, folder = _text_of(path), str(path), path.parent
    elif name in shipped_recipes():
        text, where, folder = shipped_recipes()[name], f"recipe {name}", Path()
    else:
        known = shipped_recipes()
        meant = nearest(name, known) or f"; known are {', '.join(known)}"
        raise RecipeError(f"there is no recipe {name!r} (a file of your own ends in .toml){meant}")
    document = _parsed(text, where)
    _anchor(document, folder)
    for change in changes:
        _apply(document, change)
    recipe = recipe_from(document, where)
    if recipe.method != method:
        raise RecipeError(f"{where} is a recipe for {recipe.method}; run `agentsql train {recipe.method}` with it")
    return replace(recipe, output=output or recipe.output or f"training/{recipe.name}")


def recipe_from(document: Mapping[str, object], where: str) -> Recipe:
    """Give the recipe of a TOML document, every key and value checked.

    Raises:
        RecipeError: names `where`, the key and what it must be.
    """
    recipe: Recipe = read_part(Recipe, document, where)
    allowed = METHOD_SECTIONS[recipe.method]
    for section in {one for several in METHOD_SECTIONS.values() for one in several}:
        if section in document and section not in allowed:
            methods = " and ".join(name for name, several in METHOD_SECTIONS.items() if section in several)
            raise RecipeError(
                f"{where}: [{section}] is for {methods}, and this recipe is for {recipe.method}; remove it"
            )
    if recipe.model.adapter and "lora" in document:
        raise RecipeError(
            f"{where}: [lora] has no effect beside [model] adapter, which has a rank of its own; remove one"
        )
    if recipe.model.adapter and recipe.model.tune == "full":
        raise RecipeError(f"{where}: [model] adapter goes with tune = 'lora' or 'qlora', not 'full'")
    if not recipe.data.train:
        raise RecipeError(f"{where}: [data] train names no file; `agentsql data prepare` makes one")
    rewards = [getattr(recipe.rewards, one.name) for one in fields(recipe.rewards) if one.name != "timeout_s"]
    if recipe.method in ("grpo", "ppo") and not any(rewards):
        raise RecipeError(f"{where}: every weight in [rewards] is 0, so nothing would be learned")
    if recipe.method == "ppo" and recipe.data.validation and recipe.validation.best == "loss":
        raise RecipeError(f"{where}: [validation] best = 'loss' does not go with ppo, which has none; take 'accuracy'")
    if recipe.training.share_prefix and (why := _no_sharing(recipe)):
        raise RecipeError(f"{where}: [training] share_prefix {why}")
    each = recipe.training.batch * recipe.training.accumulate
    if recipe.method == "grpo" and each % recipe.grpo.completions:
        raise RecipeError(
            f"{where}: [training] batch times accumulate is {each}, which [grpo] completions "
            f"({recipe.grpo.completions}) does not divide; the replies to one prompt belong to one step"
        )
    return recipe


def _no_sharing(recipe: Recipe) -> str:
    """Give why the rows of a recipe cannot share their beginnings; nothing where they can."""
    if recipe.method != "sft":
        return f"is for sft, and this recipe is for {recipe.method}; remove it"
    if recipe.training.packing:
        return "and packing fill the same sequences; remove one"
    if not recipe.training.completion_only:
        return "takes the loss over the replies alone; remove completion_only = false"
    if recipe.model.attention not in ("auto", "sdpa"):
        return f"needs a mask that {recipe.model.attention} does not take; set [model] attention = 'sdpa'"
    return ""


def read_document(path: Path) -> dict[str, Any]:
    """Give the TOML document in a file.

    Raises:
        RecipeError: it cannot be read, or is no TOML.
    """
    return _parsed(_text_of(path), str(path))


def read_part(cls: type[Any], table: Mapping[str, object], where: str) -> Any:
    """Make a dataclass of a TOML table, every key and value checked by its fields' types.

    Raises:
        RecipeError: names `where`, the key and what it must be.
    """
    return _part(cls, table, where, "")


def check_files(recipe: Recipe) -> None:
    """See that every file and folder that the recipe names is there.

    Raises:
        RecipeError: one is not.
    """
    for section, key in (*_FILES, *_PATHS):
        named = getattr(getattr(recipe, section), key)
        for path in (named,) if isinstance(named, str) else named:
            if path and not Path(path).exists():
                raise RecipeError(f"[{section}] {key}: there is no {path!r}; correct the path{_hint(section)}")
    if recipe.model.base.startswith((".", "/", "~")) and not Path(recipe.model.base).expanduser().is_dir():
        raise RecipeError(f"[model] base: there is no folder {recipe.model.base!r}; correct the path")


def to_toml(recipe: Recipe) -> str:
    """Give the recipe with every value it stands for; sections of other methods are left out."""
    hidden = {one for several in METHOD_SECTIONS.values() for one in several} - set(METHOD_SECTIONS[recipe.method])
    if recipe.model.tune == "full" or recipe.model.adapter:
        hidden.add("lora")
    lines, sections = [], []
    for one in fields(recipe):
        value = getattr(recipe, one.name)
        if not is_dataclass(value):
            lines.append(f"{one.name} = {_toml(value)}")
        elif one.name not in hidden:
            values = [f"{key.name} = {_toml(getattr(value, key.name))}" for key in fields(value)]
            sections.append("\n".join([f"[{one.name}]", *values]))
    return "\n\n".join(["\n".join(lines), *sections]) + "\n"


def _hint(section: str) -> str:
    return " or make it with `agentsql data prepare`" if section == "data" else ""


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
        raise RecipeError(f"the recipe {path} cannot be read: {reason}; correct the path or the file") from exc


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise RecipeError(f"{where} is not valid TOML: {exc}; correct that line") from exc


def _anchor(document: dict[str, Any], folder: Path) -> None:
    """Make the relative paths in a document relative to the current folder."""

    def anchored(path: object) -> object:
        return str(folder / Path(path).expanduser()) if isinstance(path, str) and path else path

    for section, key in (*_FILES, *_PATHS):
        table = document.get(section)
        if isinstance(table, dict) and key in table:
            named = table[key]
            table[key] = [anchored(one) for one in named] if isinstance(named, list) else anchored(named)
    model = document.get("model")
    if isinstance(model, dict) and str(model.get("base", "")).startswith("."):
        model["base"] = str(folder / model["base"])
    if isinstance(document.get("output"), str):
        document["output"] = anchored(document["output"])


def _apply(document: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    section, _, name = key.strip().rpartition(".")
    if not equals or not name or "." in section:
        raise RecipeError(f"--set {change!r} is not of the form SECTION.KEY=VALUE")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    table = document.setdefault(section, {}) if section else document
    if not isinstance(table, dict):
        raise RecipeError(f"--set {change!r}: {section!r} is no section of a recipe")
    table[name] = value


def _part(cls: type[Any], table: Mapping[str, object], where: str, section: str) -> Any:
    """Make a dataclass of a TOML table."""
    hints = _hints(cls)
    place = f"[{section}] " if section else ""
    for name in table:
        if name not in hints:
            kind = "key" if section or not isinstance(table[name], dict) else "section"
            raise RecipeError(f"{where}: {place}unknown {kind} {name!r}{nearest(name, hints) or _known(hints)}")
    values = {}
    for one in fields(cls):
        if one.name in table:
            values[one.name] = _value(hints[one.name], table[one.name], where, section, one.name)
        elif one.default is MISSING and one.default_factory is MISSING:
            raise RecipeError(f"{where}: {place}{one.name} is missing; every recipe needs it")
    return cls(**values)


def _value(hint: Any, value: object, where: str, section: str, name: str) -> Any:
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise RecipeError(f"{where}: {name!r} must be a section, written [{name}]")
        return _part(hint, value, where, name)  # type: ignore[arg-type]  # a dataclass itself, not one's instance
    label = f"{where}: [{section}] {name}" if section else f"{where}: {name}"
    if get_origin(hint) is tuple:
        listed = [value] if isinstance(value, str) else value
        inner = get_args(hint)[0]
        if is_dataclass(inner) and isinstance(listed, list) and all(isinstance(one, dict) for one in listed):
            return tuple(_part(inner, one, where, name) for one in listed)  # type: ignore[arg-type]
        if not isinstance(listed, list) or is_dataclass(inner):
            raise RecipeError(
                f"{label} must be a list of {'tables' if is_dataclass(inner) else 'texts'}, not {value!r}"
            )
        return tuple(_single(get_args(hint)[0], one, label) for one in listed)
    return _single(hint, value, label)


def _single(hint: Any, value: object, label: str) -> Any:
    bounds: Iterable[object] = getattr(hint, "__metadata__", ())
    kind = get_args(hint)[0] if bounds else hint
    if get_origin(kind) is Literal:
        allowed = get_args(kind)
        if value not in allowed:
            meant = nearest(value, allowed) if isinstance(value, str) else ""
            raise RecipeError(f"{label} must be one of {', '.join(map(str, allowed))}, not {value!r}{meant}")
        return value
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise RecipeError(f"{label} must be {_EXPECTED[kind]}, not {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise RecipeError(f"{label} must be a finite number, not {value!r}")
    for bound in bounds:
        if why := _broken(bound, value):
            raise RecipeError(f"{label} must be {why}, not {value!r}")
    return value


def _broken(bound: object, value: Any) -> str:
    if isinstance(bound, AtLeast) and value < bound.value:
        return f"at least {bound.value:g}"
    if isinstance(bound, Above) and value <= bound.value:
        return f"above {bound.value:g}"
    if isinstance(bound, AtMost) and value > bound.value:
        return f"at most {bound.value:g}"
    return ""


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    # JSON's form of a text, a number and a truth is TOML's too.
    return json.dumps(value, ensure_ascii=False)


def _hints(cls: type[Any]) -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(cls, include_extras=True).items() if hint is not NoneType}


def _known(names: Iterable[str]) -> str:
    return f"; known: {', '.join(names)}"
