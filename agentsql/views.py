"""What each caller sees of one database: with a policy a view for each principal, without one the same for all."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from agentsql.db.parsing import parse_statement
from agentsql.db.policed import PolicedDatabase
from agentsql.db.policy import Policy
from agentsql.db.policy_access import check_policy
from agentsql.db.value_store import ValueStore, without_values
from agentsql.db.words import WordIndex, index_words
from agentsql.settings import ValueSettings
from agentsql.types import Principal

if TYPE_CHECKING:
    from agentsql.db.database import Database
    from agentsql.db.schema import Schema
    from agentsql.retrieval.store import ExampleStore
    from agentsql.retrieval.view import Found

_VALUES_WAIT_S = 0.3
"""A question waits this long for values that are being read; a small database is read in less."""
_MOST_VIEWS = 64
"""Kept at a time; that of the principal who has not asked for longest is made anew when they ask again."""
_MOST_JUDGED = 2000
"""Examples whose visibility one view remembers."""


class View:
    """One database as one caller sees it: its schema, the words in it and its values."""

    def __init__(self, database: Database, settings: ValueSettings, directory: Path) -> None:
        masked = database.access().masked if isinstance(database, PolicedDatabase) else ()
        exclude = ",".join(filter(None, (settings.exclude, *masked)))
        self._settings = replace(settings, exclude=exclude)
        self.database = database
        self.schema: Schema = without_values(database.schema(), exclude)
        self.words: WordIndex = index_words(self.schema)
        self.values = ValueStore(database, self._settings, directory)

    def refresh(self) -> None:
        """Follow a change of the database; its values are read in the background."""
        schema = without_values(self.database.schema(), self._settings.exclude)
        if schema is not self.schema and schema != self.schema:
            self.schema, self.words = schema, index_words(schema)
        self.values.refresh(schema)

    def wait_a_moment(self) -> None:
        """Let the values of a database that was just opened be read, if that is soon done."""
        self.values.wait(_VALUES_WAIT_S)

    def examples(self, store: ExampleStore) -> ExampleStore | VisibleExamples:
        """Give the solved questions that this caller may be shown."""
        return VisibleExamples(store, self.database) if isinstance(self.database, PolicedDatabase) else store


class Views:
    """The views of one database, made as they are asked for. Safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        settings: ValueSettings,
        directory: Path,
        policy: Policy | None = None,
        *,
        own: Principal | str | None = None,
    ) -> None:
        """Keep what views are made of.

        Args:
            own: who is meant where a call names nobody.

        Raises:
            PolicyError: the policy does not fit the database.
        """
        if policy is not None:
            check_policy(policy, database.schema())
        self.policy = policy
        self.own = own
        self._database = database
        self._settings = settings
        self._directory = directory
        self._mutex = threading.Lock()
        self._views: OrderedDict[str, View] = OrderedDict()

    def of(self, principal: Principal | str | None = None) -> View:
        """Give the view of a principal, or of one that the policy describes under that name; None is the agent's own.

        Raises:
            PolicyError: the policy describes none of that name, shows them nothing, or needs an attribute they lack.
        """
        who = self.named(principal)
        key = _key(who) if self.policy else ""
        with self._mutex:
            if key not in self._views:
                self._views[key] = View(self.database_of(who), self._settings, self._directory)
            self._views.move_to_end(key)
            if len(self._views) > _MOST_VIEWS:
                self._views.popitem(last=False)  # a question may still be in the middle of it, so nothing is closed
            return self._views[key]

    def database_of(self, principal: Principal | str | None = None) -> Database:
        """Give the database as a principal sees it. Raises PolicyError as `of` does."""
        if self.policy is None:
            return self._database
        return PolicedDatabase(self._database, self.policy, self.named(principal))

    def thread(self, thread_id: str, principal: Principal | str | None) -> str:
        """Give the id a thread is kept under: under a policy nobody goes on with what others were told."""
        if self.policy is None:
            return thread_id
        database = self.of(principal).database
        assert isinstance(database, PolicedDatabase)
        told = hashlib.sha256(f"{_key(database.principal)}\x1f{database.access().digest}".encode()).hexdigest()[:16]
        return f"{thread_id}\x1f{told}"

    def close(self) -> None:
        """Stop reading values and close their files."""
        with self._mutex:
            for view in self._views.values():
                view.values.close()

    def named(self, principal: Principal | str | None) -> Principal:
        """Give the principal that is meant, which is the agent's own where nobody is named.

        Raises:
            PolicyError: the policy describes none of that name.
        """
        principal = principal or self.own
        if isinstance(principal, str):
            return self.policy.principal(principal) if self.policy else Principal(principal)
        return principal or Principal()


def _key(principal: Principal) -> str:
    attributes: Mapping[str, object] = principal.attributes
    return repr((principal.name, principal.roles, sorted(attributes.items())))


@dataclass(frozen=True, slots=True)
class _Judged:
    digest: str
    visible: bool


class VisibleExamples:
    """The part of a store that can be shown under a policy.

    That is what the principal could run, of this database alone, and without texts: a name in another caller's question
    may be of a row that this one does not see.
    """

    def __init__(self, store: ExampleStore, database: PolicedDatabase) -> None:
        self._store = store
        self._database = database
        self._judged: OrderedDict[str, _Judged] = OrderedDict()

    def __len__(self) -> int:
        return len(self._store)

    def search(
        self, text: str, k: int, *, only: str | None = None, exclude: frozenset[str] = frozenset()
    ) -> tuple[Found, ...]:
        """Do as `ExampleStore.search` does; examples of other databases are never given."""
        if only is None:
            return ()
        found = self._store.search(text, k, only=only, exclude=exclude)
        return tuple(one for one in found if self._is_visible(one.example.sql))

    def _is_visible(self, sql: str) -> bool:
        digest = self._database.access().digest
        known = self._judged.get(sql)
        if known is None or known.digest != digest:
            known = _Judged(digest, self._database.check(sql) is None and not self._has_text(sql))
            self._judged[sql] = known
            if len(self._judged) > _MOST_JUDGED:
                self._judged.popitem(last=False)
        return known.visible

    def _has_text(self, sql: str) -> bool:
        """True if the query, which runs, compares with a text."""
        return any(one.is_string for one in parse_statement(sql, self._database.dialect).find_all(exp.Literal))
