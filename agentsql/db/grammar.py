"""A grammar of read-only SQL over the names of one schema, for servers that bind a model's text to one.

The text is GBNF in the part of it that llama.cpp, xgrammar and llguidance read alike: no `.`, no left recursion, no
escapes in classes. Every nesting and every repetition but that of the letters of a word in a text has a bound: a model
that goes round in circles is led out of them.

It guarantees names, not sense. Being context-free it knows which columns `singer.` has, but not what `T1.` stands for,
nor which tables the FROM will name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from agentsql.db.functions import usual_functions
from agentsql.db.grammar_names import any_case, name_rules, one_of
from agentsql.db.grammar_rules import EXPRESSIONS, LAST_EXPRESSIONS, LAST_QUERIES, ONCE, QUERIES, READ, filled
from agentsql.db.schema import Schema

_DEPTH = 4
"""Parentheses, calls, CASEs and subqueries that may be open at once."""
_MOST_TIED = 8
"""Tables up to which a query that reads only one is held to the columns of that one: each has rules of its own."""
_TIED_DEPTH = 2
_POSTGRES_LIKE = ("postgres", "redshift", "duckdb", "snowflake")
_EXTRACT = "EXTRACT ws? open date-part ws FROM ws value"

_MEASURES = (
    "avg average cnt count difference highest largest least longest lowest max maximum mean min minimum most n num "
    "number oldest percent percentage rank ratio shortest smallest sum top total youngest"
)
_CHARACTER = "[!-&(-~\u00a1-\ufffd\U00010000-\U0010fffd]"
"""All that can be seen, except the quote that ends a text."""
_CTE_WORDS = "averages counts cte filtered ranked result results temp tmp totals"
_TYPES = {
    "": "bigint char date datetime decimal double float int integer numeric real signed text timestamp varchar",
    "sqlite": "float int integer numeric real text",
}


@lru_cache(maxsize=64)
def sql_grammar(schema: Schema, tables: tuple[str, ...], dialect: str) -> str:
    """Give the GBNF of the queries that read these tables, names in any case, with a fence round them or without.

    Beyond the schema's names it allows table aliases (`T1`, the initials and beginnings of table names), names for
    results that look like a measure (`total_sales`, `AvgAge`), and the functions of `usual_functions`.

    Args:
        tables: their names, in any order; empty takes all of the schema. Unknown names are ignored, but one at least
            must be known.
    """
    chosen = [table for table in schema if table.columns and (not tables or table.name in tables)]
    lines = [*filled(ONCE, **_words(dialect)), *_scalar_names(dialect), *name_rules(chosen, dialect)]
    for depth in range(_DEPTH + 1):
        lines += _queries(depth, len(chosen))
        for family in _families(len(chosen)):
            if depth <= family.deepest:
                lines += _expressions(family, depth, dialect)
    return "\n".join([*_reached(_with_keywords(lines)), ""])


@dataclass(frozen=True, slots=True)
class _Family:
    """Rules of expressions in which a column may be the same."""

    name: str
    column: str
    """The rule of what it may be."""
    named: str = "-named"
    """The family of GROUP BY, HAVING and ORDER BY."""
    query: str = "query"
    deepest: int = _DEPTH
    deeper: str = ""
    """The family that takes its place below `deepest`."""


_FAMILIES = (
    _Family("", "column"),
    _Family("-named", "named-column", deeper="-named"),
    _Family("-early", "early-column"),
    _Family("-outer", "qualified-column", named="-outer"),
    _Family("-with", "named-column", named="-with", query="with-query"),
)


def _families(tables: int) -> Iterator[_Family]:
    yield from _FAMILIES
    for n in range(tables if tables <= _MOST_TIED else 0):
        by = f"-by-{n}"
        yield _Family(f"-in-{n}", f"column-in-{n}", named=by, deepest=_TIED_DEPTH)
        yield _Family(by, f"column-by-{n}", named=by, deepest=_TIED_DEPTH, deeper="-named")


def _queries(depth: int, tables: int) -> Iterator[str]:
    """Give the rules of queries at a depth; those on one table come first, and what is left has a join."""
    at = {"d": str(depth), "e": str(depth + 1)}
    if depth == _DEPTH:
        yield from filled(LAST_QUERIES, **at)
        return
    tied = range(tables if tables <= _MOST_TIED and depth <= _TIED_DEPTH else 0)
    for n in tied:
        yield from filled(READ, n=str(n), **at)
    yield from filled(
        QUERIES,
        ordered_reads=" ".join(f"read-in-{n}-{depth} ( ws order-by-{n}-{depth} | more-{depth} )? |" for n in tied),
        reads=" ".join(f"read-in-{n}-{depth} |" for n in tied),
        outer=f"outer-{depth} | " if tied and depth else "",  # there is no query around the outermost one
        joins="{1,5}" if tied else "{0,5}",
        **at,
    )


def _expressions(family: _Family, depth: int, dialect: str) -> Iterator[str]:
    below = family.name if depth < family.deepest else family.deeper
    yield from filled(
        LAST_EXPRESSIONS if depth == _DEPTH else EXPRESSIONS,
        x=family.name,
        y=below,
        named=family.named,
        column=family.column,
        query=family.query,
        cast=" cast?" if dialect in _POSTGRES_LIKE else "",
        scalars=_calls(dialect, f"argument{below}-{depth + 1}"),
        extract="" if dialect == "sqlite" else f"| {_EXTRACT}{below}-{depth + 1} close",
        d=str(depth),
        e=str(depth + 1),
    )


def _words(dialect: str) -> dict[str, str]:
    """Give the parts of the rules that are lists of words, and those that differ between dialects."""
    functions = usual_functions(dialect)
    words = {
        "aggregates": functions.aggregates,
        "rankings": functions.rankings,
        "types": _TYPES.get(dialect, _TYPES[""]).split(),
        "measures": _MEASURES.split(),
        "cte_words": _CTE_WORDS.split(),
    }
    return {
        **{name: one_of(map(any_case, listed)) for name, listed in words.items()},
        "character": _CHARACTER,
        "like": "LIKE | GLOB" if dialect == "sqlite" else "LIKE | ILIKE" if dialect in _POSTGRES_LIKE else "LIKE",
        "operators": "[+*/%-]" if dialect in ("mysql", "tsql") else '[+*/%-] | "||"',
        "literals": "" if dialect == "sqlite" else "| ( DATE | TIMESTAMP | INTERVAL ) ws text",
        "limit": "OFFSET ws count ws ROWS ws FETCH ws NEXT ws count ws ROWS ws ONLY"
        if dialect in ("tsql", "oracle")
        else "LIMIT ws count ( ws OFFSET ws count )?",
    }


def _scalar_names(dialect: str) -> Iterator[str]:
    for (least, most), names in sorted(usual_functions(dialect).scalars.items()):
        yield f"scalar-{least}-{most} ::= {one_of(map(any_case, names))}"


def _calls(dialect: str, argument: str) -> str:
    """Give the calls of functions, each with as many values as it takes."""
    calls = []
    for least, most in sorted(usual_functions(dialect).scalars):
        more = f" ( comma {argument} ){{{least - 1},{most - 1}}}" if most > 1 else ""
        values = f"ws? {argument}{more} " if most else ""
        calls.append(f'scalar-{least}-{most} ws? "(" {values}close')
    return " | ".join(calls)


def _reached(lines: Iterable[str]) -> list[str]:
    """Leave out the rules that nothing leads to: the text goes to the server with every request."""
    bodies = dict(line.split(" ::= ", 1) for line in lines)
    named = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|([a-z][\w-]*)')
    reached: dict[str, str] = {}
    found = ["root"]
    while found:
        name = found.pop()
        if name not in reached:
            reached[name] = bodies[name]
            found += [match.group(1) for match in named.finditer(bodies[name]) if match.group(1)]
    return [f"{name} ::= {body}" for name, body in reached.items()]


_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|(?<![\w-])[A-Z][A-Z-]+(?![\w-])')


def _with_keywords(lines: Iterable[str]) -> Iterator[str]:
    """Turn the words in capitals into rules, which come last; literals and classes stay as they are."""
    keywords: set[str] = set()

    def named(match: re.Match[str]) -> str:
        word = match.group()
        if not word[0].isalpha():
            return word
        keywords.add(word)
        return f"k-{word.lower()}"

    for line in lines:
        yield _WORD.sub(named, line)
    for word in sorted(keywords):
        yield f"k-{word.lower()} ::= {' '.join(any_case(word.replace('-', '_')))}"
