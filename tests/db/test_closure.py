"""The tables that others are joined over."""

from __future__ import annotations

import pytest

from agentsql.db.closure import join_closure, linked_tables
from agentsql.db.schema import Column, ForeignKey, Schema, Table


def table(name: str, *targets: str) -> Table:
    keys = tuple(ForeignKey((f"{target}_id",), target, ("id",)) for target in targets)
    return Table(name, (Column("id", "INT"), *(Column(f"{one}_id", "INT") for one in targets)), foreign_keys=keys)


MUSIC = linked_tables(
    Schema(
        "sqlite",
        (
            table("album", "artist"),
            table("artist"),
            table("customer", "employee"),
            table("employee", "employee"),
            table("genre"),
            table("invoice", "customer"),
            table("line", "invoice", "track"),
            table("playlist"),
            table("playlist_track", "playlist", "track"),
            table("track", "album", "genre"),
            table("unrelated"),
        ),
    )
)


def test_the_graph_has_no_directions_and_no_loops() -> None:
    assert MUSIC["track"] == {"album", "genre", "line", "playlist_track"}
    assert MUSIC["employee"] == {"customer"}
    assert MUSIC["unrelated"] == set()


@pytest.mark.parametrize(
    ("tables", "closed"),
    [
        pytest.param((), (), id="nothing"),
        pytest.param(("track",), ("track",), id="one table"),
        pytest.param(("track", "album"), ("track", "album"), id="neighbours"),
        pytest.param(("playlist", "track"), ("playlist", "playlist_track", "track"), id="a table between"),
        pytest.param(
            ("artist", "genre", "playlist"),
            ("artist", "album", "track", "genre", "playlist_track", "playlist"),
            id="a tree, each way told before its end",
        ),
        pytest.param(("unrelated", "genre"), ("unrelated", "genre"), id="no way"),
        pytest.param(("employee", "artist"), ("employee", "artist"), id="too far apart"),
        pytest.param(("genre", "genre"), ("genre",), id="named twice"),
    ],
)
def test_a_part_of_a_schema_is_made_joinable(tables: tuple[str, ...], closed: tuple[str, ...]) -> None:
    assert join_closure(tables, MUSIC) == closed


def test_a_shared_table_between_is_taken_once() -> None:
    star = linked_tables(Schema("sqlite", (table("a", "hub"), table("b", "hub"), table("c", "hub"), table("hub"))))
    assert join_closure(("a", "b", "c"), star) == ("a", "hub", "b", "c")


def test_of_two_ways_the_name_decides() -> None:
    square = linked_tables(Schema("sqlite", (table("y", "a", "b"), table("x", "a", "b"), table("b"), table("a"))))
    assert join_closure(("a", "b"), square) == ("a", "x", "b")
