"""The layer as it is written: metrics and synonyms, read from YAML, and what of them a question names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agentsql.errors import UsageError, nearest


class SemanticLayerError(UsageError):
    """A semantic layer cannot be used; `problems` lists every reason found."""

    def __init__(self, path: str | Path, problems: Sequence[str]) -> None:
        super().__init__(f"semantic layer {str(path)!r}:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that people ask for by name, and the one expression that it is."""

    name: str
    expression: str
    """SQL in the database's dialect, with aggregates; columns as `table.column`, or alone if one table has them."""
    tables: tuple[str, ...]
    """What the expression is over."""
    description: str = ""
    synonyms: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return (self.name, *self.synonyms)


@dataclass(frozen=True, slots=True)
class Layer:
    """Everything that one file says."""

    metrics: tuple[Metric, ...] = ()
    synonyms: tuple[tuple[str, str], ...] = ()
    """(word, `table` or `table.column`) pairs."""

    def named(self, text: str) -> tuple[Metric, ...]:
        """Give the metrics that a text names, in the order of the file; of two words that overlap the longer counts."""
        found = _found((word for metric in self.metrics for word in metric.words), text)
        return tuple(metric for metric in self.metrics if found & set(metric.words))

    def meant(self, text: str) -> tuple[tuple[str, str], ...]:
        """Give the synonyms that a text has."""
        found = _found((word for word, _ in self.synonyms), text)
        return tuple((word, target) for word, target in self.synonyms if word in found)


def read_layer(path: str | Path) -> Layer:
    """Read the file; what it says of the database is not checked yet.

    Raises:
        SemanticLayerError: it is missing, is no YAML, has keys that mean nothing or lacks some, or a word twice.
    """
    try:
        content = yaml.safe_load(Path(path).read_text("utf-8"))
    except OSError as exc:
        raise SemanticLayerError(path, [f"cannot be read: {exc.strerror}"]) from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise SemanticLayerError(path, [f"is not valid YAML: {' '.join(str(exc).split())}"]) from exc
    if not isinstance(content, dict):
        raise SemanticLayerError(path, ["has no `metrics:` and no `synonyms:` at its top"])
    problems = _unknown(content, ("metrics", "synonyms"), "the file")
    entries, synonyms = content.get("metrics") or [], content.get("synonyms") or {}
    if not isinstance(entries, list):
        problems.append("`metrics` must be a list; write each as `- name: …`")
        entries = []
    if not (isinstance(synonyms, dict) and all(isinstance(part, str) for pair in synonyms.items() for part in pair)):
        problems.append("`synonyms` must be lines like `client: customers` or `birthday: customers.birth_date`")
        synonyms = {}
    for number, entry in enumerate(entries, 1):
        problems += _entry_problems(number, entry)
    if problems:
        raise SemanticLayerError(path, problems)
    layer = Layer(tuple(map(_metric, entries)), tuple(synonyms.items()))
    if repeated := _repeated(layer):
        raise SemanticLayerError(
            path, [f"the word {word!r} is there twice; each may mean one thing" for word in repeated]
        )
    return layer


_FIELDS: Mapping[str, type] = {"name": str, "expression": str, "tables": list, "description": str, "synonyms": list}
_REQUIRED = ("name", "expression", "tables")


def _entry_problems(number: int, entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return [f"metric {number} must have lines `name:`, `expression:` and `tables:`, not {entry!r}"]
    where = f"metric {entry.get('name', number)!r}"
    problems = _unknown(entry, tuple(_FIELDS), where)
    problems += [f"{where} has no `{key}`" for key in _REQUIRED if not entry.get(key)]
    for key, wanted in _FIELDS.items():
        value = entry.get(key)
        if value is None:
            continue
        if wanted is str and not isinstance(value, str):
            problems.append(f"{where}: `{key}` must be a text, not {value!r}; put it in quotes")
        if wanted is list and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            problems.append(f"{where}: `{key}` must be a list of texts like [a, b], not {value!r}")
    return problems


def _unknown(table: Mapping[Any, Any], known: Sequence[str], where: str) -> list[str]:
    return [f"{where} has an unknown key {key!r}{nearest(str(key), known)}" for key in table if key not in known]


def _metric(entry: Mapping[str, Any]) -> Metric:
    lists = {key: tuple(entry.get(key) or ()) for key in ("tables", "synonyms")}
    return Metric(entry["name"], entry["expression"], description=entry.get("description") or "", **lists)


def _repeated(layer: Layer) -> list[str]:
    words = [word for metric in layer.metrics for word in metric.words] + [word for word, _ in layer.synonyms]
    folded = [_folded(word) for word in words]
    return sorted({word for word in folded if folded.count(word) > 1})


def _found(words: Iterable[str], text: str) -> set[str]:
    """Give the words that are in the text, the longest first: its letters are used up."""
    found, left = set(), _folded(text)
    for word in sorted(words, key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(_folded(word))}(?:e?s)?(?!\w)"
        left, count = re.subn(pattern, "\0", left)
        if count:
            found.add(word)
    return found


def _folded(text: str) -> str:
    """Give a text as it is compared: `net_revenue` and `Net  Revenue` are one."""
    return " ".join(text.casefold().replace("_", " ").split())
