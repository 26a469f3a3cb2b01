"""Finds the cell values that a question names, precision before recall: a wrong hint misleads a small model.

Thresholds were set on the questions of Spider's training databases; `benchmarks/values.py` measures on others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from agentsql.db.schema import Schema
from agentsql.db.value_aliases import abbreviated_places
from agentsql.db.value_index import Place, ValueIndex
from agentsql.db.words import COMMON, WORD, value_key, words_of

_LONGEST_SPAN = 8
"""Words."""
_MOST_VALUES = 8
"""Values given of one text."""
_MOST_PLACES = 2
"""Columns given of one value; one that fits more of them equally is no hint."""
_SMALL_SET = 50
"""Texts of a column up to which a word in another letter case names one: 4 of 5 do, and of larger columns none."""
_LARGE_SET = 1000
"""Texts of a column from which single lower-case words are names of songs and people by chance."""
_CODE = 4
"""Letters of a text in capitals that is a code, which no lower-case word of a sentence names."""
_QUOTED = re.compile(r"""(?<!\w)(?:"([^"]+)"|'([^']+)'|“([^”]+)”|‘([^’]+)’|`([^`]+)`)(?!\w)""")
_MORE_COMMON = frozenset(
    "more most less least than then total two three four five six seven eight nine ten one first second third last top "
    "per but if so well only also both either neither other others same such between over under up down out about above "
    "below before after during while since until into onto has had having been being its did per give order sort sorted "
    "high highest low lowest new old big small long short good year month day date time people person".split()
)
_BEFORE_NAMES = frozenset("in from at near by named called is are to and or".split())
"""Words that in a question typed without capitals come before names."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Some words of the text that stand together."""

    first: int
    last: int
    """Numbers of its words."""
    text: str
    key: str
    quoted: bool
    capital: bool
    """All its words that may be are written with a capital, other than for standing at the start of a sentence."""
    opens: bool
    """It is the first word of a sentence."""
    follows_preposition: bool

    @property
    def words(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def is_number(self) -> bool:
        return not any(map(str.isalpha, self.key))


def find_values(text: str, index: ValueIndex, schema: Schema) -> tuple[tuple[str, str, str], ...]:
    """Give (table, column, cell text) for the values that `text` names, most certain first, 16 at most.

    A value that stands in several columns is given for those whose table or name the text names too, and not at all
    where that leaves more than two. Takes a few milliseconds.
    """
    if index.is_empty:
        return ()
    question = _Question(text, schema)
    found: list[tuple[int, int, tuple[Place, ...]]] = []
    taken: set[int] = set()
    for rank, look_up in enumerate((_quoted, _written, _abbreviated, _misspelt)):
        for span in question.spans(quoted=look_up is _quoted, singly=look_up is _misspelt):
            if taken.isdisjoint(span.words) and (places := look_up(span, question, index)):
                taken.update(span.words)
                found.append((rank + (not span.capital), span.first, places))
    found.sort(key=lambda one: one[:2])
    chosen = [question.most_likely(places) for _, _, places in found]
    values = [(place.table, place.column, place.text) for places in chosen for place in places]
    return tuple(dict.fromkeys(values))[: _MOST_VALUES * _MOST_PLACES]


class _Question:
    """The words of a text, and which of them name parts of the schema."""

    def __init__(self, text: str, schema: Schema) -> None:
        self._text = unicodedata.normalize("NFC", text)
        self._words = list(WORD.finditer(self._text))
        self._folded = set(words_of(self._text))
        names = [table.name for table in schema] + [column.name for table in schema for column in table.columns]
        self._names = {value_key(" ".join(words_of(name))) for name in names}
        self._schema_words = [frozenset(name.split()) for name in self._names]
        self.has_capitals = any(
            self._is_capital(number) for number in range(len(self._words)) if not self._opens(number)
        )

    def spans(self, *, quoted: bool, singly: bool) -> Iterator[_Span]:
        """Give what stands in quotation marks, or all runs of words, the longest first."""
        if quoted:
            for match in _QUOTED.finditer(self._text):
                inside = [
                    number
                    for number, word in enumerate(self._words)
                    if match.start() < word.start() and word.end() < match.end()
                ]
                if inside and len(inside) <= 2 * _LONGEST_SPAN:
                    yield self._span(inside[0], inside[-1], quoted=True)
            return
        for size in range(min(4 if singly else _LONGEST_SPAN, len(self._words)), 0, -1):
            for first in range(len(self._words) - size + 1):
                yield self._span(first, first + size - 1)

    def names_schema(self, span: _Span) -> bool:
        """True if the words are the name of a table or column, or, unless they are written as a name, part of one."""
        if span.capital:
            return span.key in self._names
        own = set(span.key.split())
        return any(own <= words for words in self._schema_words)

    def is_common(self, number: int) -> bool:
        word = self._words[number].group().casefold()
        return word in COMMON or word in _MORE_COMMON or value_key(word) in COMMON

    def most_likely(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Give the places whose table, then whose column the question names; none if there are more than two.

        Of two places of one word on Spider's training databases, the one whose table is named is meant in 2 of 3
        cases, any other in 1 of 4.
        """
        rated: dict[tuple[str, str], tuple[int, Place]] = {}
        for place in places:
            rate = 4 * self._names_all(place.table) + 2 * self._names_all(place.column)
            before = rated.get((place.table, place.column))
            if before is None or before[0] < rate:
                rated[place.table, place.column] = rate, place
        best = max(rate for rate, _ in rated.values())
        likely = tuple(place for rate, place in rated.values() if rate == best)
        return likely if len(likely) <= _MOST_PLACES else ()

    def _names_all(self, name: str) -> bool:
        return set(words_of(name)) <= self._folded

    def _span(self, first: int, last: int, *, quoted: bool = False) -> _Span:
        text = self._text[self._words[first].start() : self._words[last].end()]
        opens = self._opens(first)
        named = [
            number
            for number in range(first, last + 1)
            if not (opens and number == first) and not self.is_common(number)
        ]
        return _Span(
            first,
            last,
            text,
            value_key(text),
            quoted,
            capital=bool(named) and all(map(self._is_capital, named)),
            opens=opens,
            follows_preposition=first > 0 and self._words[first - 1].group().casefold() in _BEFORE_NAMES,
        )

    def _is_capital(self, number: int) -> bool:
        return self._words[number].group()[0].isupper()

    def _opens(self, number: int) -> bool:
        before = self._text[: self._words[number].start()].rstrip(" \"'(")
        return not before or before[-1] in ".?!:;\n"


def _quoted(span: _Span, _question: _Question, index: ValueIndex) -> tuple[Place, ...]:
    return index.places(span.key)


def _written(span: _Span, question: _Question, index: ValueIndex) -> tuple[Place, ...]:
    """Give the places of words that are written as in the cell, or nearly so in a column of few texts."""
    if (
        span.is_number
        or question.is_common(span.first)
        and question.is_common(span.last)
        or question.names_schema(span)
    ):
        return ()
    edges_common = question.is_common(span.first) or question.is_common(span.last)
    return tuple(
        place
        for place in index.places(span.key)
        if (place.text.strip() == span.text if edges_common else _is_meant(place, span, question))
    )


def _is_meant(place: Place, span: _Span, question: _Question) -> bool:
    text = place.text.strip()
    if len(span.text) <= 2:
        return text == span.text and text.isupper() and not span.opens
    if span.capital:
        return True
    if len(text) <= _CODE and text.isupper() and not span.text.isupper():
        return False
    if text == span.text:
        return place.distinct <= _LARGE_SET or span.first != span.last
    if place.distinct <= _SMALL_SET:
        return True
    # Somebody who types no capitals at all means names all the same.
    return not question.has_capitals and span.follows_preposition and len(span.text) > _CODE


def _abbreviated(span: _Span, question: _Question, index: ValueIndex) -> tuple[Place, ...]:
    """Give the places of a name whose short form the words are, or the other way round."""
    if question.is_common(span.first) or question.is_common(span.last) or question.names_schema(span):
        return ()
    return abbreviated_places(span.text, index)


def _misspelt(span: _Span, question: _Question, index: ValueIndex) -> tuple[Place, ...]:
    """Give the places of words that are one typing error away (two if long), the first letter being right."""
    typed_low = not question.has_capitals and span.follows_preposition and span.first == span.last
    if not (span.capital or typed_low) or span.opens or span.is_number or question.names_schema(span):
        return ()
    if question.is_common(span.first) or question.is_common(span.last):
        return ()
    forgiven = 2 if len(span.key) >= 12 else 1
    near = [
        (OSA.distance(span.key, value_key(place.text)), place)
        for _, place in index.near(span.key, least=70.0)
        if value_key(place.text)[0] == span.key[0]
    ]
    least = min((distance for distance, _ in near), default=forgiven + 1)
    return tuple(place for distance, place in near if distance == least <= forgiven)
