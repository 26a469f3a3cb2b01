"""What a question for training shares with an evaluation set: its words, the skeleton of its SQL, or its schema."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from agentsql.db.schema import Schema
from agentsql.retrieval.example import folded, normalised
from agentsql.retrieval.mask import skeleton

LeakKind = Literal["question", "skeleton", "schema"]
"""`question`: the same letters and digits, folded. `schema`: the same tables and columns, or database name. `skeleton`:
SQL that differs in names and values only; that much is usual, and no leak by itself."""
KINDS: tuple[LeakKind, ...] = get_args(LeakKind)


@dataclass(frozen=True, slots=True)
class LeakIndex:
    """What is known of an evaluation set, each with the id of a question that has it."""

    questions: Mapping[str, str] = field(default_factory=dict)
    skeletons: Mapping[str, str] = field(default_factory=dict)
    schemas: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def found(self, question: str, gold: str, schema: str, db_id: str) -> tuple[tuple[LeakKind, str], ...]:
        """Give what a question shares with the set; nothing if the set is empty.

        Args:
            schema: of `schema_key`.
        """
        if not self.questions:
            return ()
        places: dict[LeakKind, str | None] = {
            "question": self.questions.get(normalised(question)),
            "skeleton": self.skeletons.get(_skeleton(gold)),
            "schema": self.schemas.get(schema) or self.names.get(folded(db_id)),
        }
        return tuple((kind, place) for kind, place in places.items() if place)


def index_evaluation(
    questions: Iterable[tuple[str, str, str, str]], schema_of: Callable[[str], Schema | None]
) -> LeakIndex:
    """Make the index of an evaluation set.

    Args:
        questions: id, text, gold (may be empty) and `db_id` of each.
        schema_of: gives the schema of a `db_id`, or None where it cannot be read.
    """
    texts: dict[str, str] = {}
    skeletons: dict[str, str] = {}
    names: dict[str, str] = {}
    schemas: dict[str, str] = {}
    for identity, text, gold, db_id in questions:
        texts.setdefault(normalised(text), identity)
        if gold and (found := _skeleton(gold)):
            skeletons.setdefault(found, identity)
        if folded(db_id) not in names:
            names[folded(db_id)] = identity
            if schema := schema_of(db_id):
                schemas.setdefault(schema_key(schema), identity)
    return LeakIndex(texts, skeletons, schemas, names)


def schema_key(schema: Schema) -> str:
    """Give what two databases share that have the same tables and columns, whatever their types and rows."""
    names = sorted(f"{table.name}.{column.name}".casefold() for table in schema for column in table.columns)
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _skeleton(sql: str) -> str:
    return " ".join(skeleton(sql, "sqlite"))
