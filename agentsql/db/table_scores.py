"""Says how likely a question needs each table, by words, known values and foreign keys: no model, a few milliseconds.

The weights were tuned on Spider's training questions over all its databases joined into one. `benchmarks/linking.py`
measures what comes of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from agentsql.db.closure import Linked, linked_tables
from agentsql.db.schema import Schema, Table
from agentsql.db.words import meaning_words, words_of

_IN_NAME = 4.0
"""Weight of a word in the table's name; one in the name of a column weighs 1."""
_IN_COMMENT = 0.5
_COLUMNS_COUNT = 0.3
"""How far a word of a table with many columns weighs less, 0 to 1; BM25 calls it b."""
_ALIKE = 0.92
"""Jaro-Winkler, 0 to 1: `employed` is like `employee`, `perform` like `performance`, `conzert` like `concert`."""
_ALIKE_WEIGHT = 0.8
_SHORTEST_ALIKE = 4
_VALUE = 2.0
_VALUE_LIKE_A_NAME = 0.3
"""For a value such as the customer type 'Customer' where tables are called customers: the question means these."""
_A_KEY_AWAY = 0.6
"""Of a word's weight, for a table one foreign key away; that squared for two."""
_OWN = 1 / 3
"""What a table's own words count besides those found around it. By its own alone, recall@15 was 7 points lower."""
_SIMILARITY = 32.0
_MOST_SIMILAR = 100
"""Tables that similarity counts for; what it says of the others is noise."""

_Weights = dict[str, float]
"""Table name → weight."""


@dataclass(frozen=True, slots=True)
class TableIndex:
    """The words of every table, each with its weight."""

    size: int
    words: Mapping[str, _Weights]
    known: tuple[str, ...]
    """The words that are long enough to be compared by their letters, sorted."""
    in_names: frozenset[str]
    """Words that stand in the name of a table."""
    linked: Linked

    def ranked(
        self,
        question: str,
        *,
        values: Iterable[tuple[str, str, str]] = (),
        similarities: Mapping[str, float] | None = None,
    ) -> tuple[str, ...]:
        """Give the tables that anything speaks for, the most likely first; what is equal is sorted by name.

        Args:
            values: (table, column, text) of cells that the question names.
            similarities: table → how much its description means what the question says, -1 to 1.
        """
        clues = [self._clue(word) for word in sorted(meaning_words(question))]
        clues += self._value_clues(values)
        if similarities:
            clues.append(_similar(similarities))
        scores: _Weights = defaultdict(float)
        for clue in clues:
            for name, weight in clue.items():
                scores[name] += _OWN * weight
            for name, weight in self._spread(clue).items():
                scores[name] += weight
        return tuple(sorted(scores, key=lambda name: (-scores[name], name)))

    def _clue(self, word: str) -> _Weights:
        """Weigh the tables that have this word or one like it; the fewer they are, the more it tells."""
        found = dict(self.words.get(word, {}))
        if len(word) >= _SHORTEST_ALIKE and not word.isdigit():
            for other, likeness, _ in process.extract(
                word, self.known, scorer=JaroWinkler.normalized_similarity, score_cutoff=_ALIKE, limit=20
            ):
                if other != word:
                    _raise(found, {name: one * likeness * _ALIKE_WEIGHT for name, one in self.words[other].items()})
        rarity = self._rarity(found)
        return {name: weight * rarity for name, weight in found.items()}

    def _value_clues(self, values: Iterable[tuple[str, str, str]]) -> list[_Weights]:
        holders: dict[str, dict[str, None]] = defaultdict(dict)
        for table, _, text in values:
            holders[text][table] = None
        return [
            dict.fromkeys(tables, self._rarity(tables) * _VALUE * (_VALUE_LIKE_A_NAME if self._is_name(text) else 1))
            for text, tables in holders.items()
        ]

    def _is_name(self, text: str) -> bool:
        return self.in_names.issuperset(words_of(text))

    def _rarity(self, tables: Mapping[str, object]) -> float:
        return math.log(1 + self.size / len(tables)) if tables else 0.0

    def _spread(self, clue: _Weights) -> _Weights:
        """Let a clue count for tables up to two foreign keys away, each by the strongest way it is reached."""
        best, edge = dict(clue), clue
        for _ in range(2):
            reached: _Weights = {}
            for name, weight in edge.items():
                _raise(reached, dict.fromkeys(self.linked[name], weight * _A_KEY_AWAY))
            edge = {name: weight for name, weight in reached.items() if weight > best.get(name, 0.0)}
            best.update(edge)
        return best


def index_tables(schema: Schema) -> TableIndex:
    """Make the index of a schema; 850 tables take about 70 ms."""
    words: dict[str, _Weights] = defaultdict(dict)
    mean_columns = sum(len(table.columns) for table in schema) / max(len(schema.tables), 1)
    for table in schema:
        for word, weight in _words_of_table(table, mean_columns).items():
            words[word][table.name] = weight
    return TableIndex(
        len(schema.tables),
        dict(words),
        tuple(sorted(word for word in words if len(word) >= _SHORTEST_ALIKE)),
        frozenset(word for table in schema for word in words_of(table.name)),
        linked_tables(schema),
    )


def table_description(table: Table) -> str:
    """Give what a table is about as a text whose meaning can be compared with that of a question."""
    comment = f" ({table.comment})" if table.comment else ""
    columns = ", ".join(" ".join(words_of(column.name)) for column in table.columns)
    return f"{' '.join(words_of(table.name))}{comment}: {columns}"


def _words_of_table(table: Table, mean_columns: float) -> _Weights:
    name = set(words_of(table.name))
    weights = {word: _IN_NAME / math.sqrt(len(name)) for word in name}
    _raise(weights, dict.fromkeys(words_of(table.comment), 1.0))
    one = 1 / (1 - _COLUMNS_COUNT + _COLUMNS_COUNT * len(table.columns) / mean_columns)
    for column in table.columns:
        _raise(weights, dict.fromkeys(words_of(column.name), one))
        _raise(weights, dict.fromkeys(words_of(column.comment), one * _IN_COMMENT))
    return weights


def _similar(similarities: Mapping[str, float]) -> _Weights:
    """Weigh the most similar tables by how much more similar they are than the rest."""
    first = sorted(similarities, key=lambda name: (-similarities[name], name))[:_MOST_SIMILAR]
    least = similarities[first[-1]]
    return {name: _SIMILARITY * (similarities[name] - least) for name in first if similarities[name] > least}


def _raise(weights: _Weights, others: Mapping[str, float]) -> None:
    """Lift each weight, in place, to the one in `others`."""
    for name, weight in others.items():
        if weight > weights.get(name, 0.0):
            weights[name] = weight
