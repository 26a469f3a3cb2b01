"""Chooses which of the examples found go into a prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentsql.retrieval.example import folded, normalised
from agentsql.retrieval.mask import skeleton, skeleton_similarity
from agentsql.retrieval.view import Found

_SKELETON_WEIGHT = 0.5
"""Of the SQL's likeness beside the question's, once there is a preliminary SQL."""
_WORDS_WEIGHT = 0.1
"""Of the words that the questions themselves share: masked, many questions are the same ("How many <mask> are there?"),
and then one about the same things is worth more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many examples, how like the question, and how long together."""

    k: int
    similarity: float
    """Least cosine of the masked questions, -1 to 1."""
    tokens: int


def select_examples(
    found: Sequence[Found],
    limits: Limits,
    *,
    question: str,
    size: Callable[[str], int],
    preliminary: str = "",
    dialect: str = "",
) -> tuple[Found, ...]:
    """Give the examples for a prompt, most similar last, each SQL once.

    Args:
        found: in any order; more than `limits.k`, so that there is something to choose from.
        size: gives the tokens of a text.
        preliminary: SQL of a first try; examples whose SQL has the same skeleton come before others.
    """
    near = [one for one in found if one.similarity >= limits.similarity]
    words = frozenset(normalised(question).split())
    wanted = skeleton(preliminary, dialect) if preliminary else ()
    near.sort(key=lambda one: _score(one, words, wanted), reverse=True)
    chosen: dict[str, Found] = {}
    left = limits.tokens
    for one in near:
        sql = " ".join(one.example.sql.split())
        cost = size(one.example.question) + size(one.example.sql)
        if sql in chosen or cost > left:
            continue
        left -= cost
        chosen[sql] = one
        if len(chosen) == limits.k:
            break
    return tuple(reversed(chosen.values()))


def without_leaks(found: Sequence[Found], question: str, evaluated: frozenset[str]) -> tuple[Found, ...]:
    """Leave out what would tell the answer while `evaluated` databases are measured.

    That is every example of one of them, and the asked question itself, wherever it is from. Without evaluated
    databases nothing is left out: that a question was asked before is what a store is for.
    """
    if not evaluated:
        return tuple(found)
    names, asked = {folded(db) for db in evaluated}, normalised(question)
    return tuple(
        one for one in found if folded(one.example.db) not in names and normalised(one.example.question) != asked
    )


def _score(found: Found, words: frozenset[str], wanted: tuple[str, ...]) -> float:
    own = frozenset(normalised(found.example.question).split())
    score = found.similarity + _WORDS_WEIGHT * len(own & words) / max(1, len(own | words))
    if not wanted:
        return score
    alike = skeleton_similarity(skeleton(found.example.sql, found.example.dialect), wanted)
    return (1 - _SKELETON_WEIGHT) * score + _SKELETON_WEIGHT * alike
