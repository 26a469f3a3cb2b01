"""Queries drawn at random from a small grammar over the shop of `test_policy_properties.py`, most of them valid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from hypothesis import strategies as st

Kind = Literal["int", "text"]
Columns = tuple[tuple[str, Kind], ...]
Found = TypeVar("Found")

TABLES: dict[str, Columns] = {
    "customers": (("id", "int"), ("name", "text"), ("region", "text"), ("card", "text")),
    "orders": (("id", "int"), ("customer_id", "int"), ("total", "int"), ("day", "text")),
    "order lines": (("id", "int"), ("order", "int"), ("what is it", "text")),
    "per_customer": (("customer", "text"), ("total", "int")),
    "lately": (("id", "int"), ("day", "text")),
    "named": (("id", "int"), ("name", "text"), ("card", "text")),
    "parts": (("id", "int"), ("what is it", "text"), ("name", "text")),
}
"""Tables and views, with the columns that every principal here sees."""
HIDDEN: dict[str, Columns] = {
    "salaries": (("id", "int"), ("who", "text"), ("amount", "int")),
    "rich": (("who", "text"),),
    "customers": (*TABLES["customers"], ("email", "text")),
    "qqzqq": (("id", "int"),),
}
"""What some of them, or all, do not see."""
_TEXTS = ("'EU'", "'US'", "'ann'", "'Bob'", "'ANN'", "''", "'2024-01-02'", "'nail'", "'****2222'", "NULL")
_JOINS = (
    " JOIN {} ON {}",
    " LEFT JOIN {} ON {}",
    " INNER JOIN {} ON {}",
    ", {}",
    " CROSS JOIN {}",
    " JOIN {} USING (id)",
)
_JOINS += (" NATURAL JOIN {}", " LEFT JOIN {} USING (id)")
_RECURSIVE = (
    "(k0, k1) AS (SELECT 1, 'ann' UNION ALL SELECT k0 + 1, k1 || '*' FROM {0} WHERE k0 < 4)",
    "(k0, k1) AS (SELECT id, name FROM customers WHERE id = 1 UNION SELECT o.total, o.day FROM orders o"
    " JOIN {0} ON o.customer_id = {0}.k0)",
    "(k0, k1) AS (SELECT id, day FROM lately UNION SELECT c.id, c.name FROM named AS c, {0} WHERE c.id = {0}.k0 - 1)",
)
_NAMES = ("a", "b", "x", "customers", "orders", "t1", '"a b"', "total")
"""Aliases and names of CTEs, some of them those of tables."""


@dataclass(frozen=True)
class Source:
    """Something in a FROM: its alias as it is written, and its columns."""

    alias: str
    columns: Columns


@dataclass(frozen=True)
class Scope:
    """What the names of one SELECT may mean."""

    sources: tuple[Source, ...]
    outer: tuple[Source, ...]
    ctes: dict[str, Columns]
    depth: int
    """How much deeper queries may nest here."""

    @property
    def every(self) -> tuple[Source, ...]:
        return self.sources + self.outer


@dataclass(frozen=True)
class Query:
    """A query and the kinds of its columns."""

    sql: str
    columns: Columns


class Drawn:
    """Draws one query."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def query(self, depth: int = 3, ctes: dict[str, Columns] | None = None, outer: tuple[Source, ...] = ()) -> Query:
        ctes = dict(ctes or {})
        start = ""
        if depth > 1 and self._chance(8):
            name = self._one(("t1", "x", "orders_of"))
            start = f"WITH RECURSIVE {name}{self._one(_RECURSIVE).format(name)} "
            ctes[name] = (("k0", "int"), ("k1", "text"))
        elif depth > 1 and self._chance(4):
            names = []
            for name in dict.fromkeys((self._one(_NAMES), *((self._one(_NAMES),) if self._chance(3) else ()))):
                inner = self.query(depth - 1, ctes, outer)
                declared = tuple((f"k{number}", kind) for number, (_, kind) in enumerate(inner.columns))
                if not _are_unlike(inner.columns) or self._chance(3):
                    names.append(f"{name}({', '.join(column for column, _ in declared)}) AS ({inner.sql})")
                    ctes[name] = declared
                else:
                    names.append(f"{name} AS ({inner.sql})")
                    ctes[name] = inner.columns
            start = f"WITH {', '.join(names)} "
        found = self._select(depth, ctes, outer)
        sql = found.sql
        if depth > 1 and self._chance(5):
            other = self._select(depth - 1, ctes, outer, wanted=tuple(kind for _, kind in found.columns))
            sql += f" {self._one(('UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT'))} {other.sql}"
        if self._chance(5):
            places = ", ".join(str(number) for number in range(1, len(found.columns) + 1))
            sql += f" ORDER BY {places} LIMIT {self._one((0, 1, 2, 5))}"
        return Query(start + sql, found.columns)

    def _select(
        self, depth: int, ctes: dict[str, Columns], outer: tuple[Source, ...], wanted: tuple[Kind, ...] | None = None
    ) -> Query:
        origin, sources = self._from(depth, ctes, outer)
        scope = Scope(sources, outer, ctes, depth)
        where = f" WHERE {self._condition(scope)}" if self._chance(2) else ""
        if wanted is None and self._chance(4):
            return self._star(origin, sources, where)
        kinds = wanted or tuple(self._one(("int", "text")) for _ in range(self._one((1, 2, 3))))
        if self._chance(4):
            keys, parts = [], []
            for kind in kinds:
                parts.append(self._column(scope, kind, own=True) if kind == "text" else self._aggregate(scope))
                keys += parts[-1:] if kind == "text" else []
            tail = f" GROUP BY {', '.join(keys)}" if keys else ""
            tail += " HAVING COUNT(*) > 1" if keys and self._chance(3) else ""
        else:
            parts, tail = [self._expression(scope, kind) for kind in kinds], ""
        names = [f"c{number}" for number in range(len(kinds))]
        listed = ", ".join(f"{part} AS {name}" for part, name in zip(parts, names, strict=True))
        distinct = "DISTINCT " if self._chance(6) else ""
        return Query(f"SELECT {distinct}{listed} FROM {origin}{where}{tail}", tuple(zip(names, kinds, strict=True)))

    def _star(self, origin: str, sources: tuple[Source, ...], where: str) -> Query:
        if " USING " in origin or " NATURAL " in origin or self._chance(2):
            one = self._one(sources)
            return Query(f"SELECT {one.alias}.* FROM {origin}{where}", one.columns)
        return Query(f"SELECT * FROM {origin}{where}", tuple(column for one in sources for column in one.columns))

    def _from(self, depth: int, ctes: dict[str, Columns], outer: tuple[Source, ...]) -> tuple[str, tuple[Source, ...]]:
        text, sources = "", []
        for number in range(self._one((1, 1, 1, 2, 2, 3))):
            written, source = self._source(depth, ctes, outer, number, {one.alias.strip('"') for one in sources})
            if not sources:
                text, sources = written, [source]
                continue
            pair = Scope((source,), tuple(sources), {}, 0)
            before = Scope(tuple(sources), (), {}, 0)
            on = f"{self._column(pair, 'int', bare=False)} = {self._column(before, 'int', bare=False)}"
            text += self._one(_JOINS).format(written, on)
            sources.append(source)
        return text, tuple(sources)

    def _source(
        self, depth: int, ctes: dict[str, Columns], outer: tuple[Source, ...], number: int, taken: set[str]
    ) -> tuple[str, Source]:
        free = [name for name in _NAMES if name.strip('"') not in taken] or [f"s{number}"]
        if depth > 1 and self._chance(5):
            inner, alias = self.query(depth - 1, ctes, ()), self._one(free)
            columns = inner.columns if _are_unlike(inner.columns) else ()
            return f"({inner.sql}) {alias}", Source(alias, columns)
        if self._chance(12):
            alias = self._one(free)
            return f"(VALUES (1, 'ann'), (2, NULL)) {alias}", Source(alias, (("column1", "int"), ("column2", "text")))
        if ctes and self._chance(2):
            name = self._one(tuple(ctes))
            alias = self._one(free)
            return f"{name} AS {alias}", Source(alias, ctes[name])
        known = HIDDEN if self._chance(25) else TABLES
        name = self._one(tuple(known))
        written = self._written(name)
        if name not in taken and not any(one.alias.strip('"') == name for one in outer) and self._chance(3):
            return written, Source(f'"{name}"', known[name])
        alias = self._one(free)
        return f"{written} {self._one(('AS ', ''))}{alias}", Source(alias, known[name])

    def _written(self, name: str) -> str:
        """Write a table's name in one of the ways that SQLite reads."""
        ways = ['"{}"', "[{}]", "`{}`", 'main."{}"']
        if " " not in name:
            ways += ["{}", "{}", "{}", "main.{}"]
        written = self._one(tuple(ways)).format(name)
        return written.upper() if self._chance(6) else written

    def _expression(self, scope: Scope, kind: Kind) -> str:
        column = self._column(scope, kind)
        if kind == "int":
            forms = ("{0}", "{0}", "{0} + 1", "LENGTH({1})", "COALESCE({0}, 0)", "CASE WHEN {2} THEN {0} ELSE 3 END")
            forms += ("COUNT(*) OVER (PARTITION BY {1})", "SUM({0}) OVER ()", "{3}", "7")
        else:
            forms = ("{0}", "{0}", "{0} || '-'", "SUBSTR({0}, 1, 2)", "COALESCE({0}, 'nail')", "NULLIF({0}, 'EU')")
            forms += ("CASE WHEN {2} THEN {0} END", "CAST({1} AS TEXT)", "{3}", "'nail'")
        other: Kind = "text" if kind == "int" else "int"
        form = self._one(forms)
        condition = self._condition(replace(scope, depth=0)) if "{2}" in form else ""
        scalar = self._scalar(scope, kind) if "{3}" in form else ""
        return form.format(column, self._column(scope, other) if "{1}" in form else "", condition, scalar)

    def _scalar(self, scope: Scope, kind: Kind) -> str:
        if scope.depth < 2:
            return self._column(scope, kind)
        origin, sources = self._from(1, scope.ctes, scope.every)
        inner = Scope(sources, scope.every, scope.ctes, 1)
        where = f" WHERE {self._condition(inner)}" if self._chance(2) else ""
        return f"(SELECT {self._one(('MIN', 'MAX'))}({self._column(inner, kind, own=True)}) FROM {origin}{where})"

    def _aggregate(self, scope: Scope) -> str:
        form = self._one(
            ("COUNT(*)", "COUNT({})", "SUM({})", "MAX({})", "COUNT(DISTINCT {})", "SUM({}) FILTER (WHERE {})")
        )
        condition = self._condition(replace(scope, depth=0)) if "WHERE" in form else ""
        return form.format(self._column(scope, "int", own=True), condition)

    def _condition(self, scope: Scope) -> str:
        number, text = self._column(scope, "int"), self._column(scope, "text")
        forms = [
            f"{number} {self._one(('=', '<', '>=', '<>'))} {self._one((0, 1, 2, 3, 20))}",
            f"{text} {self._one(('=', '<>', '>', 'IS', 'IS NOT'))} {self._one(_TEXTS)}",
            f"{text} LIKE '{self._one(('%n%', 'a%', '*%', '%2%'))}'",
            f"{text} IN ('EU', 'nail', '2024-01-01')",
            f"{number} BETWEEN 1 AND {self._column(scope, 'int')}",
            f"{text} = {self._column(scope, 'text')}",
        ]
        if scope.depth > 1:
            inner = self._scalar_rows(scope)
            forms += [f"{number} {self._one(('IN', 'NOT IN'))} ({inner})", f"EXISTS ({inner})"]
        form = self._one(tuple(forms))
        return f"NOT ({form})" if self._chance(6) else form

    def _scalar_rows(self, scope: Scope) -> str:
        origin, sources = self._from(1, scope.ctes, scope.every)
        inner = Scope(sources, scope.every, scope.ctes, 1)
        return f"SELECT {self._column(inner, 'int', own=True)} FROM {origin} WHERE {self._condition(inner)}"

    def _column(self, scope: Scope, kind: Kind, *, own: bool = False, bare: bool = True) -> str:
        """Write a column of that kind, or a literal where there is none."""
        sources = scope.sources if own or not scope.outer or not self._chance(5) else scope.every
        fitting = tuple((one.alias, name) for one in sources for name, of in one.columns if of == kind)
        if not fitting:
            return "1" if kind == "int" else "'ann'"
        alias, name = self._one(fitting)
        written = f'"{name}"' if not name.isidentifier() or name == "order" or self._chance(4) else name
        is_bare = bare and len(sources) == 1 and sources is scope.sources and self._chance(3)
        return written if is_bare else f"{alias}.{written}"

    def _chance(self, one_in: int) -> bool:
        return self._draw(st.integers(0, one_in - 1)) == one_in - 1  # what is drawn least is the plainest

    def _one(self, among: Sequence[Found]) -> Found:
        return self._draw(st.sampled_from(among))


def _are_unlike(columns: Columns) -> bool:
    return len({name.casefold() for name, _ in columns}) == len(columns)
