"""SQL as Spider's scripts read it: a small grammar whose columns are resolved against a schema.

The grammar is that of the benchmark and no more: tables are given an alias with AS and joined with JOIN … ON, a
condition compares an expression of one or two columns with a value, operators stand between spaces. What it does not
have (LEFT JOIN, CASE, `x IS NULL`, a list after IN, CTEs) is no SQL to Spider; a prediction that uses it is wrong by
exact match however right its rows are.

Source: taoyds/test-suite-sql-eval, process_sql.py, and the word tokens of nltk 3 that it cuts the text by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from agentsql.db.schema import Schema
from agentsql.evaluation.spider_query import Condition, Expression, OutsideGrammarError, Query, Term, Value
from agentsql.evaluation.spider_tokens import spider_tokens

_Item = TypeVar("_Item")

_CLAUSES = frozenset({"select", "from", "where", "group", "order", "limit", "intersect", "union", "except"})
_JOINING = frozenset({"join", "on", "as"})
_COMPARISONS = frozenset({"not", "between", "=", ">", "<", ">=", "<=", "!=", "in", "like", "is", "exists"})
_ARITHMETIC = frozenset({"-", "+", "*", "/"})
_AGGREGATES = frozenset({"max", "min", "count", "sum", "avg"})
_SET_OPERATIONS = frozenset({"intersect", "union", "except"})
_ENDS = _CLAUSES | {")", ";"}


def parse_spider_sql(sql: str, schema: Schema | None) -> Query:
    """Read a query; what follows its end is passed over, as the source does.

    Args:
        schema: resolves the columns. Without one every word counts as a name, and columns are as they are written.

    Raises:
        OutsideGrammarError: it cannot be read.
    """
    tokens = spider_tokens(sql)
    aliases = {}
    for place, token in enumerate(tokens):
        if token == "as":
            if place + 1 == len(tokens):
                raise OutsideGrammarError("AS without a name behind it")
            aliases[tokens[place + 1]] = tokens[place - 1]
    tables = None if schema is None else _tables(schema)
    if shared := aliases.keys() & (tables or {}).keys():
        raise OutsideGrammarError(f"the alias {min(shared)!r} is the name of a table")
    try:
        return _Parser(tokens, aliases, tables).query()
    except RecursionError:
        raise OutsideGrammarError("nested too deeply") from None


@lru_cache(maxsize=64)
def _tables(schema: Schema) -> Mapping[str, frozenset[str]]:
    return {table.name.lower(): frozenset(one.name.lower() for one in table.columns) for table in schema}


class _Parser:
    def __init__(
        self, tokens: Sequence[str], aliases: Mapping[str, str], tables: Mapping[str, frozenset[str]] | None
    ) -> None:
        self._tokens = tokens
        self._aliases = aliases
        self._tables = tables
        self._at = 0

    def query(self) -> Query:
        enclosed = self._skip("(")
        start = self._at
        try:
            self._at = self._tokens.index("from", start) + 1
        except ValueError:
            raise OutsideGrammarError("no FROM") from None
        tables, joined_on = self._sources()
        names = [name for name in tables if isinstance(name, str)]
        behind, self._at = self._at, start
        distinct, select = self._select(names)
        self._at = behind
        where = self._conditions(names) if self._skip("where") else ()
        group = self._listed(lambda: self._term(names)) if self._skip_by("group") else ()
        having = self._conditions(names) if self._skip("having") else ()
        order = self._order(names) if self._skip_by("order") else None
        limited = self._skip("limit")
        if limited:
            self._next()
        self._semicolons()
        if enclosed:
            self._expect(")")
        self._semicolons()
        operation = self._peek() if self._peek() in _SET_OPERATIONS else ""
        self._at += bool(operation)
        other = self.query() if operation else None
        return Query(distinct, select, tables, joined_on, where, group, having, order, limited, operation, other)

    def _sources(self) -> tuple[tuple[str | Query, ...], tuple[Condition | str, ...]]:
        tables: list[str | Query] = []
        conditions: list[Condition | str] = []
        while self._peek():
            enclosed = self._skip("(")
            if self._peek() == "select":
                tables.append(self.query())
            else:
                self._skip("join")
                tables.append(self._table())
            if self._skip("on"):
                if conditions:
                    conditions.append("and")
                conditions += self._conditions([name for name in tables if isinstance(name, str)])
            if enclosed:
                self._expect(")")
            if self._peek() in _ENDS:
                break
        return tuple(tables), tuple(conditions)

    def _table(self) -> str:
        word = self._next()
        name = self._table_named(word)
        if self._skip("as"):
            self._next()
        return name

    def _table_named(self, word: str) -> str:
        name = self._aliases.get(word, word)
        if self._tables is None and _is_word(name) and word not in _CLAUSES | _JOINING:
            return name
        if self._tables is None or name not in self._tables:
            raise OutsideGrammarError(f"no table {word!r}")
        return name

    def _select(self, names: Sequence[str]) -> tuple[bool, tuple[tuple[str, Expression], ...]]:
        if not self._skip("select"):
            raise OutsideGrammarError("no SELECT")
        distinct = self._skip("distinct")
        items = []
        while self._peek() and self._peek() not in _CLAUSES:
            aggregate = self._next() if self._peek() in _AGGREGATES else ""
            items.append((aggregate, self._expression(names)))
            self._skip(",")
        return distinct, tuple(items)

    def _conditions(self, names: Sequence[str]) -> tuple[Condition | str, ...]:
        found: list[Condition | str] = []
        while self._peek():
            left = self._expression(names)
            negated = self._skip("not")
            operator = self._next()
            if operator not in _COMPARISONS:
                raise OutsideGrammarError(f"{operator!r} is no comparison")
            value, upper = self._value(names), None
            if operator == "between":
                self._expect("and")
                upper = self._value(names)
            found.append(Condition(negated, operator, left, value, upper))
            if self._peek() in _ENDS | _JOINING:
                break
            if self._peek() in ("and", "or"):
                found.append(self._next())
            elif self._peek():
                raise OutsideGrammarError(f"{self._peek()!r} after a condition")
        return tuple(found)

    def _value(self, names: Sequence[str]) -> Value:
        start = self._at
        enclosed = self._skip("(")
        word = self._peek()
        value: Value
        if word == "select":
            value = self.query()
        elif '"' in word:
            value = self._next()
        elif _is_number(word):
            value = float(self._next())
        else:
            # The source takes all up to the next of these for one column, OR and HAVING with it, and reads its start.
            while self._peek() and self._peek() not in _CLAUSES | _JOINING | {",", ")", "and"}:
                self._at += 1
            value = _Parser(self._tokens[start : self._at], self._aliases, self._tables)._term(names)
        if enclosed:
            self._expect(")")
        return value

    def _order(self, names: Sequence[str]) -> tuple[str, tuple[Expression, ...]]:
        direction = "asc"

        def item() -> Expression:
            nonlocal direction
            found = self._expression(names)
            if self._peek() in ("asc", "desc"):
                direction = self._next()
            return found

        items = self._listed(item)
        return direction, items

    def _listed(self, item: Callable[[], _Item]) -> tuple[_Item, ...]:
        found = []
        while self._peek() and self._peek() not in _ENDS:
            found.append(item())
            if not self._skip(","):
                break
        return tuple(found)

    def _expression(self, names: Sequence[str]) -> Expression:
        enclosed = self._skip("(")
        left = self._term(names)
        operator, right = "", None
        if self._peek() in _ARITHMETIC:
            operator = self._next()
            right = self._term(names)
        if enclosed:
            self._expect(")")
        return Expression(operator, left, right)

    def _term(self, names: Sequence[str]) -> Term:
        enclosed = self._skip("(")
        if self._peek() in _AGGREGATES:
            aggregate = self._next()
            self._expect("(")
            distinct = self._skip("distinct")
            column = self._column(names)
            self._expect(")")  # the source leaves a bracket around the aggregate open
            return Term(aggregate, column, distinct)
        distinct = self._skip("distinct")
        column = self._column(names)
        if enclosed:
            self._expect(")")
        return Term("", column, distinct)

    def _column(self, names: Sequence[str]) -> str:
        word = self._next()
        if word == "*":
            return word
        if self._tables is None:
            if not _is_word(word) or word in _CLAUSES | _JOINING:
                raise OutsideGrammarError(f"no column {word!r}")
            return word
        if "." in word:
            qualifier, _, name = word.partition(".")
            table = self._aliases.get(qualifier, qualifier)
            if name in self._tables.get(table, ()):
                return f"{table}.{name}"
        else:
            for table in names:
                if word in self._tables[table]:
                    return f"{table}.{word}"
        raise OutsideGrammarError(f"no column {word!r}")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise OutsideGrammarError("the text ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _skip(self, word: str) -> bool:
        found = self._peek() == word
        self._at += found
        return found

    def _skip_by(self, word: str) -> bool:
        found = self._skip(word)
        if found:
            self._expect("by")
        return found

    def _expect(self, word: str) -> None:
        if self._next() != word:
            raise OutsideGrammarError(f"{self._tokens[self._at - 1]!r} where {word!r} should be")

    def _semicolons(self) -> None:
        while self._skip(";"):
            pass


def _is_word(token: str) -> bool:
    return re.fullmatch(r"[\w.]+", token) is not None


def _is_number(token: str) -> bool:
    try:
        float(token)
    except ValueError:
        return False
    return True
