"""What is compared of questions and of SQL once the names and values of one database are taken out.

Questions about different databases are alike when they ask for the same thing, not when they name the same thing; so
the words of the schema are masked before a question is embedded, and examples are ranked again by the skeleton of the
SQL that a first try gave. Source: Gao et al., "Text-to-SQL Empowered by Large Language Models: A Benchmark Evaluation"
(DAIL-SQL), arXiv 2308.15363, section 3.2, "DAIL Selection".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

Words = Callable[[str], tuple[str, ...]]
"""Splits a name or text into folded words; passed in, so that schema linking and masking split alike."""

NAME = "<mask>"
VALUE = "<unk>"

_STRAIGHT = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
_QUOTED = re.compile(r"\"[^\"]+\"|(?<!\w)(['`])[^'`]+\1(?!\w)")
_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_][\w]*|\w+")


def mask_question(question: str, names: Iterable[str], values: Iterable[str], words_of: Words) -> str:
    """Give the question with quoted texts, numbers and `values` as one sign, and `names` as another.

    A name is found by its words, whatever their case, number or joining signs; longer ones come first.
    """
    question = question.translate(_STRAIGHT)
    tokens = _tokens(question)
    keys = [tuple(words_of(text)) for text, _, _ in tokens]
    masks: dict[int, str] = {
        place: VALUE for place, (text, _, _) in enumerate(tokens) if text[0] in "\"'`" or text[0].isdigit()
    }
    for wanted, sign in ((values, VALUE), (names, NAME)):
        for words in sorted({words_of(one) for one in wanted}, key=lambda one: (-len(one), one)):
            _mark(keys, words, masks, sign)
    return _written(question, tokens, masks)


def names_of_sql(sql: str, dialect: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the names of tables and columns in a query, and its literals; none of either if it does not parse."""
    query = _parsed(sql, dialect)
    if query is None:
        return (), ()
    names = [node.name for node in query.find_all(exp.Table, exp.Column)]
    values = [node.name.strip("% ") for node in query.find_all(exp.Literal)]
    return tuple(dict.fromkeys(filter(None, names))), tuple(dict.fromkeys(filter(None, values)))


@lru_cache(maxsize=4096)
def skeleton(sql: str, dialect: str) -> tuple[str, ...]:
    """Give the query's words and signs with each name, alias and literal as `_`; empty if it does not parse.

    >>> " ".join(skeleton("SELECT T1.name FROM singer AS T1 WHERE age > 20", "sqlite"))
    'select _ from _ where _ > _'
    """
    query = _parsed(sql, dialect)
    if query is None:
        return ()
    text = query.transform(_bare).sql(dialect=dialect, normalize_functions="lower").lower()
    return tuple(re.findall(r"\w+|[^\w\s]+?", text))


def skeleton_similarity(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Give the share of words and signs that two skeletons have in common, 0 to 1; repeats count."""
    first, second = Counter(one), Counter(other)
    either = (first | second).total()
    return (first & second).total() / either if either else 0.0


def _bare(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Alias):
        named: exp.Expr = node.this
        return named.transform(_bare)
    if isinstance(node, exp.Table) or (isinstance(node, exp.Column) and not isinstance(node.this, exp.Star)):
        return exp.to_identifier("_")
    return exp.to_identifier("_") if isinstance(node, exp.Literal) else node


def _parsed(sql: str, dialect: str) -> exp.Expr | None:
    try:
        return sqlglot.parse_one(sql, read=dialect or None)
    except SqlglotError:
        return None


def _tokens(question: str) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    end = 0
    for quoted in [*_QUOTED.finditer(question), None]:
        start = quoted.start() if quoted else len(question)
        found += [(one[0], one.start(), one.end()) for one in _TOKEN.finditer(question, end, start)]
        if quoted:
            found.append((quoted[0], quoted.start(), quoted.end()))
            end = quoted.end()
    return found


def _mark(keys: list[tuple[str, ...]], words: tuple[str, ...], masks: dict[int, str], sign: str) -> None:
    """Mask each run of tokens whose words are `words`, unless part of it is masked already."""
    for start in range(len(keys)):
        end, left = start, words
        while left and end < len(keys) and keys[end] and left[: len(keys[end])] == keys[end]:
            left = left[len(keys[end]) :]
            end += 1
        if words and not left and not any(place in masks for place in range(start, end)):
            masks.update(dict.fromkeys(range(start, end), sign))


def _written(question: str, tokens: list[tuple[str, int, int]], masks: dict[int, str]) -> str:
    parts: list[str] = []
    end = 0
    for place, (text, start, stop) in enumerate(tokens):
        between = question[end:start]
        if masks.get(place) and masks.get(place - 1) == masks[place] and not between.strip():
            end = stop  # a name of several words is one sign
            continue
        parts += [between, masks.get(place, text)]
        end = stop
    return " ".join("".join([*parts, question[end:]]).split())
