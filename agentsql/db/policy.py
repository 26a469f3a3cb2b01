"""What a policy says, and how it is read from TOML: who may see which tables, columns and rows.

Nothing is looked up in a database here; `policy_access.py` holds a policy against a schema.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from agentsql.errors import PolicyError, nearest
from agentsql.types import Principal

Mask = Literal["hash", "null", "last4"]
_MASKS = get_args(Mask)
_KEY_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Rules:
    """What one kind of caller may see. Names are globs, letter case ignored; a table's may carry its schema."""

    tables: tuple[str, ...] = ("*",)
    """Tables that may be read, as `table` or `schema.table`."""
    denied_tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ("*.*",)
    """Columns that may be read, as `table.column` or `schema.table.column`."""
    denied_columns: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    """Views that are read as they are, so that no rule for the tables below reaches into them; others are read through
    their definitions, or hidden."""
    rows: Mapping[str, str] = field(default_factory=dict)
    """By table: a condition in the database's SQL that its rows must meet. `{principal.NAME}` stands for the caller's
    attribute of that name, or for `name`."""
    masks: Mapping[str, Mask] = field(default_factory=dict)
    """By column glob: what stands in place of its cells."""
    functions: tuple[str, ...] = ()
    """Functions that may be called beside those that only compute."""
    denied_functions: tuple[str, ...] = ()
    joins: int | None = None
    """Joins that one query may hold; None is no limit."""
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By table: columns of which one must be in a condition wherever the table is read."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules for everyone, and in their place for some roles."""

    rules: Rules = field(default_factory=Rules)
    roles: Mapping[str, Rules] = field(default_factory=dict)
    principals: Mapping[str, Principal] = field(default_factory=dict)
    """Callers that can be named in place of being described."""
    hash_key: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    """Goes into each hash of the mask `hash`, so that nobody can make the hash of a guess; by default a new one in each
    process."""

    def rules_for(self, principal: Principal) -> Rules:
        """Give the rules of the first of the principal's roles that has some, else those for everyone."""
        return next((self.roles[role] for role in principal.roles if role in self.roles), self.rules)

    def principal(self, name: str) -> Principal:
        """Give the principal of that name.

        Raises:
            PolicyError: the policy describes none.
        """
        if name not in self.principals:
            meant = nearest(name, self.principals) or f"; add a section [principals.{name}]"
            raise PolicyError(f"the policy knows no principal {name!r}{meant}")
        return self.principals[name]


def load_policy(path: str | Path) -> Policy:
    """Read a policy file; the README of `agentsql/db` describes its sections.

    Raises:
        PolicyError: it cannot be read, is not TOML, or holds an unknown key or a value of the wrong type.
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise PolicyError(f"{path} is not valid TOML: {exc}; correct that line") from exc
    except OSError as exc:
        raise PolicyError(f"cannot read the policy {path}: {exc.strerror or exc}; see that it is there") from exc
    return _Reader(str(path)).policy(document)


class _Reader:
    """Turns a parsed document into a policy; errors name the file and the place in it."""

    def __init__(self, path: str) -> None:
        self._path = path

    def policy(self, document: Mapping[str, Any]) -> Policy:
        self._only_known(document, (*_SECTIONS, "roles", "principals", "hash_key"), "")
        shared = {name: value for name, value in document.items() if name in _SECTIONS}
        roles = {}
        for name, sections in self._table(document.get("roles", {}), "roles").items():
            where = f"roles.{name}"
            self._only_known(self._table(sections, where), tuple(_SECTIONS), where)
            roles[name] = self._rules({**shared, **sections}, where)
        principals = self._table(document.get("principals", {}), "principals")
        key = self._text(document.get("hash_key", secrets.token_hex(16)), "hash_key")
        if len(key) < _KEY_CHARACTERS:
            raise PolicyError(f"{self._path}: hash_key must have {_KEY_CHARACTERS} characters or more, not {len(key)}")
        return Policy(
            self._rules(shared, ""), roles, {name: self._principal(name, one) for name, one in principals.items()}, key
        )

    def _rules(self, sections: Mapping[str, Any], where: str) -> Rules:
        given: dict[str, Any] = {}
        for section, value in sections.items():
            place = f"{where}.{section}" if where else section
            keys = _SECTIONS[section]
            table = self._table(value, place)
            if keys is None:
                given[section] = {name: self._entry(section, one, f"{place}.{name}") for name, one in table.items()}
                continue
            self._only_known(table, tuple(keys), place)
            for key, one in table.items():
                given[keys[key]] = (self._count if section == "limits" else self._texts)(one, f"{place}.{key}")
        return Rules(**given)

    def _entry(self, section: str, value: object, where: str) -> object:
        if section == "required":
            return self._texts([value] if isinstance(value, str) else value, where)
        text = self._text(value, where)
        if section == "masks" and text not in _MASKS:
            raise self._wrong(where, f"one of {', '.join(_MASKS)}", value, nearest(text, _MASKS))
        return text

    def _principal(self, name: str, value: object) -> Principal:
        where = f"principals.{name}"
        table = self._table(value, where)
        self._only_known(table, ("roles", "attributes"), where)
        attributes = self._table(table.get("attributes", {}), f"{where}.attributes")
        for key, one in attributes.items():
            if not isinstance(one, str | int | float | bool) and not _is_texts_or_numbers(one):
                raise self._wrong(f"{where}.attributes.{key}", "a text, a number, true, false or a list of these", one)
        frozen = {key: tuple(one) if isinstance(one, list) else one for key, one in attributes.items()}
        return Principal(name, frozen, self._texts(table.get("roles", []), f"{where}.roles"))

    def _only_known(self, table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in known:
                meant = nearest(key, known) or f"; known: {', '.join(known)}"
                raise PolicyError(f"{self._path}: unknown key {key!r}{f' in [{where}]' if where else ''}{meant}")

    def _table(self, value: object, where: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(where, "a section", value)
        return value

    def _texts(self, value: object, where: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._wrong(where, "a list of texts", value)
        return tuple(value)

    def _text(self, value: object, where: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(where, "a text", value)
        return value

    def _count(self, value: object, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(where, "a whole number, 0 or more", value)
        return value

    def _wrong(self, where: str, wanted: str, value: object, meant: str = "") -> PolicyError:
        return PolicyError(f"{self._path}: {where} must be {wanted}, not {value!r}{meant}")


def _is_texts_or_numbers(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str | int | float | bool) for one in value)


_SECTIONS: Mapping[str, Mapping[str, str] | None] = {
    "tables": {"allow": "tables", "deny": "denied_tables"},
    "columns": {"allow": "columns", "deny": "denied_columns"},
    "views": {"allow": "views"},
    "rows": None,
    "masks": None,
    "functions": {"allow": "functions", "deny": "denied_functions"},
    "limits": {"joins": "joins"},
    "required": None,
}
"""Sections of a policy file, each with the fields its keys fill; None where the keys are names of the database's."""
