"""Finds the cell values that a question names, precision before recall: a wrong hint misleads a small model.

Thresholds were set on the questions of Spider's training databases; `benchmarks/values.py` measures on others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from agentsql.db.value_aliases import abbreviated_places
from agentsql.db.value_index import TWO_ERRORS, Place, ValueIndex
from agentsql.db.words import COMMON, WORD, WordIndex, value_key, words_of

_LONGEST_SPAN = 8
"""Words; what stands in quotation marks may be twice as long."""
_LONGEST_MISSPELT = 4
"""Words of a name that is sought with a typing error."""
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
_TYPED_LOW = 7
"""Letters from which a word that has no capital may be a misspelt name."""
_MARKS = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}
_QUOTED = re.compile(
    r"(?<!\w)(?:" + "|".join(f"{start}([^{start}{end}]+){end}" for start, end in _MARKS.items()) + r")(?!\w)"
)
_ALL_COMMON = COMMON | frozenset(
    "more most less least than then total two three four five six seven eight nine ten one first second third last top "
    "per but if so well only also both either neither other others same such between over under up down out about "
    "above below before after during while since until into onto has had having been being its did per order sort "
    "sorted average sum ratio percentage minimum maximum different distinct high highest low lowest new old big small "
    "long short good year month day date time people person".split()
)
_BEFORE_NAMES = frozenset("in from at near by named called is are to and or".split())
"""Words that come before names in a question typed without capitals."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    key: str
    start: int
    end: int
    opens: bool
    """It is the first of a sentence."""
    common: bool


@dataclass(frozen=True, slots=True)
class _Span:
    """Some words of the text that stand together."""

    words: range
    text: str
    key: str
    capital: bool
    """Its words are written with a capital, the common ones aside, and not only because a sentence starts there."""
    opens: bool
    edges_common: bool
    """Its first or last word is among the commonest."""
    after_preposition: bool

    @property
    def is_number(self) -> bool:
        return not any(map(str.isalpha, self.key))


def find_values(text: str, index: ValueIndex, words: WordIndex) -> tuple[tuple[str, str, str], ...]:
    """Give (table, column, cell text) for the values that `text` names, most certain first, 16 at most.

    A value that stands in several columns is given for those whose table or name the text names too, and not at all
    where that leaves more than two. Takes a few milliseconds.

    Args:
        words: the names of the same schema; a word that is one of them is no value, unless quoted.
    """
    question = _Question(text, words)
    taken: set[int] = set()
    found: list[tuple[int, int, tuple[Place, ...]]] = []
    for rank, (spans, look_up) in enumerate(
        (
            (question.quoted(), _quoted),
            (question.unquoted(), _written),
            (question.unquoted(), _abbreviated),
            (question.unquoted(_LONGEST_MISSPELT), _misspelt),
        )
    ):
        if look_up is _written:
            taken.update(question.in_long_names())
        for span in spans:
            if taken.isdisjoint(span.words) and (places := look_up(span, question, index)):
                taken.update(span.words)
                found.append((2 * rank + (not span.capital), span.words.start, question.most_likely(places)))
    named = [places for _, _, places in sorted(found, key=lambda one: one[:2]) if places]
    return tuple(
        dict.fromkeys((place.table, place.column, place.text) for places in named[:_MOST_VALUES] for place in places)
    )


