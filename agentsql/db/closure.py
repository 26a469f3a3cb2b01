"""Adds the tables that others are joined over, so that a part of a schema stays joinable."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence, Set

from agentsql.db.schema import Table

_LONGEST = 4
"""Foreign keys between two tables; those further apart are not meant to be joined."""

Linked = Mapping[str, Set[str]]
"""Table → the tables one foreign key away, in either direction."""


def linked_tables(tables: Iterable[Table]) -> dict[str, set[str]]:
    """Give the graph of the foreign keys among these tables, without those of a table to itself."""
    linked: dict[str, set[str]] = {table.name: set() for table in tables}
    for table in tables:
        for key in table.foreign_keys:
            if key.to_table in linked and key.to_table != table.name:
                linked[table.name].add(key.to_table)
                linked[key.to_table].add(table.name)
    return linked


def join_closure(tables: Sequence[str], linked: Linked) -> tuple[str, ...]:
    """Give `tables` with those they are joined over: a Steiner tree in each connected part of the key graph.

    The tree grows by the shortest way to the nearest table that is not in it yet, which takes at most twice the fewest
    tables (Takahashi and Matsuyama, "An approximate solution for the Steiner problem in graphs", 1980). Ways of more
    than four keys are not taken.

    Args:
        tables: names in the graph, most important first.

    Returns:
        The same order, each table preceded by those that join it with the ones before. So every beginning of the
        result is joinable too, as far as the whole is.
    """
    tree: dict[str, None] = {}
    waiting = dict.fromkeys(tables)
    while waiting:
        way = _shortest_way(tree, waiting, linked) or (next(iter(waiting)),)
        tree.update(dict.fromkeys(way))
        for name in way:
            waiting.pop(name, None)
    within = {name: linked[name] & tree.keys() for name in tree}
    ordered: dict[str, None] = {}
    for name in dict.fromkeys(tables):
        ordered.update(dict.fromkeys(_shortest_way(ordered, {name: None}, within, longest=len(tree))))
        ordered[name] = None
    return tuple(ordered)


def _shortest_way(
    start: Mapping[str, None],
    goals: Mapping[str, None],
    linked: Linked,
    *,
    longest: int = _LONGEST,
) -> tuple[str, ...]:
    """Give the tables after `start` up to the nearest goal, names deciding between equals; empty if none is near."""
    came_from: dict[str, str] = {}
    waiting = deque((name, 0) for name in start)
    while waiting:
        name, keys = waiting.popleft()
        if keys and name in goals:
            way = [name]
            while (before := came_from[way[-1]]) not in start:
                way.append(before)
            return tuple(reversed(way))
        if keys < longest:
            for other in sorted(linked[name]):
                if other not in start and other not in came_from:
                    came_from[other] = name
                    waiting.append((other, keys + 1))
    return ()