class _Question:
    """The words of a text, and which of them name parts of the schema."""

    def __init__(self, text: str, names: WordIndex) -> None:
        self._text = unicodedata.normalize("NFC", text)
        self._names = names
        self._words = [self._word(match) for match in WORD.finditer(self._text)]
        self._folded = set(words_of(self._text))
        self.has_capitals = any(word.text[0].isupper() and not word.opens for word in self._words)
        self._spans: list[_Span] = []

    def quoted(self) -> Iterator[_Span]:
        """Give what stands in quotation marks."""
        for match in _QUOTED.finditer(self._text):
            inside = [n for n, word in enumerate(self._words) if match.start() < word.start and word.end < match.end()]
            if inside and len(inside) <= 2 * _LONGEST_SPAN:
                yield self._span(range(inside[0], inside[-1] + 1))

    def unquoted(self, longest: int = _LONGEST_SPAN) -> Iterator[_Span]:
        """Give all runs of up to `longest` words, the longest first."""
        if not self._spans:
            total = len(self._words)
            self._spans = [
                self._span(range(first, first + size))
                for size in range(min(_LONGEST_SPAN, total), 0, -1)
                for first in range(total - size + 1)
            ]
        return (span for span in self._spans if len(span.words) <= longest)

    def in_long_names(self) -> set[int]:
        """Give the numbers of the words that are together the name of a table or column."""
        return {
            number
            for span in self.unquoted()
            if len(span.words) > 1 and self._names.is_name(tuple(span.key.split()))
            for number in span.words
        }

    def names_schema(self, span: _Span) -> bool:
        """True if the words are the name of a table or column, or, unless they are written as a name, part of one."""
        words = tuple(span.key.split())
        return self._names.is_name(words) if span.capital else self._names.is_in_name(words)

    def most_likely(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Give the places whose table, then whose column the question names; none if there are more than two.

        Of the places of one word on Spider's training databases, those whose table is named are meant in 2 of 3 cases,
        the others in 1 of 4.
        """
        rated: dict[tuple[str, str], tuple[int, Place]] = {}
        for place in places:
            rate = 2 * self._names_all(place.table) + self._names_all(place.column)
            rated.setdefault((place.table, place.column), (rate, place))
        best = max(rate for rate, _ in rated.values())
        likely = tuple(place for rate, place in rated.values() if rate == best)
        return likely if len(likely) <= _MOST_PLACES else ()

    def speaks_of(self, name: str) -> bool:
        """True if it has a word of that name."""
        return not _name_words(name).isdisjoint(self._folded)

    def _names_all(self, name: str) -> bool:
        return _name_words(name) <= self._folded

    def _word(self, match: re.Match[str]) -> _Word:
        text, key = match.group(), value_key(match.group())
        before = self._text[: match.start()].rstrip(" \"'(")
        opens = not before or before[-1] in ".?!:;\n"
        is_letter = len(text) == 1 and text.isupper() and text != "I" and not opens
        common = not is_letter and not {text.casefold(), key}.isdisjoint(_ALL_COMMON)
        return _Word(text, key, match.start(), match.end(), opens, common)

    def _span(self, numbers: range) -> _Span:
        words = [self._words[number] for number in numbers]
        first, last = words[0], words[-1]
        telling = [word for word in words if not word.common and (not word.opens or word.text.isupper())]
        return _Span(
            words=numbers,
            text=self._text[first.start : last.end],
            key=" ".join([word.key for word in words]),
            capital=bool(telling) and all(word.text[0].isupper() for word in telling),
            opens=first.opens,
            edges_common=first.common or last.common,
            after_preposition=numbers.start > 0 and self._words[numbers.start - 1].text.casefold() in _BEFORE_NAMES,
        )


@lru_cache(maxsize=4096)
def _name_words(name: str) -> frozenset[str]:
    return frozenset(words_of(name))


def _quoted(span: _Span, _question: _Question, index: ValueIndex) -> tuple[Place, ...]:
    places = index.places(span.key)
    return tuple(place for place in places if len(span.text) > 2 or _is_same(place, span))


def _written(span: _Span, question: _Question, index: ValueIndex) -> tuple[Place, ...]:
    """Give the places of words that are written as in the cell, or nearly so in a column of few texts."""
    if span.is_number or question.names_schema(span) or (span.edges_common and len(span.words) == 1):
        return ()
    return tuple(
        place
        for place in index.places(span.key)
        if (_is_same(place, span) if span.edges_common else _is_meant(place, span, question))
    )


def _is_same(place: Place, span: _Span) -> bool:
    """True if letters and their case are the same; punctuation at the ends of a span is not known."""
    return WORD.findall(place.text) == WORD.findall(span.text)


def _is_meant(place: Place, span: _Span, question: _Question) -> bool:
    text = place.text.strip()
    if len(span.text) <= 2:
        is_written_so = text == span.text and text.isupper() and not span.opens
        return is_written_so and (len(text) == 2 or question.speaks_of(place.column))
    if span.capital:
        return True
    if len(text) <= _CODE and text.isupper() and not span.text.isupper():
        return False
    if _is_same(place, span):
        return place.distinct <= _LARGE_SET or len(span.words) > 1
    if place.distinct <= _SMALL_SET:
        return True
    # Somebody who types no capitals at all means names all the same.
    return not question.has_capitals and span.after_preposition and len(span.text) > _CODE


def _abbreviated(span: _Span, question: _Question, index: ValueIndex) -> tuple[Place, ...]:
    """Give the places of a name whose short form the words are, or the other way round."""
    if span.is_number or span.edges_common or question.names_schema(span):
        return ()
    return abbreviated_places(span.text, index)


def _misspelt(span: _Span, question: _Question, index: ValueIndex) -> tuple[Place, ...]:
    """Give the places of words that are one typing error away (two if long), the first letter being right."""
    low = not question.has_capitals and span.after_preposition and len(span.words) == 1 and len(span.key) >= _TYPED_LOW
    if span.opens or span.is_number or span.edges_common or not (span.capital or low) or question.names_schema(span):
        return ()
    near = [
        (OSA.distance(span.key, value_key(place.text)), place)
        for _, place in index.near(span.key, least=_ALIKE)
        if value_key(place.text)[0] == span.key[0]
    ]
    least = min((distance for distance, _ in near), default=0)
    return tuple(place for distance, place in near if distance == least <= (2 if len(span.key) >= TWO_ERRORS else 1))


_ALIKE = 70.0
"""Of rapidfuzz's ratio; a word of five letters with one wrong has 80."""
